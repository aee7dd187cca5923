"""What an instrument may be assumed to have before its source has said anything: its exchange's hours, bars to come.

A plan is made of it, nothing else: what is stored is judged by what the source told.
"""

import dataclasses
import logging
from collections.abc import Iterable
from functools import lru_cache

from sqlalchemy import Connection

from webapp.coverage import queries_corrections
from webapp.coverage.calendar_files import CalendarError
from webapp.coverage.calendars import Calendar
from webapp.coverage.rules_exchanges import ALWAYS, WEEKDAYS, calendar_of
from webapp.coverage.rules_expected import Session, bars_due, expectations
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, WEEK, Interval
from webapp.kernel.spans import Span, within
from webapp.sources.base import SeriesQuery
from webapp.sources.choices import assume_facts
from webapp.sources.registry import capabilities_of

log = logging.getLogger(__name__)

_RECENT = 3 * WEEK
_AROUND = 5 * WEEK
_NOBODY_OLDER = 40 * 365 * DAY
"""Seconds: of an instrument that nobody knows yet no older bars are counted on."""


def assumed_facts(source: str, symbol: str, facts: InstrumentFacts, now: float) -> InstrumentFacts:
    """Return what is known of an instrument; of one never seen, what its symbol says and its exchange's usual hours.

    :param now: epoch seconds; the hours are those of the weeks before.
    """
    if facts.timezone is not None:
        return facts
    assumed = assume_facts(source, symbol)
    code = calendar_of(assumed)
    if assumed.timezone is None or code in (ALWAYS, WEEKDAYS):
        return assumed
    try:
        session = _usual_session(code, assumed.timezone, int(now) // DAY)
    except CalendarError:
        log.warning("the hours of %s are not known", code, exc_info=True)
        session = None
    if session is None:
        return assumed
    opens, closes = session.parts[0].start - session.midnight, session.parts[-1].end - session.midnight
    if opens < 0:  # a session that begins the evening before: as sources tell it
        return dataclasses.replace(assumed, session_close=closes)
    return dataclasses.replace(assumed, session_open=opens, session_close=closes)


@lru_cache(maxsize=64)
def _usual_session(code: str, timezone: str, day: int) -> Session | None:
    """Return the longest one of the weeks before a day (a number since 1970), the newest of several."""
    calendar = Calendar(code, InstrumentFacts(timezone=timezone))
    sessions = calendar.sessions(Span(day * DAY - _RECENT, day * DAY))
    return max(sessions, key=lambda session: (session.seconds, session.label), default=None)


def expected_bars(connection: Connection, series: SeriesQuery, source: str, spans: Iterable[Span], now: float) -> int:
    """Return about how many bars of a series start in spans, by the calendar of the instrument's exchange.

    :param now: epoch seconds.
    :raises CalendarError: when the calendar is not there yet and cannot be made.
    """
    facts = series.facts
    since = facts.first_trade if facts.first_trade is not None else int(now) - _NOBODY_OLDER
    from_opening = capabilities_of(source).opens_with_session
    clock = InstrumentFacts(
        kind=facts.kind, timezone=facts.timezone, session_open=facts.session_open, session_close=facts.session_close
    )
    frames = tuple(within(spans, Span(since - WEEK, int(now) + _AROUND)))
    code = calendar_of(facts)
    calendar = Calendar(code, clock, corrections=queries_corrections.read(connection, code))
    return sum(_count(calendar, series.interval, frame, from_opening=from_opening) for frame in frames)


@lru_cache(maxsize=256)
def _count(calendar: Calendar, interval: Interval, span: Span, *, from_opening: bool) -> int:
    """Return how many bars of one calendar start in a span; plans of many symbols ask for the same ones."""
    sessions = calendar.sessions(Span(span.start - _AROUND, span.end + _AROUND))
    if interval.is_dated:
        expected = expectations(sessions, interval, from_opening=from_opening)
        return sum(period.bars for period in expected if span.start <= period.label < span.end)
    return sum(_count_session(session, interval, span, from_opening=from_opening) for session in sessions)


def _count_session(session: Session, interval: Interval, span: Span, *, from_opening: bool) -> int:
    parts = within(session.parts, span)
    if parts == list(session.parts):
        return bars_due(session, interval, from_opening=from_opening)
    return sum(-(-part.seconds // interval.seconds) for part in parts)
