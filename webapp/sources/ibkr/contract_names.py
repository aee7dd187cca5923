"""IBKR's contracts as texts: what a person types, and the one name that each contract has here.

The name of a contract is made of its parts, with dots between them::

    AAPL                              a share or fund in dollars, routed by SMART
    MC.STK.SMART.EUR                  the same in euros
    MC.STK.SMART.EUR.SBF              with the primary exchange that tells it from its namesakes
    SPX.IND.CBOE.USD                  an index
    EUR.CASH.IDEALPRO.USD             a currency pair, euros in dollars
    ES.FUT.CME.USD.202603             a future, by its month or its last trading day
    ES.CONTFUT.CME.USD                the continuous series of a future
    AAPL.OPT.SMART.USD.20260320.250.C an option: last trading day, strike, right
    BTC.CRYPTO.PAXOS.USD              a coin

What is left out is taken from the options of a request (``sec_type``, ``exchange``, ``currency`` …), and then
from what is usual for the type.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.symbols import Grammar

LONGEST_NAME = 64
GRAMMAR = Grammar(
    pattern=r"[A-Z0-9][A-Z0-9.=_\-]*",
    examples=("AAPL", "EUR.USD", "MC.STK.SMART.EUR", "ES.FUT.CME.USD.202603"),
    refusal=sentence(
        "“%(symbol)s” is not the symbol of a contract. Write for example AAPL, EUR.USD for a currency pair, or the "
        "whole name: ES.FUT.CME.USD.202603."
    ),
    hint=sentence("A whole name says more: MC.STK.SMART.EUR.SBF."),
    longest=LONGEST_NAME,
    is_class_spaced=True,  # as TWS itself writes it
)
"""What a contract's name looks like; ``contract_of`` reads it, and says what is wrong with its parts."""
_BASE = re.compile(r"[A-Z0-9][A-Z0-9._\-]{0,23}")
_WORD = re.compile(r"[A-Z][A-Z0-9.]{0,15}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_SPACED_CLASS = re.compile(r"^([A-Z0-9]+) ([A-Z])(?=\.|$)")
_CODES = (
    "AED AUD BRL CAD CHF CNH CNY CZK DKK EUR GBP HKD HUF ILS INR ISK JPY KRW MXN MYR NOK NZD PLN RON RUB SAR SEK SGD "
    "THB TRY TWD USD ZAR"
)
_CURRENCIES = frozenset(_CODES.split())
"""The currencies of IBKR's pairs and prices (IBKR, "Available Currencies")."""
_EXPIRY = re.compile(r"\d{6}(\d{2})?")
_STRIKE = re.compile(r"\d{1,7}(\.\d{1,6})?")
_RIGHTS = {"C": "C", "CALL": "C", "P": "P", "PUT": "P"}


class SecType(StrEnum):
    """What a contract is, in IBKR's words."""

    STOCK = "STK"
    INDEX = "IND"
    FOREX = "CASH"
    FUTURE = "FUT"
    CONTINUOUS = "CONTFUT"
    OPTION = "OPT"
    CRYPTO = "CRYPTO"


_USUAL_EXCHANGE = {
    SecType.STOCK: "SMART",
    SecType.INDEX: "CBOE",
    SecType.FOREX: "IDEALPRO",
    SecType.FUTURE: "CME",
    SecType.CONTINUOUS: "CME",
    SecType.OPTION: "SMART",
    SecType.CRYPTO: "PAXOS",
}
_TYPES = {kind.value for kind in SecType}
_EXPIRING = {SecType.FUTURE, SecType.OPTION}


class What(StrEnum):
    """What a bar shows (IBKR's ``whatToShow``)."""

    TRADES = "TRADES"
    ADJUSTED_LAST = "ADJUSTED_LAST"
    AGGTRADES = "AGGTRADES"
    MIDPOINT = "MIDPOINT"
    BID = "BID"
    ASK = "ASK"
    BID_ASK = "BID_ASK"
    HISTORICAL_VOLATILITY = "HISTORICAL_VOLATILITY"
    OPTION_IMPLIED_VOLATILITY = "OPTION_IMPLIED_VOLATILITY"


_QUOTES = (What.MIDPOINT, What.BID, What.ASK, What.BID_ASK)
VOLATILITIES = (What.HISTORICAL_VOLATILITY, What.OPTION_IMPLIED_VOLATILITY)
_WHATS: dict[SecType, tuple[What, ...]] = {
    SecType.STOCK: (What.TRADES, What.ADJUSTED_LAST, *_QUOTES, *VOLATILITIES),
    SecType.INDEX: (What.TRADES, *VOLATILITIES),
    SecType.FOREX: _QUOTES,
    SecType.FUTURE: (What.TRADES, *_QUOTES),
    SecType.CONTINUOUS: (What.TRADES, *_QUOTES),
    SecType.OPTION: (What.TRADES, What.ADJUSTED_LAST, *_QUOTES),
    SecType.CRYPTO: (What.AGGTRADES, *_QUOTES),
}
"""Source: IBKR Campus, TWS API, "Available data per product". The first is the usual one."""

ALWAYS_REGULAR = frozenset({SecType.FOREX, SecType.INDEX, SecType.OPTION})
"""Types for which the gateway gives regular hours whatever is asked."""


def whats(kind: SecType) -> tuple[What, ...]:
    """Return what bars of a type can show, the usual first."""
    return _WHATS[kind]


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract. ``expiry`` is ``YYYYMM`` or ``YYYYMMDD``; ``right`` is ``C`` or ``P``; empty where it has none."""

    symbol: str
    kind: SecType = SecType.STOCK
    exchange: str = "SMART"
    currency: str = "USD"
    primary: str = ""
    expiry: str = ""
    strike: str = ""
    right: str = ""

    @property
    def name(self) -> str:
        """The name that this contract has here, and that ``contract_of`` reads."""
        parts = [self.symbol, self.kind.value, self.exchange, self.currency]
        is_usual = self.kind is SecType.STOCK and not self.primary and parts[2:] == ["SMART", "USD"]
        if is_usual and not _is_pair(self.symbol.split(".")):
            return self.symbol
        tail = {
            SecType.FUTURE: [self.expiry],
            SecType.OPTION: [self.expiry, self.strike, self.right],
            SecType.STOCK: [self.primary],
        }
        return ".".join([*parts, *(part for part in tail.get(self.kind, []) if part)])


def contract_of(text: str, options: Mapping[str, str] | None = None) -> Contract:
    """Return the contract that a text and the options of a request name.

    :raises InvalidRequestError: with the field ``symbols``, or that of the option, and a sentence that says what to do.
    """
    texts = {name: value.strip().upper() for name, value in (options or {}).items()}
    base, kind, parts = _split(text.strip().upper(), texts)
    exchange = _part(parts, 0) or texts.get("exchange") or _USUAL_EXCHANGE[kind]
    base, paired = _pair(base, kind)
    currency = _part(parts, 1) or paired or texts.get("currency") or "USD"
    contract = Contract(base, kind, exchange, currency, **_tail(kind, parts[2:], texts))
    _check(contract, text)
    return contract


def _split(text: str, texts: Mapping[str, str]) -> tuple[str, SecType, list[str]]:
    """Return the symbol, the type, and the parts after the type."""
    words = _SPACED_CLASS.sub(r"\1.\2", text).split(".")
    at = next((index for index, word in enumerate(words) if index and word in _TYPES), None)
    if at is not None:
        return ".".join(words[:at]), SecType(words[at]), words[at + 1 :]
    kind_text = texts.get("sec_type") or (SecType.FOREX.value if _is_pair(words) else SecType.STOCK.value)
    if kind_text not in _TYPES:
        message = sentence(
            "“%(type)s” is not a type of contract. Use one of: %(types)s.",
            type=kind_text[:20],
            types=", ".join(kind.value for kind in SecType),
        )
        raise InvalidRequestError({"sec_type": message})
    return ".".join(words), SecType(kind_text), []


def _is_pair(words: list[str]) -> bool:
    """Tell whether the parts of a text are two currencies, as in ``EUR.USD``; a class of shares has one letter."""
    return len(words) == 2 and words[0] != words[1] and all(word in _CURRENCIES for word in words)  # noqa: PLR2004


def _pair(base: str, kind: SecType) -> tuple[str, str]:
    """Read a pair as people write it: ``EUR.USD``, ``EURUSD``, ``EURUSD=X``, ``BTC-USD``."""
    if kind not in (SecType.FOREX, SecType.CRYPTO):
        return base, ""
    plain = base.removesuffix("=X")
    for mark in (".", "-"):
        if mark in plain:
            first, _, second = plain.partition(mark)
            return first, second
    if kind is SecType.FOREX and len(plain) == 6:  # noqa: PLR2004 -- two codes of three letters
        return plain[:3], plain[3:]
    return plain, ""


def _tail(kind: SecType, parts: list[str], texts: Mapping[str, str]) -> dict[str, str]:
    """Return what follows the currency: primary exchange, or expiry, strike and right."""
    if kind is SecType.STOCK:
        return {"primary": ".".join(parts) or texts.get("primary_exchange", "")}
    if kind is SecType.FUTURE:
        return {"expiry": _part(parts, 0) or texts.get("expiry", "")}
    if kind is SecType.OPTION:
        strike = ".".join(parts[1:-1]) or texts.get("strike", "")
        right = (parts[-1] if len(parts) > 1 else "") or texts.get("right", "")
        whole = strike.rstrip("0").rstrip(".") if "." in strike else strike
        return {
            "expiry": _part(parts, 0) or texts.get("expiry", ""),
            "strike": whole,
            "right": _RIGHTS.get(right, right),
        }
    return {}


def _part(parts: list[str], index: int) -> str:
    return parts[index] if index < len(parts) else ""


def _check(contract: Contract, text: str) -> None:
    """Raise what is wrong with a contract, beside the field that it stands in."""
    problems: dict[str, Sentence] = {}
    if not _BASE.fullmatch(contract.symbol) or len(contract.name) > LONGEST_NAME:
        problems["symbols"] = GRAMMAR.refuse(text)
    if not _WORD.fullmatch(contract.exchange) or (contract.primary and not _WORD.fullmatch(contract.primary)):
        problems["exchange"] = sentence("An exchange is a short name in letters, such as SMART, NASDAQ or CME.")
    if not _CURRENCY.fullmatch(contract.currency):
        problems["currency"] = sentence("A currency has three letters, such as USD or EUR.")
    if contract.kind in _EXPIRING and not _EXPIRY.fullmatch(contract.expiry):
        problems["expiry"] = sentence("Give the month or the last trading day: 202603 or 20260320.")
    if contract.kind is SecType.OPTION and not _STRIKE.fullmatch(contract.strike):
        problems["strike"] = sentence("Give the option's strike as a number, for example 250 or 252.5.")
    if contract.kind is SecType.OPTION and contract.right not in ("C", "P"):
        problems["right"] = sentence("Say whether the option is a call (C) or a put (P).")
    if problems:
        raise InvalidRequestError(problems)
