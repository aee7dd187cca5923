"""Calendars and sessions as frames."""

import datetime as dt

import pandas as pd
import pytest

from tests.notebook.test_many_symbols import days, put
from tests.stored import Store, label
from webapp.coverage import corrections, session_lists
from webapp.errors import InvalidRequestError, NotFoundError
from webapp.job_manager import JobManager
from webapp.kernel.spans import Span


def test_calendars_have_their_names_and_zones() -> None:
    frame = JobManager.calendars()
    assert frame.loc["XPAR"].tolist() == ["Euronext Paris", "Europe/Paris"]
    assert frame.loc["24/7", "zone"] == ""
    assert (frame.index.name, list(frame.columns)) == ("code", ["name", "zone"])


def test_sessions_of_a_calendar_have_their_hours_and_holidays_are_left_out(store: Store) -> None:
    frame = JobManager.sessions(calendar="XNYS", start="2024-03-28", end=dt.date(2024, 4, 1))
    assert [str(day.date()) for day in frame.index] == ["2024-03-28", "2024-04-01"], "Good Friday"
    assert [str(time) for time in frame.iloc[0][["open", "close"]]] == [
        "2024-03-28 13:30:00+00:00",
        "2024-03-28 20:00:00+00:00",
    ]
    assert frame["break_start"].isna().all()
    assert {str(kind) for kind in (*frame.dtypes, frame.index.dtype)} == {"datetime64[us, UTC]"}
    assert (frame.index.name, frame.attrs) == ("session", {"calendar": "XNYS", "zone": "America/New_York"})


def test_a_lunch_break_is_told(store: Store) -> None:
    frame = JobManager.sessions(calendar="XHKG", start="2024-03-05", end="2024-03-05")
    assert frame[["break_start", "break_end"]].iloc[0].tolist() == [
        pd.Timestamp("2024-03-05 04:00", tz="UTC"),
        pd.Timestamp("2024-03-05 05:00", tz="UTC"),
    ]


def test_a_symbol_s_sessions_are_those_of_its_calendar_as_people_corrected_it(store: Store) -> None:
    put(store, "AAPL", days(0, 1))
    corrections.correct(store.context, "XNYS", "2024-03-05", "closed")
    of_symbol = JobManager.sessions("AAPL", start="2024-03-04", end="2024-03-08")
    assert [day.day for day in of_symbol.index] == [4, 6, 7, 8]
    assert of_symbol.equals(JobManager.sessions(calendar="XNYS", start="2024-03-04", end="2024-03-08"))


def test_without_dates_the_last_year_s_sessions_are_returned(store: Store) -> None:
    frame = JobManager.sessions(calendar="24/7")
    assert (len(frame), frame.index[-1]) == (365, pd.Timestamp("2024-03-06", tz="UTC"))
    assert len(JobManager.sessions(calendar="24/7", start="2024-03-01")) == 6
    assert len(JobManager.sessions(calendar="24/7", start="2024-05-01")) == 1, "a start to come is its own end"
    assert JobManager.sessions(calendar="XNYS", start="2024-03-09", end="2024-03-10").empty


def test_what_is_no_calendar_or_no_span_is_said(store: Store) -> None:
    for arguments, wrong in (
        ({}, "calendar"),
        ({"symbol": "AAPL", "calendar": "XNYS"}, "calendar"),
        ({"calendar": "XXXX"}, "calendar"),
        ({"calendar": "XNYS", "start": "2024-03-05", "end": "2024-03-04"}, "end"),
    ):
        put(store, "AAPL", days(0))
        with pytest.raises(InvalidRequestError) as caught:
            JobManager.sessions(**arguments)  # type: ignore[arg-type]  # words of the test's choice
        assert list(caught.value.fields) == [wrong]
    with pytest.raises(NotFoundError):
        JobManager.sessions("NOPE")


@pytest.mark.parametrize("code", ["XNYS", "XTAE", "XHKG", "24/5", "24/7"])
def test_dates_are_those_of_the_sessions(store: Store, code: str) -> None:
    from_sessions = JobManager.sessions(calendar=code, start="2023-12-01", end="2031-02-01")
    assert len(from_sessions) > 1000
    calendar, span = session_lists.by_code(code), Span(label("2023-12-01"), label("2031-02-02"))
    assert [int(day.timestamp()) for day in from_sessions.index] == calendar.dates(span)
    corrections.correct(store.context, code, "2024-03-10", "open")
    corrections.correct(store.context, code, "2024-03-12", "closed")
    corrected = session_lists.by_code(code)
    assert corrected.dates(span) == [session.label for session in corrected.sessions(span)]
    assert label("2024-03-10") in corrected.dates(span)
    assert label("2024-03-12") not in corrected.dates(span)
