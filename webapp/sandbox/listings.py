"""What is listed on the market: plain facts about each instrument, as a source would know them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from math import lcm


class UnknownSymbolError(LookupError):
    """The market has never heard of this symbol."""


class Kind(StrEnum):
    """What an instrument is, in Yahoo's words."""

    EQUITY = "EQUITY"
    ETF = "ETF"
    INDEX = "INDEX"
    CRYPTO = "CRYPTOCURRENCY"
    CURRENCY = "CURRENCY"
    FUTURE = "FUTURE"
    FUND = "MUTUALFUND"


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """Where instruments trade.

    :param code: Yahoo's short name of the exchange (``NMS``).
    :param name: its full name (``NasdaqGS``).
    :param display: its name in search results (``NASDAQ``).
    :param calendar: an ISO 10383 code, ``24/7`` or ``24/5``.
    :param extended: whether there is trading before and after the regular session.
    """

    code: str
    name: str
    display: str
    calendar: str
    timezone: str
    currency: str | None
    extended: bool = False


@dataclass(frozen=True, slots=True)
class Payments:
    """A plan of dividends or capital gains.

    Each is paid on the first session on or after ``day`` of each of the ``months``, from the year ``since``
    on, and the payments of a year add up to ``rate`` times the price's trend.
    """

    months: tuple[int, ...]
    day: int
    rate: float
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One instrument.

    :param first: its first trading day; ``last``, the last one of a delisted instrument.
    :param first_price: about its price on the first day, on the basis of all ``splits``; ``price``, at the
        start of 2025.
    :param volatility: the usual daily move, as a fraction.
    :param volume: the usual daily volume on the basis of all splits.
    :param hint: the decimals of a price as traded.
    :param daily_only: priced once a day, as funds are.
    :param gone: the source once knew it and answers that it knows it no more.
    """

    symbol: str
    name: str
    kind: Kind
    venue: Venue
    first: date
    first_price: float
    price: float
    volatility: float = 0.015
    volume: float = 0.0
    hint: int = 2
    last: date | None = None
    splits: tuple[tuple[date, Fraction], ...] = ()
    dividends: Payments | None = None
    gains: Payments | None = None
    daily_only: bool = False
    gone: bool = False

    @property
    def lot(self) -> int:
        """Return the unit that volumes are counted in.

        It can be divided by the product of the last splits, whichever they are, and by the usual ratios of a
        split to come, so that every volume is a whole number on each basis and small bars add up to large
        ones on all of them.
        """
        lot, product = 60, Fraction(1)
        for _, ratio in reversed(self.splits):
            product *= ratio
            lot = lcm(lot, product.numerator)
        return lot

    @property
    def stamped_at_midnight(self) -> bool:
        """Return whether a daily bar is stamped with local midnight, not with the opening."""
        return self.kind in {Kind.CRYPTO, Kind.CURRENCY, Kind.FUTURE}


def splits(*texts: str) -> tuple[tuple[date, Fraction], ...]:
    """Read splits written as ``2020-08-31 4`` or ``2007-09-11 3/2``."""
    pairs = (text.split() for text in texts)
    return tuple((date.fromisoformat(day), Fraction(ratio)) for day, ratio in pairs)
