"""When an exchange trades: the sessions of a calendar, as people and programs list them."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from webapp.context import Context
from webapp.coverage import calendars, queries_corrections
from webapp.coverage.calendars import Calendar
from webapp.coverage.corrections import no_such_calendar
from webapp.coverage.rules_exchanges import CALENDARS, zone_of
from webapp.coverage.rules_expected import Session
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError, sentence
from webapp.kernel.days import label_of, span_between
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY
from webapp.kernel.spans import Span
from webapp.series.queries_series import SeriesRow

_FIRST, _LAST = label_of(dt.date(1960, 1, 1)), label_of(dt.date(2201, 1, 1))
"""Sessions are made between these."""
_YEAR = 365 * DAY


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A session: its date (a label), and instants (epoch seconds); ``pause`` is a lunch break's start and end."""

    label: int
    open: int
    close: int
    pause: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class SessionList:
    """The sessions of a calendar by its code, in the exchange's time zone (empty for a calendar of no place)."""

    calendar: str
    zone: str
    sessions: tuple[ListedSession, ...]


def list_sessions(
    context: Context, row: SeriesRow | None, code: str | None, dates: tuple[dt.date | None, dt.date | None]
) -> SessionList:
    """Return the sessions of a calendar between two dates, both included; by default of the last year.

    :param row: the series whose instrument's calendar is meant, or else its ``code``.
    :raises InvalidRequestError: unless one of both is given, and dates are in their order.
    :raises CalendarError: when the calendar cannot be made.
    """
    if (row is None) == (code is None):
        message = sentence("Give either a symbol or a calendar, for example calendar=XPAR.")
        raise InvalidRequestError({"calendar": message})
    calendar = calendars.calendar(row.instrument_id, row.facts) if row else by_code(code or "")
    sessions = calendar.sessions(_span(context, calendar, dates))
    return SessionList(calendar.code, calendar.facts.timezone or "", tuple(map(_listed, sessions)))


def _listed(session: Session) -> ListedSession:
    """Return a session; of one with several breaks, the first and the last are one."""
    first, *_, last = (*session.parts, session.parts[-1])
    pause = (first.end, last.start) if len(session.parts) > 1 else None
    return ListedSession(session.label, first.start, last.end, pause)


def by_code(code: str) -> Calendar:
    """Return a calendar as people corrected it.

    :raises InvalidRequestError: with the field ``calendar`` when there is none of this code.
    """
    if code not in CALENDARS:
        raise InvalidRequestError({"calendar": no_such_calendar(code)})
    with reading() as connection:
        corrections = queries_corrections.read(connection, code)
    return Calendar(code, InstrumentFacts(timezone=zone_of(code)), corrections=corrections)


def _span(context: Context, calendar: Calendar, dates: tuple[dt.date | None, dt.date | None]) -> Span:
    """Return the labels of sessions between two dates, by default of the year that ends today at the exchange."""
    first, last = dates
    span = span_between(first, last, is_dated=True, zone=None)
    if first and last and not span:
        message = sentence("The end lies before the start. Exchange the two, or choose a later end.")
        raise InvalidRequestError({"end": message})
    today = label_of(context.now().astimezone(ZoneInfo(calendar.facts.timezone or "UTC")).date())
    end = span.end if last else max(today, span.start if first else today) + DAY
    start = span.start if first else end - _YEAR
    return Span(max(start, _FIRST), min(end, _LAST))
