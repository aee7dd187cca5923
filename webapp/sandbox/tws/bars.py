"""The bars of an answer: the market's, added up on the clock's hours as TWS does."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from webapp.sandbox.columns import Columns, Prices, groups_of
from webapp.sandbox.noise import Ints
from webapp.sandbox.tws.asked import DAILY, HistoryAsked
from webapp.sandbox.tws.book import Book
from webapp.sandbox.tws.derived import QUOTES, VOLATILITIES, Maker, days_of, midnights
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


def first_bar(paper: Paper, view: View) -> int:
    """Return when the data of a contract begin (UTC epoch seconds)."""
    sessions = view.history.sessions
    life = {"FUT": _LIFE_OF_A_FUTURE, "OPT": _LIFE_OF_AN_OPTION}.get(paper.sec_type)
    if life is None:
        return int(sessions.open[0])
    begin = _end_of(paper) - life
    return int(sessions.open[min(int(np.searchsorted(sessions.open, begin)), len(sessions) - 1)])


def rows(book: Book, paper: Paper, view: View, asked: HistoryAsked) -> list[Row]:
    """Return the bars that a request asks for.

    :raises RefusalError: when there are none.
    """
    end = min(asked.end(view.now), view.now)
    start = _start(view, asked, end)
    maker = Maker(book, paper, view, asked.what)
    made = _dated(maker, asked, start, end) if asked.step >= DAILY else _intraday(maker, asked, start, end)
    if not len(made):
        raise no_data(f"{paper.symbol}@{paper.exchange} {asked.what.title()}")
    quoted = asked.what in QUOTES or asked.what in VOLATILITIES
    return [_row(bar, quoted=quoted) for bar in zip(*(column.tolist() for column in made.columns()), strict=True)]


def _row(bar: tuple[float, ...], *, quoted: bool) -> Row:
    start, first, high, low, last, volume = bar
    if quoted:
        return Row(int(start), first, high, low, last, -1, -1, -1)
    wap = round((first + high + low + last) / 4, 6)
    return Row(int(start), first, high, low, last, volume, wap, max(1, int(volume) // 100))


def _end_of(paper: Paper) -> int:
    day = paper.day or dt.date(2037, 12, 31)
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp()) + DAILY


def _start(view: View, asked: HistoryAsked, end: float) -> float:
    """Return where the duration begins: seconds are counted in time, days in sessions, the others on the calendar."""
    count, unit = asked.count_and_unit
    if unit == "S":
        return end - count
    sessions = view.history.sessions
    if unit == "D":
        last = int(np.searchsorted(sessions.open, end))
        opening = sessions.open[max(last - count, 0)] if last else end
        return float(opening) - (12 * 3600 if view.listing.venue.extended else 0)
    days = {"W": 7.0, "M": _MONTH, "Y": _YEAR}[unit] * count
    return end - days * DAILY


def _dated(maker: Maker, asked: HistoryAsked, start: float, end: float) -> Prices:
    """Return daily bars, or weeks and months made of them, labelled by their first day."""
    daily = maker.view.daily()
    sessions = maker.view.history.sessions
    begun = sessions.open[: len(daily)]
    chosen = (begun < end) & (sessions.close[: len(daily)] > start) & (daily.start < _end_of(maker.paper))
    daily = daily.part(chosen & (daily.start >= first_bar(maker.paper, maker.view) // DAILY * DAILY))
    made = maker.made(daily, daily.start // DAILY)
    if asked.step == DAILY:
        return made
    labels = period_of("1wk" if asked.step == 7 * DAILY else "1mo", made.start // DAILY)
    groups = groups_of(labels)
    return made.merged(groups, labels[groups] * DAILY)


def _intraday(maker: Maker, asked: HistoryAsked, start: float, end: float) -> Prices:
    view, step = maker.view, asked.step
    start = max(start, float(first_bar(maker.paper, view)), view.now - _SMALL_KEPT if asked.is_small else start)
    end = min(end, float(_end_of(maker.paper)))
    extended = not asked.is_regular and maker.paper.sec_type not in _REGULAR_ONLY
    base = view.prices("1s" if asked.is_small else "1m", start - step, end, extended=extended)
    timezone = view.listing.venue.timezone
    days = days_of(base.start, timezone)
    made = maker.made(base, days)
    whole = _on_the_clock(made, days, step, timezone)
    return whole.part(whole.start >= start)


def _on_the_clock(bars: Prices, days: Ints, step: int, timezone: str) -> Prices:
    """Add bars up on a grid that begins at local midnight; the first bar of a stretch starts where its trading does."""
    if not len(bars):
        return bars
    anchors = midnights(days, timezone)
    places = anchors + (bars.start - anchors) // step * step
    groups = groups_of(places)
    return bars.merged(groups, bars.start[groups]) if step > 1 else Columns(*bars.columns())
