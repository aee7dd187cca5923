"""Lines of people's own files: numbers, times, and what their columns look like."""

import datetime as dt
from typing import Any

import pytest

from webapp.kernel.intervals import Interval
from webapp.sources.own.layouts.rules_layout_guess import guess, order_of
from webapp.sources.own.rules_imported import DateOrder, Names, Reading, UnreadableLineError
from webapp.sources.own.rules_numbers import number, volume
from webapp.sources.own.rules_rows import Rows
from webapp.sources.own.rules_times import Moments

COLUMNS = {"time": 0, "open": 1, "high": 2, "low": 3, "close": 4}


def epoch(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())


def moments(order: str = "ymd", zone: str = "UTC", interval: str = "1m", names: str = "start") -> Moments:
    return Moments(Reading(COLUMNS, DateOrder(order), zone, Names(names), Interval(interval), "."))


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("1234.5", ".", 1234.5),
        ("1,234.5", ".", 1234.5),
        ("1234,5", ",", 1234.5),
        ("1.234,5", ",", 1234.5),
        ("12\u202f345,25", ",", 12345.25),
        ("1'234.5", ".", 1234.5),
        ("-1e-3", ".", -0.001),
        ("$191.56", ".", 191.56),
        ("€1.234,5", ",", 1234.5),
        ("12,50\u00a0€", ",", 12.5),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, decimal: str, value: float) -> None:
    assert number(text, decimal) == value


@pytest.mark.parametrize(
    "text", ["", "nan", "inf", "12,5", "1_0", "=1+1", "1,23,456.0", "٣", "9" * 400, "1e999", "$", "1$5"]
)
def test_what_is_no_number_is_refused_rather_than_guessed(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        number(text, ".")


def test_a_volume_may_be_empty_or_count_in_millions() -> None:
    assert [volume(text, ".") for text in ("", "1.5M", "12K", "7")] == [0.0, 1_500_000.0, 12_000.0, 7.0]


def test_a_volume_without_end_is_no_number() -> None:
    with pytest.raises(ValueError, match="inf"):
        volume("1e308K", ".")


@pytest.mark.parametrize(
    ("cell", "order", "zone", "interval", "told"),
    [
        ("9999-12-31T23:59:00-05:00", "ymd", "UTC", "1d", "after the year 2200"),
        ("9999-12-31T23:59:00Z", "ymd", "Asia/Tokyo", "1d", "after the year 2200"),
        ("9999-12-31 24:00", "ymd", "Europe/Paris", "1h", "after the year 2200"),
        ("2201-01-01", "ymd", "UTC", "1mo", "after the year 2200"),
        ("1899-12-31", "ymd", "UTC", "1d", "before the year 1900"),
        (-3_000_000_000, "s", "UTC", "1d", "before the year 1900"),
        ("1" * 400, "s", "UTC", "1m", "is not a date"),
        ([1, 2], "s", "UTC", "1m", "is not a date"),
        ({"a": 1}, "ymd", "UTC", "1m", "is not a date"),
        ("2024-01-05 10:00:00.1" + "0" * 5000, "ymd", "UTC", "1m", "is not a time of day"),
    ],
)
def test_times_far_away_and_what_is_no_time_are_told(
    cell: Any,  # noqa: ANN401 -- a typed file may hold anything
    order: str,
    zone: str,
    interval: str,
    told: str,
) -> None:
    with pytest.raises(UnreadableLineError, match=told):
        moments(order, zone, interval).start(cell)


@pytest.mark.parametrize(
    ("cell", "order", "start"),
    [
        ("2024-03-01T14:30:00Z", "ymd", "2024-03-01T14:30"),
        ("2024-03-01 14:30:00.000000Z", "ymd", "2024-03-01T14:30"),
        ("2024-03-01 16:30+02:00", "ymd", "2024-03-01T14:30"),
        ("20240301 143000", "ymd", "2024-03-01T14:30"),
        ("2024.03.01 14:30", "ymd", "2024-03-01T14:30"),
        ("01/03/2024 14:30", "dmy", "2024-03-01T14:30"),
        ("03/01/24 2:30 PM", "mdy", "2024-03-01T14:30"),
        (1709303400, "s", "2024-03-01T14:30"),
        ("1709303400000", "ms", "2024-03-01T14:30"),
    ],
)
def test_a_time_is_read_in_each_way_of_writing_it(cell: str | int, order: str, start: str) -> None:
    assert moments(order).start(cell) == epoch(start)


def test_local_times_follow_the_clocks_of_their_zone() -> None:
    paris = moments(zone="Europe/Paris")
    assert paris.start("2024-03-29 09:00") == epoch("2024-03-29T08:00")
    assert paris.start("2024-04-02", "09:00") == epoch("2024-04-02T07:00")


@pytest.mark.parametrize(
    ("text", "told"),
    [("2024-10-27 02:30", "twice"), ("2024-03-31 02:30", "never"), ("2024-03-01 09:00:30", "begins"), ("", "no time")],
)
def test_a_time_that_is_no_bar_s_start_is_told_with_its_reason(text: str, told: str) -> None:
    with pytest.raises(UnreadableLineError, match=told):
        moments(zone="Europe/Paris").start(text)


def test_a_time_may_name_the_end_of_its_bar() -> None:
    assert moments(names="end", interval="5m").start("2024-03-01 14:35") == epoch("2024-03-01T14:30")
    assert moments(names="end", interval="1d").start("2024-03-01") == epoch("2024-03-01")


def test_a_daily_bar_has_the_date_that_its_exchange_has_then() -> None:
    daily = moments("s", "America/New_York", "1d")
    assert daily.start(epoch("2024-03-01T21:00")) == epoch("2024-03-01")
    assert daily.start(epoch("2024-03-02T01:00")) == epoch("2024-03-01")
    assert daily.start(epoch("2024-03-01")) == epoch("2024-03-01"), "midnight UTC is how files write a date"


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-05 00:00:00+01:00",
        "2024-01-05 00:00:00+09:00",
        "2024-01-05 20:00:00-04:00",
        "2024-01-05T00:00:00.000000-0500",
        "2024-01-05 00:00:00+00:00",
        "2024-01-05T00:00:00Z",
        "2024-01-05 24:00+01:00",
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "America/New_York"])
def test_a_daily_bar_has_the_date_that_is_written_beside_an_offset(text: str, zone: str) -> None:
    assert moments(zone=zone, interval="1d").start(text) == epoch("2024-01-05")


