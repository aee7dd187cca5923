"""Numbers by evidence: which mark decimals follow, and when nothing but a person can say it."""

import pytest

from webapp.sources.own.layouts.rules_decimals import decimal_of, proved_mark
from webapp.sources.own.layouts.rules_layout_guess import guess


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("141.06", "."),
        ("141,06", ","),
        ("1.234,5", ","),
        ("1,234.5", "."),
        ("1.234.567", ","),
        ("1,234,567", "."),
        ("0,123", ","),
        ("1234,567", ","),
        ("-0,27%", ","),
        ("1.5M", "."),
        ("141,060", None),
        ("141.060", None),
        ("141", None),
        ("12.1.2024", None),
        ("", None),
    ],
)
def test_a_number_proves_its_decimal_mark_or_nothing(text: str, mark: str | None) -> None:
    assert proved_mark(text) == mark


def in_file(prices: list[str], others: list[str], delimiter: str = ",", *, has_plain_dates: bool = False) -> str | None:
    return decimal_of(prices, others, delimiter, has_plain_dates=has_plain_dates)


def test_three_decimals_in_every_price_are_decimals_beside_a_percentage_with_a_comma() -> None:
    header = ["Datum", "Zuletzt", "Eröffn.", "Hoch", "Tief", "Vol.", "+/- %"]
    rows = [
        ["29.12.2023", "141,060", "140,880", "141,500", "140,120", "", "-0,27%"],
        ["28.12.2023", "141,440", "141,810", "142,050", "140,710", "", "-0,28%"],
    ]
    assert guess(header, rows, ",").decimal == ","
    assert guess(header, [row[:-1] for row in rows], ",").decimal is None, "nothing tells: it is asked"


@pytest.mark.parametrize(
    ("prices", "others", "delimiter", "decimal"),
    [
        (["38,085", "38,100"], ["1,234,567"], ",", "."),  # volumes in groups of three
        (["38,085", "38,100"], ["+0.27%"], ",", "."),
        (["16.751", "16.800"], ["-0,27%"], ";", ","),  # points may part thousands, too
        (["16.751", "16.800"], ["1,5M"], ",", ","),
        (["38,085", "38,100"], [], ",", None),
        (["38,085", "38,100"], [], "\t", None),
        (["38,085", "38,100"], [], ";", ","),
        (["16.751", "16.800"], [], ";", None),
        (["16.751", "16.800"], [], ",", "."),
        (["999", "1,001", "1,002", "998"], [], ",", "."),  # 999 and 1.001 are not neighbours
        (["999", "1.001", "1.002", "998"], [], ",", ","),
        (["100,125", "101", "100,875"], [], "\t", ","),
        (["141,060", "141,06"], ["1,234,567"], ",", ","),  # prices know best how prices are written
        (["141", "142"], [], ",", "."),
    ],
)
def test_the_decimal_mark_follows_from_everything_in_the_file(
    prices: list[str], others: list[str], delimiter: str, decimal: str | None
) -> None:
    assert in_file(prices, others, delimiter) == decimal


def test_a_program_that_writes_its_dates_year_first_writes_points() -> None:
    assert in_file(["141.060", "141.064"], [], ";", has_plain_dates=True) == "."
