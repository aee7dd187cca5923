"""What the variants of a source's series mean: to people in words, to rules in plain answers."""

from dataclasses import dataclass

from webapp.errors import Sentence, sentence

USUAL_VARIANT = ""
REGULAR_HOURS = sentence("Regular hours")
ALL_HOURS = sentence("All hours")


@dataclass(frozen=True, slots=True)
class VariantMeaning:
    """What tells a variant from a source's usual series. ``names`` are words that a comma separates."""

    names: tuple[Sentence, ...]
    has_prices: bool = True
    """Whether its bars are prices, and no volatilities or the like: only prices are compared with other sources."""
    is_at_all_hours: bool = False
    """Whether it holds bars from outside the regular session, so that a day is over at midnight only."""
    is_averaged: bool = False
    """Whether opens and closes are averages over a bar's time, so that larger bars cannot be made of smaller ones."""
    is_adjusted: bool = False
    """Whether dividends are taken out already, so that its history moves a little with each of them."""


def describe_plainly(variant: str) -> VariantMeaning:
    """Describe a variant that nobody explains: by its own name; it may hold bars of any hour."""
    if variant == USUAL_VARIANT:
        return VariantMeaning((REGULAR_HOURS,))
    return VariantMeaning((Sentence(variant),), is_at_all_hours=True)