def test_weeks_and_months_begin_on_mondays_and_firsts() -> None:
    assert moments(interval="1wk").start("2024-03-08") == epoch("2024-03-04")
    assert moments(interval="1mo").start("2024-03-29") == epoch("2024-03-01")


def test_dates_that_may_be_read_in_two_ways_are_asked_about() -> None:
    assert order_of(["01/02/2024", "03/02/2024"]) == (None, True)
    assert order_of(["01/02/2024", "13/02/2024"]) == (DateOrder.DAY_FIRST, False)
    assert order_of(["01/02/2024", "02/13/2024"]) == (DateOrder.MONTH_FIRST, False)
    assert order_of(["2024-01-02"]) == (DateOrder.YEAR_FIRST, False)
    assert order_of(["1709303400"]) == (DateOrder.SECONDS, False)


def test_french_columns_are_recognised_by_their_names() -> None:
    names = ["Date", "Heure", "Ouverture", "+ Haut", "Plus bas", "Clôture", "Volume"]
    rows = [["02/01/2024", "09:00", "1,5", "2,25", "1", "2", "10"], ["02/01/2024", "09:05", "2", "3", "1", "2", "10"]]
    found = guess(names, rows, ";")
    assert found.columns == {"time": 0, "clock": 1, "open": 2, "high": 3, "low": 4, "close": 5, "volume": 6}
    assert (found.order, found.ambiguous, found.decimal, found.interval) == (None, True, ",", Interval.M5)


def test_the_better_word_names_a_column_wherever_it_stands() -> None:
    names = ["Date", "Price", "Open", "High", "Low", "Close", "Volume"]
    found = guess(names, [["2024-01-05", "99", "1", "2", "1", "1.5", "10"]], ",")
    assert found.columns == {"time": 0, "open": 2, "high": 3, "low": 4, "close": 5, "volume": 6}
    assert guess(names[:5], [], ",").columns["close"] == 1, "a price alone is the close"


@pytest.mark.parametrize(
    ("price", "decimal"), [("1 101,5", ","), ("1\u202f101,5", ","), ("1'101.5", "."), ("1 101", ".")]
)
def test_thousands_that_are_parted_do_not_hide_the_decimal_mark(price: str, decimal: str) -> None:
    rows = [["2024-01-02", price, price, price, price]]
    assert guess(["Date", "Open", "High", "Low", "Close"], rows, ";").decimal == decimal


def test_columns_without_names_are_recognised_by_what_stands_in_them() -> None:
    rows = [
        ["20240102 170000", "1.10", "1.11", "1.09", "1.10", "0"],
        ["20240102 170100", "1.1", "1.1", "1", "1.1", "0"],
    ]
    found = guess(["1", "2", "3", "4", "5", "6"], rows, ";", has_header=False)
    assert found.columns == {"time": 0, "open": 1, "high": 2, "low": 3, "close": 4, "volume": 5}
    assert (found.order, found.interval, found.decimal) == (DateOrder.YEAR_FIRST, Interval.M1, ".")


def test_a_line_that_is_too_short_says_so() -> None:
    rows = Rows(Reading(COLUMNS, DateOrder.YEAR_FIRST, "UTC", Names.START, Interval.D1, "."))
    with pytest.raises(UnreadableLineError, match="has 3 columns; 5 are needed"):
        rows.bar(["2024-01-02", "1", "2"])
