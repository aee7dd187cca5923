"""Currencies, and the hundredths that some exchanges quote prices in: pence, South African cents, agorot."""

from dataclasses import dataclass

_HUNDREDTHS = {"GBp": "GBP", "GBX": "GBP", "ZAC": "ZAR", "ILA": "ILS"}
"""By what sources write (Yahoo GBp, the London exchange GBX); ``GBp`` is told from ``GBP`` by its case alone."""


@dataclass(frozen=True, slots=True)
class MoneyUnit:
    """What amounts are counted in: so many ``parts`` (1 or 100) of it are one of the currency ``whole``."""

    whole: str
    parts: float = 1.0


def parse_unit(currency: str | None) -> MoneyUnit | None:
    """Return what a source's word for a currency counts in; None for no word at all."""
    text = (currency or "").strip()
    whole = _HUNDREDTHS.get(text) or _HUNDREDTHS.get(text.upper())
    if whole:
        return MoneyUnit(whole, 100.0)
    return MoneyUnit(text.upper()) if text else None


def convert(amount: float, paid: MoneyUnit, priced: MoneyUnit, rate: float) -> float:
    """Return an amount in another unit; ``rate`` is what one whole of the first costs in wholes of the second."""
    return amount / paid.parts * rate * priced.parts
