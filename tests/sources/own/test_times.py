"""Times as brokers, exchanges and people write them, read by guess and by hand."""

import datetime as dt

import pytest

from webapp.errors import MoissonError
from webapp.kernel.intervals import Interval
from webapp.sources.own.layouts.rules_bar_length import contradiction
from webapp.sources.own.layouts.rules_layout_guess import order_of
from webapp.sources.own.rules_clocks import clock_of
from webapp.sources.own.rules_dates import MONTH_NUMBERS, date_in_words
from webapp.sources.own.rules_imported import (
    DateOrder,
    Names,
    Reading,
    UnreadableFileError,
    UnreadableLineError,
)
from webapp.sources.own.rules_times import FORMS, Moments

COLUMNS = {"time": 0, "open": 1, "high": 2, "low": 3, "close": 4}


def epoch(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())


def start(cell: str | int, order: DateOrder, interval: Interval = Interval.M1, zone: str = "") -> int:
    return Moments(Reading(COLUMNS, order, zone, Names.START, interval, ".")).start(cell)


@pytest.mark.parametrize(
    ("cell", "instant"),
    [
        (1709303400000000, "2024-03-01T14:30"),
        ("1709303400000000", "2024-03-01T14:30"),
        (1709303400000000000, "2024-03-01T14:30"),
        ("1709303400000000000", "2024-03-01T14:30"),
        ("20231115 09:30:00 US/Eastern", "2023-11-15T14:30"),
        ("20231115 09:30:00 Europe/Paris", "2023-11-15T08:30"),
        ("20231115-14:30:00", "2023-11-15T14:30"),
        ("31.12.2024 23:00:00.000 GMT+0100", "2024-12-31T22:00"),
        ("31.12.2024 23:00 UTC-5", "2025-01-01T04:00"),
        ("Tue Dec 31 2024 23:00:00 GMT+0100 (Central European Standard Time)", "2024-12-31T22:00"),
        ("Tue, 31 Dec 2024 23:00:00 GMT", "2024-12-31T23:00"),
        ("2024-07-01 09:30:00 EDT", "2024-07-01T13:30"),
    ],
)
def test_a_time_that_says_its_own_zone_is_read_by_guess(cell: str | int, instant: str) -> None:
    order, _ = order_of([cell])
    assert order is not None
    assert start(cell, order) == epoch(instant)


@pytest.mark.parametrize(
    ("cell", "instant"),
    [
        ("2019-10-17 09-AM", "2019-10-17T09:00"),
        ("2019-10-17 12-AM", "2019-10-17T00:00"),
        ("2019-10-17 9 pm", "2019-10-17T21:00"),
        ("Dec 29, 2023 09:30 PM", "2023-12-29T21:30"),
        ("29-Dec-2023 09:30", "2023-12-29T09:30"),
        ("29 déc. 2023 9h30", "2023-12-29T09:30"),
        ("20240301143000", "2024-03-01T14:30"),
    ],
)
def test_a_time_of_a_clock_on_the_wall_is_read_by_guess_in_the_zone_that_is_said(cell: str, instant: str) -> None:
    order, _ = order_of([cell])
    assert order is not None
    assert start(cell, order, zone="UTC") == epoch(instant)
    with pytest.raises(UnreadableFileError, match="Choose the exchange") as refusal:
        start(cell, order)
    assert refusal.value.field == "zone"


@pytest.mark.parametrize(
    "cell",
    [
        "Dec 29, 2023",
        "Dec 29 2023",
        "December 29th, 2023",
        "29-Dec-2023",
        "29-Dec-23",
        "29DEC2023",
        "29 décembre 2023",
        "vendredi 29 décembre 2023",
        "29. Dezember 2023",
        "29 de diciembre de 2023",
        "2023-Dec-29",
    ],
)
def test_a_month_in_letters_is_read_in_any_order(cell: str) -> None:
    assert order_of([cell]) == (DateOrder.NAMED, False)
    for order in (DateOrder.NAMED, DateOrder.DAY_FIRST, DateOrder.YEAR_FIRST):
        assert start(cell, order, Interval.D1) == epoch("2023-12-29")


@pytest.mark.parametrize("name", ["janv", "fevr", "mars", "avril", "mai", "juin", "juil", "aout", "sept", "oct", "nov"])
def test_french_months_are_known(name: str) -> None:
    assert date_in_words(f"1er {name} 2024") == (f"2024-{MONTH_NUMBERS[name]:02}-01", "")


def test_a_month_in_letters_does_not_make_a_date_in_numbers_certain() -> None:
    with pytest.raises(UnreadableLineError, match="is not a date like 31 Dec 2024"):
        start("01/02/2024", DateOrder.NAMED, Interval.D1)


@pytest.mark.parametrize("text", ["9", "25:00", "09:30 Mars/Sea", "09:30 CST", "9:30 ../etc/passwd", "09:30:00.5"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(UnreadableLineError, match="is not a time of day"):
        clock_of(text)


@pytest.mark.parametrize("order", list(FORMS))
def test_the_example_of_each_way_of_writing_is_read_so(order: DateOrder) -> None:
    assert start(FORMS[order], order, Interval.D1) == epoch("2024-12-31")
    assert order_of([FORMS[order]]) == (order, False)


def test_a_part_of_a_second_is_no_start_of_a_bar() -> None:
    with pytest.raises(MoissonError, match="whole seconds"):
        start("1709303400000000001", DateOrder.NANOSECONDS)


def test_months_of_a_file_are_no_contradiction() -> None:
    months = [epoch(f"2024-{month:02}-01") for month in range(1, 8)]
    assert contradiction(months, Interval.MO1) is None
    assert contradiction(months, Interval.W1)
    assert contradiction(months[:2], Interval.D1) is None, "two lines prove nothing"
