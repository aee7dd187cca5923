"""Dates are whole days of the exchange, instants are half-open, and bars of days know dates only."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from webapp.kernel.days import moments_of, span_between
from webapp.kernel.intervals import DAY, HOUR, Interval
from webapp.kernel.spans import EVER, Span

THURSDAY = dt.date(2026, 11, 26)
SYDNEY = ZoneInfo("Australia/Sydney")


def at(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).timestamp())


@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        ("Australia/Sydney", "2026-11-26T00:00+11:00", "2026-11-27T00:00+11:00"),
        ("America/New_York", "2026-11-26T00:00-05:00", "2026-11-27T00:00-05:00"),
        ("Asia/Kolkata", "2026-11-26T00:00+05:30", "2026-11-27T00:00+05:30"),
        (None, "2026-11-26T00:00+14:00", "2026-11-27T00:00-12:00"),
    ],
)
def test_a_date_is_a_whole_day_of_the_exchange(zone: str | None, start: str, end: str) -> None:
    """Of an exchange that nobody knows, it is as long as it is anywhere."""
    known = ZoneInfo(zone) if zone else None
    assert span_between(THURSDAY, THURSDAY, is_dated=False, zone=known) == Span(at(start), at(end))


def test_a_day_on_which_the_clock_changes_is_as_long_as_it_is() -> None:
    sunday = dt.date(2026, 10, 4)
    assert span_between(sunday, sunday, is_dated=False, zone=SYDNEY).seconds == 23 * HOUR


def test_instants_are_half_open_and_utc_unless_they_say_otherwise() -> None:
    naive = dt.datetime(2026, 11, 26, 14, 30)  # noqa: DTZ001 -- as people type it
    aware = dt.datetime(2026, 11, 26, 16, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    span = span_between(naive, aware, is_dated=False, zone=SYDNEY)
    assert span == Span(at("2026-11-26T14:30+00:00"), at("2026-11-26T15:30+00:00"))


@pytest.mark.parametrize("end", [THURSDAY, dt.datetime(2026, 11, 26), dt.datetime(2026, 11, 26, tzinfo=SYDNEY)])  # noqa: DTZ001
def test_of_bars_of_days_only_the_date_counts(end: dt.date) -> None:
    label = at("2026-11-26T00:00+00:00")
    assert span_between(end, end, is_dated=True, zone=SYDNEY) == Span(label, label + DAY)
    minutes = span_between(end, end, is_dated=False, zone=SYDNEY, dates_only=True)
    assert minutes == span_between(THURSDAY, THURSDAY, is_dated=False, zone=SYDNEY)


def test_what_is_left_out_has_no_bound_and_any_date_is_taken() -> None:
    assert span_between(None, None, is_dated=False, zone=SYDNEY) == EVER
    for day in (dt.date.min, dt.date.max):
        assert span_between(day, day, is_dated=False, zone=SYDNEY).seconds == DAY


@pytest.mark.parametrize("interval", [Interval.H1, Interval.D1, Interval.W1])
def test_a_span_said_in_moments_is_the_same_span(interval: Interval) -> None:
    span = Span(at("2026-11-23T00:00+00:00"), at("2026-11-30T00:00+00:00"))
    start, end = moments_of(span, interval)
    assert span_between(start, end, is_dated=interval.is_dated, zone=SYDNEY) == span
