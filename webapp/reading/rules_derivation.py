"""Which larger bars (weekly of daily, hourly of minutes) smaller ones make, and which of these are finished."""

import dataclasses
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from webapp.coverage.rules_exchanges import rests_on_weekends
from webapp.kernel.closing import closed_until, local_date_label, local_instant
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, EPOCH_MONDAY, WEEK, Interval, next_start

_SATURDAY = 5 * DAY


def makes(interval: Interval) -> list[Interval]:
    """Return the larger intervals that bars of this one make, ascending.

    Shorter than a day are whole multiples; days are made of anything shorter, weeks and months of days: a week may
    reach across the end of a month.
    """
    if interval.is_dated:
        return [Interval.W1, Interval.MO1] if interval is Interval.D1 else []
    return [step for step in Interval if step.seconds > interval.seconds and _fits(interval, step)]


def _fits(interval: Interval, step: Interval) -> bool:
    return step.is_dated or step.seconds % interval.seconds == 0


@dataclass(frozen=True, slots=True)
class Trading:
    """When a series has bars: facts of its instrument, and the code of the calendar that it follows."""

    facts: InstrumentFacts
    calendar: str
    is_at_all_hours: bool = False
    """Whether it holds bars from outside the regular session."""

    @property
    def ends_with_its_session(self) -> bool:
        """Whether nothing of a date comes after the close: where sessions open the evening before, much does."""
        opens, closes = self.facts.session_open, self.facts.session_close
        if opens is None or closes is None or self.is_at_all_hours:
            return False
        return opens < closes <= DAY


@dataclass(frozen=True, slots=True)
class Finished:
    """Tells of bars of ``step`` whether they are finished when all is known before an instant (epoch seconds).

    A day is over with its regular session, where that is known and the series holds no other hours; a week with its
    last day of trading, which is no Saturday or Sunday where the calendar says so.
    """

    step: Interval
    facts: InstrumentFacts
    zone: ZoneInfo
    known_until: int
    label: int
    """The first date (00:00 UTC) that is not over."""

    def is_finished(self, start: int) -> bool:
        """Tell it of the bar that starts at an instant, or at a date for bars of a day and longer."""
        if self.step.is_dated:
            return next_start(start, self.step) <= self.label
        return start + self.step.seconds <= self.known_until or self._end(start) <= self.known_until

    def _end(self, start: int) -> int:
        """Return when a short bar ends at the latest: none reaches across the close or midnight."""
        day = local_date_label(start, self.zone)
        close = local_instant(day, self.facts.session_close or DAY, self.zone)
        midnight = local_instant(day, DAY, self.zone)
        return min(start + self.step.seconds, close if start < close else midnight)


def finished(step: Interval, trading: Trading, zone: ZoneInfo, known_until: int) -> Finished:
    """Return what tells finished bars of intraday series; all of the series is known before ``known_until``."""
    facts = dataclasses.replace(trading.facts, timezone=zone.key)
    if not trading.ends_with_its_session:
        facts = dataclasses.replace(facts, session_close=None)
    label = closed_until(Interval.D1, facts, known_until, 0)
    return Finished(step, facts, zone, known_until, rested(label, trading.calendar))


def finished_dates(step: Interval, trading: Trading, zone: ZoneInfo, label: int) -> Finished:
    """Return what tells finished bars of daily series; all of the series is known before the date ``label``."""
    return Finished(step, trading.facts, zone, 0, rested(label, trading.calendar))


def rested(label: int, calendar: str) -> int:
    """Return the next date on which something may be traded by a calendar, the given one or the Monday after it."""
    weekday = (label - EPOCH_MONDAY) % WEEK
    return label - weekday + WEEK if weekday >= _SATURDAY and rests_on_weekends(calendar) else label
