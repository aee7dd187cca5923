"""Pence and cents that prices are counted in."""

import pytest

from webapp.kernel.currencies import MoneyUnit, convert, parse_unit


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("GBp", MoneyUnit("GBP", 100.0)),
        ("GBX", MoneyUnit("GBP", 100.0)),
        ("GBP", MoneyUnit("GBP")),
        ("ZAc", MoneyUnit("ZAR", 100.0)),
        ("ZAR", MoneyUnit("ZAR")),
        ("ILA", MoneyUnit("ILS", 100.0)),
        ("ILS", MoneyUnit("ILS")),
        (" usd ", MoneyUnit("USD")),
        ("", None),
        (None, None),
    ],
)
def test_hundredths_are_told_from_wholes(text: str | None, unit: MoneyUnit | None) -> None:
    assert parse_unit(text) == unit


def test_amounts_are_converted_through_wholes() -> None:
    pounds, pence, dollars = MoneyUnit("GBP"), MoneyUnit("GBP", 100.0), MoneyUnit("USD")
    assert convert(0.05, pounds, pence, 1.0) == pytest.approx(5.0)
    assert convert(5.0, pence, pounds, 1.0) == pytest.approx(0.05)
    assert convert(1.0, dollars, pence, 0.8) == pytest.approx(80.0)
