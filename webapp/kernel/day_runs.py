"""The exchange's days as instants: runs of days that begin at one wall-clock offset, so that SQL can group by them.

Neither SQLite nor a plain ``GROUP BY`` knows time zones. Between two changes of the clocks an exchange's days follow
each other every 86,400 seconds, and a change is a run of one day of its own length; within a run, a bar's date and its
place in the day are whole-number arithmetic.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from webapp.kernel.closing import local_date_label, local_instant
from webapp.kernel.intervals import DAY, HOUR, MINUTE
from webapp.kernel.spans import Span


@dataclass(frozen=True, slots=True)
class ExchangeClock:
    """How an exchange counts time. ``opening`` is seconds after local midnight (0 when it is not known).

    ``day_start`` is when the day of a date begins, in seconds after its midnight: a negative number for the evening
    before, where sessions open then (futures, currencies). ``is_wall`` tells that bars stand where the wall clock shows
    their multiples of time, also on a day on which it is changed; otherwise they are counted from the day's begin.
    """

    zone: ZoneInfo
    opening: int = 0
    day_start: int = 0
    is_wall: bool = False

    @property
    def name(self) -> str:
        """What candles depend on, as text: those made by another clock are of no use."""
        name = f"{self.zone.key} {self.opening}"
        return f"{name} {self.day_start}" if self.day_start else name

    def label(self, time: int) -> int:
        """Return the date (00:00 UTC, epoch seconds) of the exchange's day in which an instant lies."""
        if not self.day_start:
            return local_date_label(time, self.zone)
        wall = dt.datetime.fromtimestamp(time, self.zone).replace(tzinfo=dt.UTC)
        shifted = int(wall.timestamp()) - self.day_start
        return shifted - shifted % DAY

    def midnight(self, label: int) -> int:
        """Return the instant at which the exchange's day of a date begins."""
        return local_instant(label, self.day_start, self.zone)

    def whole_days(self, span: Span) -> Span:
        """Return the span widened to whole days of the exchange."""
        if not span:
            return span
        return Span(self.midnight(self.label(span.start)), self.midnight(self.label(span.end - 1) + DAY))

    def inner_days(self, span: Span) -> Span:
        """Return the whole days of the exchange that lie in the span; may be empty."""
        if not span:
            return span
        first, last = self.label(span.start), self.label(span.end)
        start = self.midnight(first)
        return Span(start if start == span.start else self.midnight(first + DAY), self.midnight(last))


@dataclass(frozen=True, slots=True)
class DayRun:
    """Days that follow each other every ``length`` seconds: ``label`` is the first one's date, ``span`` their instants.

    ``opening`` is how many seconds after its begin each day's session opens, by a clock that is not changed.
    """

    span: Span
    label: int
    length: int
    opening: int

    def bucket(self, time: int, step: int) -> int:
        """Return the start of the candle that a bar of this run belongs to: a date for ``step`` of a day.

        Shorter candles count from the session's opening, in both directions, and none reaches across midnight.
        """
        days, rest = divmod(time - self.span.start, self.length)
        if step >= DAY:
            return self.label + days * DAY
        phase = self.opening % step
        return time - rest + (0 if rest < phase else (rest - phase) // step * step + phase)


def day_runs(clock: ExchangeClock, span: Span) -> Iterator[DayRun]:
    """Yield the runs of the exchange's days that a span touches, oldest first.

    They are of whole days: the first and the last one may reach beyond the span.
    """
    if not span:
        return
    label = clock.label(span.start)
    last = clock.label(span.end - 1)
    while label <= last:
        start = clock.midnight(label)
        length, opening = clock.midnight(label + DAY) - start, _opening(clock, label, start)
        days = 1 if length != DAY else _steady_days(clock, label, last, opening)
        end = clock.midnight(label + days * DAY)
        run = DayRun(Span(start, end), label, length, opening)
        yield from _split_at_change(clock, run) if clock.is_wall and length != DAY else (run,)
        label += days * DAY


def _split_at_change(clock: ExchangeClock, run: DayRun) -> Iterator[DayRun]:
    """Yield the parts of a day before and after the clock is changed; its bars stand on the wall clock in both."""
    earlier, later = run.span.start, run.span.end
    before = dt.datetime.fromtimestamp(earlier, clock.zone).utcoffset()
    while later - earlier > 1:
        middle = (earlier + later) // 2
        is_before = dt.datetime.fromtimestamp(middle, clock.zone).utcoffset() == before
        earlier, later = (middle, later) if is_before else (earlier, middle)
    wall = dt.datetime.fromtimestamp(later, clock.zone)
    shown = wall.hour * HOUR + wall.minute * MINUTE + wall.second
    yield DayRun(Span(run.span.start, later), run.label, run.length, run.opening)
    yield DayRun(Span(later, run.span.end), run.label, run.length, DAY - shown)


def _opening(clock: ExchangeClock, label: int, midnight: int) -> int:
    if not clock.opening and not clock.day_start:
        return 0
    return local_instant(label, clock.opening, clock.zone) - midnight


def _steady_days(clock: ExchangeClock, label: int, last: int, opening: int) -> int:
    """Return for how many days from a date on, at least one, days are alike.

    Clocks are changed weeks apart, so whole weeks are skipped while both of their ends are alike.
    """
    start = clock.midnight(label)

    def is_like(days: int) -> bool:
        date = label + days * DAY
        return clock.midnight(date) == start + days * DAY and _opening(clock, date, clock.midnight(date)) == opening

    days, limit = 1, (last - label) // DAY + 1
    while days < limit:
        step = 7 if days + 7 <= limit and is_like(days + 7) else 1
        if step == 1 and not (is_like(days) and is_like(days + 1)):
            break
        days += step
    return days
