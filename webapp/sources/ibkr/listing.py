"""What a contract's name is of, so that the series of another source can be set beside it."""

from webapp.errors import InvalidRequestError
from webapp.kernel.instruments import InstrumentFacts, InstrumentKind, Listing
from webapp.sources.ibkr.contract_names import SecType, contract_of

KINDS: dict[str, InstrumentKind] = {
    "STK": InstrumentKind.SHARE_OR_FUND,
    "IND": InstrumentKind.INDEX,
    "CASH": InstrumentKind.CURRENCY,
    "FUT": InstrumentKind.FUTURE,
    "CONTFUT": InstrumentKind.FUTURE,
    "FOP": InstrumentKind.OPTION,
    "OPT": InstrumentKind.OPTION,
    "CRYPTO": InstrumentKind.CRYPTO,
    "FUND": InstrumentKind.FUND,
    "BOND": InstrumentKind.BOND,
    "BILL": InstrumentKind.BOND,
    "CMDTY": InstrumentKind.COMMODITY,
    "CFD": InstrumentKind.CFD,
    "WAR": InstrumentKind.WARRANT,
    "IOPT": InstrumentKind.WARRANT,
}
"""The types of IBKR's contracts (IBKR Campus, TWS API, "Contracts")."""
_COMPARED = (SecType.STOCK, SecType.INDEX, SecType.FOREX, SecType.CRYPTO)
"""Futures and options are left out: other sources name theirs by other rules."""


def listing_of(name: str, facts: InstrumentFacts) -> Listing | None:  # noqa: ARG001 -- the name says all
    """Return what a contract's name means; None for futures and options."""
    try:
        contract = contract_of(name)
    except InvalidRequestError:
        return None
    if contract.kind not in _COMPARED:
        return None
    return Listing(KINDS[contract.kind.value], contract.symbol, contract.currency)
