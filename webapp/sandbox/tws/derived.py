"""Prices of what is not listed itself: futures, options, quotes, adjusted trades.

Each is made of the listing's price by a rule that keeps or turns the order of prices, so that small bars add up to
large ones exactly, as those of the listing do.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from webapp.sandbox.columns import Columns, Prices
from webapp.sandbox.noise import Floats, Ints
from webapp.sandbox.tws.book import Book
from webapp.sandbox.tws.papers import Paper
from webapp.sandbox.view import View

QUOTES = {"MIDPOINT": (0, 0), "BID": (-1, -1), "ASK": (1, 1), "BID_ASK": (-1, 1)}
"""What is added to the low side and to the high side, in ticks."""
VOLATILITIES = ("HISTORICAL_VOLATILITY", "OPTION_IMPLIED_VOLATILITY")
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the bars of one contract, showing one thing."""

    book: Book
    paper: Paper
    view: View
    what: str

    def made(self, bars: Prices, days: Ints) -> Prices:
        """Return the contract's bars.

        :param bars: the listing's.
        :param days: the number of the trading day of each.
        """
        paper = self.paper
        if paper.sec_type == "OPT":
            bars = _option(bars, paper, self._lot)
        elif paper.sec_type == "CONTFUT":
            bars = _moved(bars, self._spreads(days))
        elif paper.spread:
            bars = _moved(bars, np.full(len(bars), paper.spread))
        if self.what == "ADJUSTED_LAST":
            bars = _scaled(bars, self._factors(days))
        if self.what in VOLATILITIES:
            bars = _volatility(bars)
        if self.what in QUOTES:
            low, high = QUOTES[self.what]
            bars = _quoted(bars, low * self.tick, high * self.tick)
        return bars

    @property
    def unit(self) -> int:
        """What the volume of a trade is thought to be: every volume is a multiple of it."""
        return 1 if self.paper.sec_type == "OPT" else self._lot

    @property
    def _lot(self) -> int:
        return max(round(self.view.listing.lot * self.view.basis.ratio), 1)

    @property
    def tick(self) -> float:
        """The smallest step of the price."""
        return float(10.0**-self.view.listing.hint)

    def _spreads(self, days: Ints) -> Floats:
        spreads = {
            day: self.book.month_of(self.paper, dt.date(1970, 1, 1) + dt.timedelta(days=day)).spread
            for day in np.unique(days).tolist()
        }
        return np.array([spreads[day] for day in days.tolist()])

    def _factors(self, days: Ints) -> Floats:
        """Return what dividends and capital gains since each day have taken out of the price."""
        daily = self.view.daily()
        ratios = self.view.adjusted(daily) / daily.close
        index = np.searchsorted(daily.start, days * _DAY)
        return np.asarray(ratios[np.minimum(index, len(ratios) - 1)])


def _moved(bars: Prices, by: Floats) -> Prices:
    return _with(bars, *(np.round(column + by, 10) for column in _prices(bars)))


def _scaled(bars: Prices, by: Floats) -> Prices:
    return _with(bars, *(np.round(column * by, 10) for column in _prices(bars)))


def _quoted(bars: Prices, low: float, high: float) -> Prices:
    sides = zip(_prices(bars), (low, high, low, high), strict=True)
    return _with(bars, *(np.round(column + by, 10) for column, by in sides))


def _with(bars: Prices, *prices: Floats) -> Prices:
    first, high, low, last = prices
    return Columns(bars.start, first, high, low, last, bars.volume)


def _option(bars: Prices, paper: Paper, lot: int) -> Prices:
    """Return what an option is worth at once, and five cents: nothing but a rule that is easy to check."""
    sign = 1.0 if paper.right == "C" else -1.0
    worth = [np.round(np.maximum(sign * (column - paper.strike), 0.0) + 0.05, 10) for column in _prices(bars)]
    first, high, low, last = worth
    return Columns(bars.start, first, np.maximum(high, low), np.minimum(high, low), last, bars.volume // lot)


def _volatility(bars: Prices) -> Prices:
    shares = [np.round(0.2 + column % 10 / 100, 6) for column in _prices(bars)]
    first, _, _, last = shares
    high, low = np.max(shares, axis=0), np.min(shares, axis=0)
    return Columns(bars.start, first, high, low, last, bars.volume)


def _prices(bars: Prices) -> tuple[Floats, Floats, Floats, Floats]:
    return bars.open, bars.high, bars.low, bars.close
