"""Which payouts prices are adjusted for, which are left out of it, and what is said of these. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from webapp.errors import Sentence, sentence
from webapp.kernel.bars import Action
from webapp.kernel.instants import datetime_of
from webapp.kernel.intervals import DAY

_LONGEST_CLOSURE = 10 * DAY
"""Exchanges close for longer holidays than a week (the Lunar New Year), and hardly ever for longer than this."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far stored bars reach beyond (or not up to) an ex-date; epoch seconds, dates at 00:00 UTC.

    ``is_reached`` tells whether a bar is stored that trades without the right; ``end`` is where the last bar ends.
    """

    is_reached: bool
    end: int


class Omission(StrEnum):
    """Why prices are not adjusted for a payout whose ex-date has come."""

    NO_RATE = "no_rate"
    NO_BAR = "no_bar"


@dataclass(frozen=True, slots=True)
class OmittedPayout:
    """A payout that prices are not adjusted for; ``pair`` is the symbol whose daily bars would say the rate, if any."""

    action: Action
    reason: Omission
    pair: str = ""


def is_applied(ex_date: int, reach: Reach, *, has_come: bool) -> bool:
    """Tell whether prices are adjusted for a payout by now.

    One that is only announced is not: it is in no price yet. One whose ex-date has come while the last bars are far
    from it is not, either: what the price was before it is not known, and a factor of an old price would be wrong.

    :param has_come: whether the ex-date has begun at the exchange.
    """
    return reach.is_reached or (has_come and ex_date - reach.end <= _LONGEST_CLOSURE)


def describe_omitted(symbol: str, priced: str | None, omitted: Iterable[OmittedPayout]) -> list[Sentence]:
    """Return what is said of payouts that were left out: a sentence for each reason and currency.

    :param priced: the currency of the prices, as the source writes it.
    """

    def group_of(payout: OmittedPayout) -> tuple[str, str, str]:
        return payout.reason.value, payout.action.currency or "", payout.pair

    groups = groupby(sorted(omitted, key=group_of), group_of)
    return [_describe_group(symbol, priced or "?", list(group)) for _, group in groups]


def _describe_group(symbol: str, priced: str, payouts: list[OmittedPayout]) -> Sentence:
    days = [f"{datetime_of(payout.action.time):%Y-%m-%d}" for payout in payouts]
    count, first, last, example = len(days), min(days), max(days), payouts[0]
    if example.reason is Omission.NO_BAR:
        return sentence(
            "Prices of %(symbol)s are not adjusted for its payouts from %(first)s to %(last)s (%(count)d), for no bar "
            "is stored that ends shortly before.",
            symbol=symbol,
            first=first,
            last=last,
            count=count,
        )
    paid = example.action.currency or "?"
    if not example.pair:
        return sentence(
            "Prices of %(symbol)s are not adjusted for its payouts from %(first)s to %(last)s (%(count)d): they are in "
            "%(paid)s, the prices in %(priced)s, and no rate is known.",
            symbol=symbol,
            first=first,
            last=last,
            count=count,
            paid=paid,
            priced=priced,
        )
    return sentence(
        "Prices of %(symbol)s are not adjusted for its payouts from %(first)s to %(last)s (%(count)d): they are in "
        "%(paid)s, the prices in %(priced)s, and no rate of the day before is stored. Collect daily bars of %(pair)s.",
        symbol=symbol,
        first=first,
        last=last,
        count=count,
        paid=paid,
        priced=priced,
        pair=example.pair,
    )
