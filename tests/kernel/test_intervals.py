"""Lengths of bars, and the periods that instants belong to."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.kernel.intervals import DAY, Interval, bar_end, next_start, parse_interval, period_start


def label(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())


@pytest.mark.parametrize(
    ("interval", "seconds"), [("30s", 30), ("1m", 60), ("90m", None), ("4h", 14_400), ("1d", DAY), ("1wk", 7 * DAY)]
)
def test_an_interval_knows_its_length(interval: str, seconds: int | None) -> None:
    if seconds is None:
        with pytest.raises(ValueError, match="90m"):
            Interval(interval)
    else:
        assert Interval(interval).seconds == seconds


def test_only_days_and_longer_are_dated() -> None:
    assert [interval for interval in Interval if interval.is_dated] == [Interval.D1, Interval.W1, Interval.MO1]


@pytest.mark.parametrize(
    ("interval", "begins", "next_begins"),
    [
        (Interval.M5, "2024-02-29T13:35:00", "2024-02-29T13:40:00"),
        (Interval.D1, "2024-02-29", "2024-03-01"),
        (Interval.W1, "2024-02-26", "2024-03-04"),
        (Interval.MO1, "2024-02-01", "2024-03-01"),
    ],
)
def test_a_period_begins_on_its_day_monday_or_first(interval: Interval, begins: str, next_begins: str) -> None:
    instant = label("2024-02-29T13:37:11")
    assert period_start(instant, interval) == label(begins)
    assert next_start(instant, interval) == label(next_begins)


@given(st.integers(-2_000_000_000, 4_000_000_000), st.sampled_from(Interval))
def test_every_instant_lies_in_exactly_one_period(time: int, interval: Interval) -> None:
    start, following = period_start(time, interval), next_start(time, interval)
    assert start <= time < following
    assert period_start(start, interval) == start
    assert period_start(following - 1, interval) == start
    assert period_start(following, interval) == following


@pytest.mark.parametrize(
    ("interval", "start", "end"),
    [
        (
            Interval.H1,
            "2024-02-29T13:30:00",
            "2024-02-29T14:30:00",
        ),  # hours from a session's opening, not from midnight
        (Interval.D1, "2024-02-29", "2024-03-01"),
        (Interval.W1, "2024-02-26", "2024-03-04"),
        (Interval.W1, "2024-02-28", "2024-03-04"),  # a label in the midst of its week
        (Interval.MO1, "2024-02-01", "2024-03-01"),
    ],
)
def test_a_bar_ends_with_its_period_or_after_its_length(interval: Interval, start: str, end: str) -> None:
    assert bar_end(label(start), interval) == label(end)


@pytest.mark.parametrize(
    ("texts", "interval"),
    [
        (("1d", "1D", " 1 day ", "daily", "d", "D", "1-day", "01d"), Interval.D1),
        (("1h", "60m", "60min", "60 mins", "1hour", "1 hour", "1H", "hourly", "3600s"), Interval.H1),
        (("1m", "m", "min", "1 min", "1MIN", "60s"), Interval.M1),
        (("1M", "M", "1mo", "1 month", "monthly", "1mon"), Interval.MO1),
        (("1wk", "1w", "1W", "weekly", "1 week"), Interval.W1),
        (("30 secs", "30s", "30 seconds"), Interval.S30),
        (("5M", "15M", "90m", "24h", "7d", "2wk", "0m", "", "1", "1ms", "1x", "1.5h", "-1h", "\u0661m"), None),
    ],
)
def test_an_interval_is_understood_however_it_is_spelt(texts: tuple[str, ...], interval: Interval | None) -> None:
    assert {text: parse_interval(text) for text in texts} == dict.fromkeys(texts, interval)


@pytest.mark.parametrize("interval", Interval)
def test_an_interval_s_own_name_means_itself(interval: Interval) -> None:
    assert parse_interval(interval.value) is interval
