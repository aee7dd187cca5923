"""What a calendar lets expect of series, kept year by year: all series of an exchange share it.

Counting twenty years of days took two fifths of the processor time of collecting them.
"""

import datetime as dt
from bisect import bisect_left
from functools import lru_cache

from webapp.coverage.calendars import Calendar
from webapp.coverage.rules_expected import Expected, expectations
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import WEEK, Interval
from webapp.kernel.spans import Span

AROUND = 5 * WEEK
"""A month and a session begin at most so long before any instant that belongs to them."""
_KEPT = 128
"""Years of one exchange and interval; one of days takes some 80 kB."""


def expected_in(calendar: Calendar, interval: Interval, span: Span, *, from_opening: bool) -> list[Expected]:
    """Return what is expected of the periods that begin in a span of labels, oldest first.

    :raises CalendarError: when the exchange's calendar is not there yet and cannot be made.
    """
    if not span:
        return []
    known_until = calendar.known_until
    shared = _shared(calendar)
    years = range(year_of(span.start), year_of(span.end - 1) + 1)
    of_years = (_of_year(shared, interval, year, known_until, from_opening=from_opening) for year in years)
    expected = [period for of_year in of_years for period in of_year]
    first, last = (bisect_left(expected, label, key=lambda period: period.label) for label in (span.start, span.end))
    return expected[first:last]


def year_of(time: int) -> int:
    """Return the year (UTC) of an instant."""
    return dt.datetime.fromtimestamp(time, dt.UTC).year


def year_span(year: int) -> Span:
    """Return a year (UTC)."""
    start, end = (int(dt.datetime(number, 1, 1, tzinfo=dt.UTC).timestamp()) for number in (year, year + 1))
    return Span(start, end)


def _shared(calendar: Calendar) -> Calendar:
    """Return a calendar without what is the instrument's own: instruments of the same hours have the same."""
    facts = calendar.facts
    hours = InstrumentFacts(timezone=facts.timezone, session_open=facts.session_open, session_close=facts.session_close)
    return Calendar(calendar.code, hours, corrections=tuple(calendar.corrections))


@lru_cache(maxsize=_KEPT)
def _of_year(
    calendar: Calendar,
    interval: Interval,
    year: int,
    known_until: int | None,  # noqa: ARG001 -- tells one edition of a calendar from the next
    *,
    from_opening: bool,
) -> tuple[Expected, ...]:
    span = year_span(year)
    before = AROUND if interval in (Interval.W1, Interval.MO1) else 0
    sessions = calendar.sessions(Span(span.start - before, span.end + before))
    periods = expectations(sessions, interval, from_opening=from_opening)
    return tuple(period for period in periods if span.start <= period.label < span.end)
