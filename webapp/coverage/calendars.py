"""When an instrument trades: real holidays, half days and lunch breaks, without pandas in the process that asks."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from webapp.coverage import calendar_files, queries_completeness, queries_corrections
from webapp.coverage import queries_calendars as store
from webapp.coverage.calendar_files import WIDTH
from webapp.coverage.corrections import no_such_calendar
from webapp.coverage.queries_corrections import Corrections
from webapp.coverage.rules_exchanges import ALWAYS, CALENDARS, WEEKDAYS, calendar_of
from webapp.coverage.rules_expected import Session
from webapp.database.transactions import reading, writing
from webapp.errors import InvalidRequestError
from webapp.kernel.closing import local_instant
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, WEEK
from webapp.kernel.spans import Span

_SATURDAY = 5
_MONDAYS_OFFSET = 3  # 1970-01-01 was a Thursday
_RECENT = 20
_NEAR = 3 * WEEK


@dataclass(frozen=True, slots=True)
class Calendar:
    """The sessions of an instrument. ``is_chosen`` tells that a person chose the calendar."""

    code: str
    facts: InstrumentFacts
    is_chosen: bool = False
    corrections: Corrections = ()
    """What people corrected: dates with whether the exchange is open."""

    def sessions(self, span: Span) -> list[Session]:
        """Return the sessions whose dates (00:00 UTC) lie in ``span``, oldest first.

        :raises CalendarError: when the exchange's calendar is not there yet and cannot be made.
        """
        sessions = self._uncorrected(span)
        said = {day: is_open for day, is_open in self.corrections if span.start <= day < span.end}
        if not said:
            return sessions
        unchanged = [session for session in sessions if said.get(session.label, True)]
        there = {session.label for session in sessions}
        opened = [self._like_one_near(day) for day, is_open in said.items() if is_open and day not in there]
        return sorted([*unchanged, *opened], key=lambda session: session.label)

    def dates(self, span: Span) -> list[int]:
        """Return the dates of the sessions (00:00 UTC) that lie in ``span``, ascending, without their hours.

        :raises CalendarError: as ``sessions``.
        """
        said = {day: is_open for day, is_open in self.corrections if span.start <= day < span.end}
        opened = {day for day, is_open in said.items() if is_open}
        return sorted({day for day in self._uncorrected_dates(span) if said.get(day, True)} | opened)

    def _uncorrected_dates(self, span: Span) -> list[int]:
        days = range(-(-span.start // DAY), -(-span.end // DAY))
        if self.code in (ALWAYS, WEEKDAYS):
            return [day * DAY for day in days if self.code == ALWAYS or _is_weekday(day)]
        rows = calendar_files.rows(self.code)
        listed = rows[::WIDTH]
        there = listed[bisect_left(listed, days.start) : bisect_left(listed, days.stop)]
        return [day * DAY for day in (*there, *_days_like_the_last(rows, days))]

    def _like_one_near(self, day: int) -> Session:
        """Return a session of a day that the calendar calls closed: its hours are the usual ones around it."""
        around = self._uncorrected(Span(day - _NEAR, day + _NEAR))
        if not around:
            zone = ZoneInfo(self.facts.timezone or "UTC")
            return _whole_day(day, DAY, zone)
        usual = max(around, key=lambda session: (session.seconds, -abs(session.label - day)))
        midnight = local_instant(day, 0, ZoneInfo(self.facts.timezone or "UTC"))
        later = midnight - usual.midnight
        return Session(day, tuple(Span(part.start + later, part.end + later) for part in usual.parts), midnight)

    def _uncorrected(self, span: Span) -> list[Session]:
        """Return the sessions as the calendar has them."""
        zone = ZoneInfo(self.facts.timezone or "UTC")
        if self.code in (ALWAYS, WEEKDAYS):
            return self._around_the_clock(span, zone)
        rows = calendar_files.rows(self.code)
        days = rows[::WIDTH]
        first, last = bisect_left(days, -(-span.start // DAY)), bisect_left(days, -(-span.end // DAY))
        sessions = [_session(rows[index * WIDTH : (index + 1) * WIDTH], zone) for index in range(first, last)]
        return sessions + list(_like_the_last(rows, span, zone))

    @property
    def known_until(self) -> int | None:
        """The date (00:00 UTC, exclusive) from which on holidays are not known; None where there are none.

        Some exchanges announce theirs year by year. Every weekday is expected to trade then, as the last ones did.

        :raises CalendarError: as for sessions.
        """
        if self.code in (ALWAYS, WEEKDAYS):
            return None
        days = calendar_files.rows(self.code)[::WIDTH]
        return (days[-1] + 1) * DAY

    def _around_the_clock(self, span: Span, zone: ZoneInfo) -> list[Session]:
        """Return days from midnight to midnight; currencies at IBKR trade from one close to the next."""
        days = range(-(-span.start // DAY), -(-span.end // DAY))
        days_open = [day for day in days if self.code == ALWAYS or _is_weekday(day)]
        closes = self.facts.session_close
        evening = self.code == WEEKDAYS and self.facts.session_open is None and closes is not None
        end = closes if evening and closes is not None else DAY
        return [_whole_day(day * DAY, end, zone) for day in days_open]


def _whole_day(label: int, end: int, zone: ZoneInfo) -> Session:
    """Return the 24 hours up to ``end`` seconds after local midnight; 23 or 25 when the clock changes."""
    trading = Span(local_instant(label, end - DAY, zone), local_instant(label, end, zone))
    return Session(label, (trading,), local_instant(label, 0, zone))


def _session(row: Sequence[int], zone: ZoneInfo) -> Session:
    day, opens, break_start, break_end, closes = row
    has_break = break_start != break_end
    parts = (Span(opens, break_start), Span(break_end, closes)) if has_break else (Span(opens, closes),)
    return Session(day * DAY, parts, local_instant(day * DAY, 0, zone))


def _like_the_last(rows: Sequence[int], span: Span, zone: ZoneInfo) -> Iterator[Session]:
    """Yield a session for every weekday of a span that is later than all rows; its hours are the usual ones lately."""
    day, *hours = max(_recent(rows), key=lambda row: (row[4] - row[1], row[0]))
    midnight = local_instant(day * DAY, 0, zone)
    for weekday in _days_like_the_last(rows, range(-(-span.start // DAY), -(-span.end // DAY))):
        instants = [local_instant(weekday * DAY, hour - midnight, zone) if hour else 0 for hour in hours]
        yield _session([weekday, *instants], zone)


def _recent(rows: Sequence[int]) -> list[Sequence[int]]:
    """Return the last rows."""
    return [rows[start : start + WIDTH] for start in range(max(0, len(rows) - _RECENT * WIDTH), len(rows), WIDTH)]


def _days_like_the_last(rows: Sequence[int], days: range) -> Iterator[int]:
    """Yield those of some days that are later than all rows and on which the exchange usually trades."""
    is_working = _works_from_sunday if _has_sundays(_recent(rows)) else _is_weekday
    yield from filter(is_working, range(max(days.start, rows[-WIDTH] + 1), days.stop))


def _has_sundays(rows: Iterable[Sequence[int]]) -> bool:
    """Tell whether the week of an exchange goes from Sunday to Thursday, by its last sessions."""
    return any((row[0] + _MONDAYS_OFFSET) % 7 > _SATURDAY for row in rows)


def _works_from_sunday(day: int) -> bool:
    return (day + 1 + _MONDAYS_OFFSET) % 7 < _SATURDAY


def _is_weekday(day: int) -> bool:
    return (day + _MONDAYS_OFFSET) % 7 < _SATURDAY


def calendar(instrument_id: int, facts: InstrumentFacts) -> Calendar:
    """Return the calendar of an instrument: the one that a person chose, or that of its exchange."""
    with reading() as connection:
        return calendar_in(connection, instrument_id, facts)


def calendar_in(connection: Connection, instrument_id: int, facts: InstrumentFacts) -> Calendar:
    """Return it in the caller's transaction."""
    chosen = store.chosen(connection, instrument_id)
    code = chosen or calendar_of(facts)
    return Calendar(code, facts, chosen is not None, queries_corrections.read(connection, code))


def calendars_of(instruments: Mapping[int, InstrumentFacts]) -> dict[int, Calendar]:
    """Return the calendars of many instruments, by their ids."""
    with reading() as connection:
        chosen = store.chosen_of(connection, list(instruments))
        codes = {instrument: chosen.get(instrument) or calendar_of(facts) for instrument, facts in instruments.items()}
        corrections = {code: queries_corrections.read(connection, code) for code in set(codes.values())}
    return {
        instrument: Calendar(codes[instrument], facts, instrument in chosen, corrections[codes[instrument]])
        for instrument, facts in instruments.items()
    }


def choose(instrument_id: int, code: str) -> None:
    """Let an instrument follow another calendar; with the empty text, that of its exchange again.

    :raises InvalidRequestError: with the field ``calendar`` when there is none of this code.
    """
    if code and code not in CALENDARS:
        raise InvalidRequestError({"calendar": no_such_calendar(code)})
    with writing() as connection:
        store.choose(connection, instrument_id, code or None)
        queries_completeness.forget(connection, instrument_id)
