"""The bars of an answer: the market's, added up on the clock's hours as TWS does."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from webapp.sandbox.columns import Prices, groups_of
from webapp.sandbox.noise import Floats, Ints
from webapp.sandbox.tws import grid
from webapp.sandbox.tws.asked import DAILY, HistoryAsked
from webapp.sandbox.tws.book import Book
from webapp.sandbox.tws.derived import QUOTES, VOLATILITIES, Maker
from webapp.sandbox.tws.papers import Paper
from webapp.sandbox.tws.refusals import no_data
from webapp.sandbox.view import View, period_of

_REGULAR_ONLY = ("CASH", "IND", "OPT")
_SMALL_KEPT = 183 * DAILY
_LIFE_OF_A_FUTURE = 730 * DAILY
_LIFE_OF_AN_OPTION = 300 * DAILY
_MONTH, _YEAR = 30.4375, 365.25


@dataclass(frozen=True, slots=True)
class Row:
    """One bar of an answer. ``start`` is in UTC epoch seconds; of daily and longer bars, the date at 00:00 UTC."""

    start: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    wap: float
    count: int


@dataclass(frozen=True, slots=True)
class _Made:
    """Bars with the volume-weighted average price of each."""

    bars: Prices
    wap: Floats


def first_bar(paper: Paper, view: View) -> int:
    """Return when the data of a contract begin (UTC epoch seconds)."""
    sessions = view.history.sessions
    life = {"FUT": _LIFE_OF_A_FUTURE, "OPT": _LIFE_OF_AN_OPTION}.get(paper.sec_type)
    if life is None:
        return int(sessions.open[0])
    begin = _end_of(paper) - life
    return int(sessions.open[min(int(np.searchsorted(sessions.open, begin)), len(sessions) - 1)])


def rows(book: Book, paper: Paper, view: View, request: HistoryAsked) -> list[Row]:
    """Return the bars that a request asks for.

    :raises RefusalError: when there are none.
    """
    start, end = span(view, request)
    maker = Maker(book, paper, view, request.what)
    bars = _dated(maker, request, start, end) if request.step >= DAILY else _intraday(maker, request, start, end)
    if not len(bars.bars):
        raise no_data(f"{paper.symbol}@{paper.exchange} {request.what.title()}")
    if request.what in QUOTES or request.what in VOLATILITIES:
        return [Row(*bar[:5], volume=-1, wap=-1, count=-1) for bar in bars.bars.bars()]
    waps = bars.wap.tolist()
    return [Row(*bar, wap, bar.volume // maker.unit) for bar, wap in zip(bars.bars.bars(), waps, strict=True)]


def span(view: View, request: HistoryAsked) -> tuple[float, float]:
    """Return the time that a request asks for, in UTC epoch seconds.

    Of a duration, seconds are counted in time, days in sessions, the others on the calendar.
    """
    end = min(request.end(view.now), view.now)
    count, unit = request.count_and_unit
    if unit == "S":
        return end - count, end
    sessions = view.history.sessions
    if unit == "D":
        last = int(np.searchsorted(sessions.open, end))
        opening = sessions.open[max(last - count, 0)] if last else end
        return float(opening) - (12 * 3600 if view.listing.venue.extended else 0), end
    days = {"W": 7.0, "M": _MONTH, "Y": _YEAR}[unit] * count
    return end - days * DAILY, end


def _end_of(paper: Paper) -> int:
    day = paper.day or dt.date(2037, 12, 31)
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp()) + DAILY


def _dated(maker: Maker, request: HistoryAsked, start: float, end: float) -> _Made:
    """Return daily bars, or weeks and months made of them, labelled by their first day."""
    daily = maker.view.daily()
    sessions = maker.view.history.sessions
    begun = sessions.open[: len(daily)]
    chosen = (begun < end) & (sessions.close[: len(daily)] > start) & (daily.start < _end_of(maker.paper))
    daily = daily.part(chosen & (daily.start >= first_bar(maker.paper, maker.view) // DAILY * DAILY))
    bars = maker.made(daily, daily.start // DAILY)
    period = {DAILY: "1d", 7 * DAILY: "1wk"}.get(request.step, "1mo")
    labels = period_of(period, bars.start // DAILY) * DAILY
    groups = groups_of(labels)
    return _added_up(bars, groups, labels[groups])


def _intraday(maker: Maker, request: HistoryAsked, start: float, end: float) -> _Made:
    """Return bars on the clock's grid; the first one of a stretch starts where its trading does."""
    view, step = maker.view, request.step
    start = max(start, float(first_bar(maker.paper, view)), view.now - _SMALL_KEPT if request.is_small else start)
    end = min(end, float(_end_of(maker.paper)))
    extended = not request.is_regular and maker.paper.sec_type not in _REGULAR_ONLY
    base = view.prices("1s" if request.is_small else "1m", start - step, end, extended=extended)
    bars = maker.made(base, grid.trading_days(view, base.start))
    groups = groups_of(grid.places(bars.start, step, view.listing.venue.timezone))
    whole = _added_up(bars, groups, bars.start[groups])
    chosen = whole.bars.start >= start
    return _Made(whole.bars.part(chosen), whole.wap[chosen])


def _added_up(bars: Prices, groups: Ints, starts: Ints) -> _Made:
    """Add bars up; of each, the average price is weighted with the volumes of those it is made of."""
    if not len(bars):
        return _Made(bars, np.empty(0))
    middle = (bars.open + bars.high + bars.low + bars.close) / 4
    whole = bars.merged(groups, starts)
    traded = np.add.reduceat(middle * bars.volume, groups)
    plain = (whole.open + whole.high + whole.low + whole.close) / 4
    wap = np.where(whole.volume > 0, traded / np.maximum(whole.volume, 1), plain)
    return _Made(whole, np.round(np.clip(wap, whole.low, whole.high), 6))
