"""How IBKR's types of contracts, and what their bars show, are called, and what the variants of series mean."""

from webapp.errors import Sentence, sentence
from webapp.sources.ibkr.contract_names import VOLATILITIES, SecType, What
from webapp.sources.wording import ALL_HOURS, REGULAR_HOURS, USUAL_VARIANT, VariantMeaning

AT_ALL_HOURS = "-all"
"""How the names of variants end that hold bars of all hours."""
SEC_TYPES: dict[SecType, Sentence] = {
    SecType.STOCK: sentence("Share or fund"),
    SecType.INDEX: sentence("Index"),
    SecType.FOREX: sentence("Currency pair"),
    SecType.FUTURE: sentence("Future"),
    SecType.CONTINUOUS: sentence("Continuous future"),
    SecType.OPTION: sentence("Option"),
    SecType.CRYPTO: sentence("Cryptocurrency"),
}

WHATS: dict[What, Sentence] = {
    What.TRADES: sentence("Trades"),
    What.ADJUSTED_LAST: sentence("Trades, adjusted for splits and dividends"),
    What.AGGTRADES: sentence("Aggregated trades"),
    What.MIDPOINT: sentence("Midpoint of bid and ask"),
    What.BID: sentence("Bid"),
    What.ASK: sentence("Ask"),
    What.BID_ASK: sentence("Bid and ask"),
    What.HISTORICAL_VOLATILITY: sentence("Historical volatility"),
    What.OPTION_IMPLIED_VOLATILITY: sentence("Implied volatility of the options"),
}

RIGHTS: dict[str, Sentence] = {"C": sentence("Call"), "P": sentence("Put")}


def describe_variant(variant: str) -> VariantMeaning:
    """Describe a variant such as ``MIDPOINT`` or ``TRADES-all``."""
    if variant == USUAL_VARIANT:
        return VariantMeaning((REGULAR_HOURS,))
    what, is_at_all_hours = variant.removesuffix(AT_ALL_HOURS), variant.endswith(AT_ALL_HOURS)
    name = WHATS[What(what)] if what in list(What) else Sentence(what)
    return VariantMeaning(
        (name, ALL_HOURS) if is_at_all_hours else (name,),
        has_prices=what not in VOLATILITIES,
        is_at_all_hours=is_at_all_hours,
        # "Open: time average bid, close: time average ask" (IBKR Campus, TWS API, "Available data per product")
        is_averaged=what == What.BID_ASK,
        is_adjusted=what == What.ADJUSTED_LAST,
    )
