"""Calendars and their sessions as DataFrames."""

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

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
_NOT_A_TIME = np.iinfo(np.int64).min
"""What NumPy takes for no time at all."""


def calendars_frame() -> pd.DataFrame:
    """Return the calendars as ``JobManager.calendars`` describes them."""
    columns = {
        "name": pd.Series(list(CALENDARS.values()), dtype="str"),
        "zone": pd.Series([zone_of(code) or "" for code in CALENDARS], dtype="str"),
    }
    frame = pd.DataFrame(columns)
    frame.index = pd.Index(list(CALENDARS), name="code", dtype="str")
    return frame


def read_sessions(
    context: Context, row: SeriesRow | None, code: str | None, dates: tuple[dt.date | None, dt.date | None]
) -> pd.DataFrame:
    """Return sessions as ``JobManager.sessions`` describes them.

    :param row: the series whose instrument's calendar is meant, or else its ``code``.
    :raises InvalidRequestError: unless one of both is given, and dates are in their order.
    :raises CalendarError: when the calendar cannot be made.
    """
    if (row is None) == (code is None):
        message = sentence("Give either a symbol or a calendar, for example calendar=XPAR.")
        raise InvalidRequestError({"calendar": message})
    calendar = calendars.calendar(row.instrument_id, row.facts) if row else by_code(code or "")
    sessions = calendar.sessions(_span(context, calendar, dates))
    frame = sessions_frame(sessions)
    frame.attrs.update(calendar=calendar.code, zone=calendar.facts.timezone or "")
    return frame


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


def sessions_frame(sessions: Sequence[Session]) -> pd.DataFrame:
    """Return sessions, a row each; of one with several breaks, the first and the last are one."""
    parts = [session.parts for session in sessions]
    breaks = [(spans[0].end, spans[-1].start) if len(spans) > 1 else (_NOT_A_TIME, _NOT_A_TIME) for spans in parts]
    columns = {
        "open": _times([spans[0].start for spans in parts]),
        "close": _times([spans[-1].end for spans in parts]),
        "break_start": _times([start for start, _ in breaks]),
        "break_end": _times([end for _, end in breaks]),
    }
    return pd.DataFrame(columns, index=pd.DatetimeIndex(_times([each.label for each in sessions]), name="session"))


def _times(seconds: Sequence[int]) -> pd.DatetimeIndex:
    """Return epoch seconds as times of UTC; the least number of all is none."""
    return pd.DatetimeIndex(np.array(seconds, np.int64).astype("datetime64[s]").astype("datetime64[us]")).tz_localize(
        "UTC"
    )
