"""The names of the types of contracts, and of what their bars show, as people read them."""

from webapp.errors import Sentence, sentence
from webapp.kernel.contracts import SecType, What

SEC_TYPES: dict[SecType, Sentence] = {
    SecType.STOCK: sentence("Share or fund"),
    SecType.INDEX: sentence("Index"),
    SecType.FOREX: sentence("Currency pair"),
    SecType.FUTURE: sentence("Future"),
    SecType.CONTINUOUS: sentence("Continuous future"),
    SecType.OPTION: sentence("Option"),
    SecType.CRYPTO: sentence("Cryptocurrency"),
}

SYMBOL_EXAMPLES: dict[SecType, str] = {
    SecType.STOCK: "AAPL, MSFT, MC.STK.SMART.EUR.SBF",
    SecType.INDEX: "SPX, VIX, DAX.IND.EUREX.EUR",
    SecType.FOREX: "EUR.USD, USD.JPY",
    SecType.FUTURE: "ES, NQ, FDAX.FUT.EUREX.EUR.202603",
    SecType.CONTINUOUS: "ES, NQ",
    SecType.OPTION: "AAPL, SPY.OPT.SMART.USD.20260320.600.C",
    SecType.CRYPTO: "BTC.USD, ETH.USD",
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

ALL_HOURS = sentence("All hours")
REGULAR_HOURS = sentence("Regular hours")
RIGHTS: dict[str, Sentence] = {"C": sentence("Call"), "P": sentence("Put")}
FARMS: dict[str, Sentence] = {
    "ok": sentence("available"),
    "broken": sentence("disconnected"),
    "inactive": sentence("on demand"),
}


def variant_parts(variant: str) -> list[Sentence]:
    """Return what tells a variant such as ``MIDPOINT`` or ``TRADES-all`` from the usual series, in words."""
    what = variant.removesuffix("-all")
    name = WHATS[What(what)] if what in list(What) else Sentence(what)
    return [name, ALL_HOURS] if variant.endswith("-all") else [name]


def type_name(kind: str) -> Sentence:
    """Return the name of a type of contract, as the source writes it where we have no word."""
    return SEC_TYPES[SecType(kind)] if kind in list(SecType) else Sentence(kind)
