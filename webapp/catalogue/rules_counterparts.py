"""Which names of two sources mean one instrument: by kind, ticker, currency, and the calendar of its exchange.

Yahoo writes ``MC.PA``, ``BRK-B``, ``BTC-USD``, ``EURUSD=X`` and ``^GSPC``; for IBKR's names see ``contracts``.
"""

import re
from dataclasses import dataclass

from webapp.coverage.rules_exchanges import calendar_of
from webapp.errors import InvalidRequestError
from webapp.kernel.contracts import SecType, contract_of
from webapp.kernel.instruments import InstrumentFacts

_COIN = "CRYPTOCURRENCY"
_PAIR = re.compile(r"([A-Z]{3})?([A-Z]{3})=X")
_INDICES = {"GSPC": "SPX", "DJI": "INDU", "IXIC": "COMP", "FCHI": "CAC40", "GDAXI": "DAX", "STOXX50E": "ESTX50"}
"""Indices that the two call by other names; all others have one name (NDX, RUT, VIX)."""
_PENCE = {"GBP": "GBp", "ZAR": "ZAc", "ILS": "ILA"}
_WHOLE = {part.upper(): whole for whole, part in _PENCE.items()} | {"GBX": "GBP"}


@dataclass(frozen=True, slots=True)
class Listing:
    """What is traded, however it is written. ``calendar`` is empty where the kind alone says when it trades."""

    kind: SecType
    ticker: str
    currency: str
    calendar: str


def yahoo_listing(symbol: str, facts: InstrumentFacts) -> Listing | None:
    """Return what a symbol of Yahoo means; None for futures and for what has no currency yet."""
    if pair := _PAIR.fullmatch(symbol):
        return Listing(SecType.FOREX, pair[1] or "USD", pair[2], "")
    base, _, quoted = symbol.rpartition("-")
    if facts.kind == _COIN and base:
        return Listing(SecType.CRYPTO, base, quoted, "")
    currency = money(facts.currency)
    if not currency or "=" in symbol:
        return None
    if symbol.startswith("^"):
        return Listing(SecType.INDEX, _INDICES.get(symbol[1:], symbol[1:]), currency, "")
    return Listing(SecType.STOCK, _ticker(symbol.partition(".")[0]), currency, calendar_of(facts))


def contract_listing(name: str, facts: InstrumentFacts) -> Listing | None:
    """Return what a contract's name means; None for futures and options, which Yahoo does not have."""
    try:
        contract = contract_of(name)
    except InvalidRequestError:
        return None
    if contract.kind in (SecType.FOREX, SecType.CRYPTO, SecType.INDEX):
        return Listing(contract.kind, contract.symbol, contract.currency, "")
    if contract.kind is not SecType.STOCK:
        return None
    return Listing(SecType.STOCK, _ticker(contract.symbol), contract.currency, calendar_of(facts))


def money(currency: str | None) -> str:
    """Return the currency that prices are counted in, of one that is counted in hundredths (``GBp``) the whole one."""
    text = (currency or "").strip()
    return text if text in _PENCE else _WHOLE.get(text.upper(), text.upper())


def _ticker(text: str) -> str:
    """Return a ticker without the sign between it and its share class: ``BRK-B``, ``BRK.B`` and ``BRK B`` are one."""
    return re.sub(r"[-. _]", " ", text)
