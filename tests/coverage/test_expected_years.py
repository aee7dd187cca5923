"""What a calendar lets expect, kept by years: as counted at once, and counted once for all series of an exchange."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties import examples
from webapp.coverage import calendar_files
from webapp.coverage.calendar_files import WIDTH
from webapp.coverage.calendars import Calendar
from webapp.coverage.expected_years import AROUND, expected_in
from webapp.coverage.rules_expected import expectations
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.spans import Span

HOURS = {
    "XNYS": InstrumentFacts(timezone="America/New_York", session_open=34_200, session_close=57_600),
    "XTKS": InstrumentFacts(timezone="Asia/Tokyo"),
    "24/5": InstrumentFacts(timezone="Europe/London"),
    "24/7": InstrumentFacts(timezone="UTC"),
}
FIRST, LAST = (int(dt.datetime(year, 1, 1, tzinfo=dt.UTC).timestamp()) for year in (2019, 2029))
SUMMER = Span(FIRST + 170 * DAY, FIRST + 1200 * DAY)


@settings(max_examples=examples(60), deadline=None)
@given(
    st.sampled_from(sorted(HOURS)),
    st.sampled_from([Interval.H1, Interval.D1, Interval.W1, Interval.MO1]),
    st.integers(FIRST, LAST),
    st.integers(0, 1500 * DAY),
)
def test_years_say_what_one_count_over_the_span_says(code: str, interval: Interval, start: int, length: int) -> None:
    calendar, span = Calendar(code, HOURS[code]), Span(start, start + length)
    sessions = calendar.sessions(Span(span.start - AROUND, span.end + AROUND))
    at_once = expectations(sessions, interval, from_opening=True)
    expected = [(one.label, one.parts, one.bars) for one in at_once if span.start <= one.label < span.end]
    by_years = expected_in(calendar, interval, span, from_opening=True)
    assert [(one.label, one.parts, one.bars) for one in by_years] == expected


def test_another_instrument_of_the_exchange_needs_no_session_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    apple, microsoft = (
        Calendar("XNYS", InstrumentFacts(name=name, timezone="America/New_York")) for name in ("Apple", "Microsoft")
    )
    first = expected_in(apple, Interval.D1, SUMMER, from_opening=True)
    monkeypatch.setattr(Calendar, "sessions", None)
    assert expected_in(microsoft, Interval.D1, SUMMER, from_opening=True) == first
    assert len(first) > 600


def test_a_day_that_a_person_corrects_is_seen_at_once() -> None:
    calendar = Calendar("XNYS", HOURS["XNYS"])
    before = expected_in(calendar, Interval.D1, SUMMER, from_opening=True)
    closed = Calendar("XNYS", HOURS["XNYS"], corrections=((before[10].label, False),))
    assert expected_in(closed, Interval.D1, SUMMER, from_opening=True) == [*before[:10], *before[11:]]


def test_a_new_edition_of_a_calendar_is_seen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calendar = Calendar("XNYS", HOURS["XNYS"])
    span = Span(FIRST, FIRST + 700 * DAY)
    before = expected_in(calendar, Interval.D1, span, from_opening=True)
    rows = calendar_files.rows("XNYS")
    shorter = [index for index in range(0, len(rows), WIDTH) if rows[index] * DAY < before[-30].label]
    monkeypatch.setattr(calendar_files, "rows", lambda _: rows[: shorter[-1] + WIDTH])
    after = expected_in(calendar, Interval.D1, span, from_opening=True)
    assert {one.label for one in before} != {one.label for one in after}, "weekdays stand in for holidays"
