"""What a source says of an instrument, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class InstrumentKind(StrEnum):
    """What an instrument is. The values are the words that the database and the API have for it."""

    SHARE = "EQUITY"
    ETF = "ETF"
    FUND = "MUTUALFUND"
    SHARE_OR_FUND = "SHARE_OR_FUND"
    """Where a source does not tell which."""
    INDEX = "INDEX"
    CURRENCY = "CURRENCY"
    CRYPTO = "CRYPTOCURRENCY"
    FUTURE = "FUTURE"
    OPTION = "OPTION"
    BOND = "BOND"
    COMMODITY = "COMMODITY"
    CFD = "CFD"
    WARRANT = "WARRANT"
    UNKNOWN = "UNKNOWN"
    """Something else, or not said."""

    @classmethod
    def parse(cls, text: str | None) -> "InstrumentKind":
        """Return the kind that a word of the database means; UNKNOWN for a word that is none of ours."""
        word = (text or "").upper()
        return cls(word) if word in _WORDS else cls.UNKNOWN


_WORDS = frozenset(InstrumentKind)


Instruments = Sequence[tuple[str, str]]
"""Some instruments: each by its source and its symbol there."""


@dataclass(frozen=True, slots=True)
class InstrumentFacts:
    """What a source says of an instrument; None where it does not say.

    ``kind`` is a word of ``InstrumentKind``, or the source's own where it means none of these. ``timezone`` is an IANA
    name; ``session_open`` and ``session_close`` are seconds after local midnight of the regular session;
    ``first_trade`` and ``last_trade`` are epoch seconds. ``currency`` is kept as the source writes it
    (``GBp`` is a hundredth of a pound, and stays ``GBp``). ``contract_id`` is the source's own
    number of the instrument.
    """

    name: str | None = None
    kind: str | None = None
    currency: str | None = None
    exchange: str | None = None
    timezone: str | None = None
    session_open: int | None = None
    session_close: int | None = None
    first_trade: int | None = None
    last_trade: int | None = None
    price_decimals: int | None = None
    contract_id: int | None = None

    def __post_init__(self) -> None:
        """Take a kind's word where the kind itself is given: drivers of databases write an enum by its name."""
        if isinstance(self.kind, InstrumentKind):
            object.__setattr__(self, "kind", self.kind.value)

    @property
    def instrument_kind(self) -> InstrumentKind:
        """What the instrument is."""
        return InstrumentKind.parse(self.kind)


@dataclass(frozen=True, slots=True)
class Listing:
    """What is traded, however a source writes it: by this, series of two sources are known to be of one instrument.

    ``currency`` is that of the prices. ``calendar`` tells the listings of one ticker apart; it is empty where the kind
    alone says when it trades, and is filled in for shares and funds.
    """

    kind: InstrumentKind
    ticker: str
    currency: str
    calendar: str = ""
