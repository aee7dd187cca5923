"""Candles for a chart: a series, merged into as many as can be seen."""

import logging
from bisect import bisect_left
from dataclasses import dataclass, replace
from itertools import groupby

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from webapp.database.transactions import reading
from webapp.kernel.bars import Action
from webapp.kernel.intervals import DAY, Interval, period_start
from webapp.kernel.spans import Span
from webapp.reading import adjusting
from webapp.reading import candles as rollups
from webapp.reading.rules_adjusted_rows import parts, shares
from webapp.reading.rules_adjustment import Adjust, Adjustment
from webapp.reading.rules_candles import WORTH_KEEPING
from webapp.series import queries_actions as actions
from webapp.series import queries_bar_pages, queries_rebasing, queries_series
from webapp.series.queries_aggregates import Candle
from webapp.series.queries_series import SeriesRow

log = logging.getLogger(__name__)

_RUNGS = (
    *(Interval.S1, Interval.S5, Interval.S15, Interval.S30, Interval.M1, Interval.M5, Interval.M15, Interval.M30),
    *(Interval.H1, Interval.H4, Interval.D1, Interval.W1, Interval.MO1),
)
_EVER = Span(-(2**62), 2**62)


@dataclass(frozen=True, slots=True)
class Candles:
    """Columns of equal length, ascending: ``time`` in epoch seconds UTC (a date's 00:00 UTC for 1d and longer).

    Prices have nine significant digits: they are drawn, and more is float32's noise. ``bars`` says how many stored bars
    each candle stands for, ``rows`` how many they are together, ``step`` the interval shown, ``actions`` what happened
    to the instrument in their time. The first and the last candle hold no bar from beyond the span asked for.
    """

    time: list[int]
    open: list[float]
    high: list[float]
    low: list[float]
    close: list[float]
    volume: list[float]
    bars: list[int]
    step: str
    rows: int
    actions: list[Action]


def candles(
    series_id: int,
    *,
    adjust: str = "splits",
    max_points: int = 2000,
    start: int | None = None,
    end: int | None = None,
    step: Interval | None = None,
) -> Candles:
    """Return the bars that start in ``[start, end)`` (epoch seconds; all without), merged when over ``max_points``.

    With ``step``, they are merged to it or to the next larger one that is possible, so that the candles of
    neighbouring spans can stand side by side; when that makes too many, they are merged further, as without.

    They are merged to the smallest usual interval that brings them under ``max_points``, to months at most. A day is
    the exchange's; shorter candles count from the session's opening, and none reaches across midnight, so that no
    candle holds prices of two sides of an ex-date.

    :raises NotFoundError: when there is no series of this id.
    :raises InvalidRequestError: with the field ``adjust`` for an unknown adjustment.
    """
    wanted = adjusting.understood(adjust)
    span = Span(_EVER.start if start is None else start, _EVER.end if end is None else end)
    _make_ready(series_id, span)
    with reading() as connection:
        row = adjusting.found(connection, series_id)
        known = actions.read(connection, row.instrument_id)
        factors = adjusting.adjustment_of(connection, row, wanted, known)
        least = step.seconds if step else 0
        drawn = _Drawing(connection, row, span, factors, max(1, max_points), least).drawn()
    return _columns(*drawn, known)


def version(connection: Connection, row: SeriesRow, adjust: str) -> tuple[object, ...]:
    """Return all that the candles of a series depend on, for an ETag; quick, for it reads no bar.

    Every write touches the series' row, its facts say by which clock days are told apart, actions and re-basings make
    the factors; those of dividends also come from the closes of the instrument's daily series.
    """
    daily = None
    if adjust == Adjust.ALL and row.interval is not Interval.D1:
        daily = queries_series.find(connection, row.source, row.symbol, Interval.D1, "")
    told = actions.version(connection, row.instrument_id)
    rebased = queries_rebasing.rebasings(connection, row.id)
    return row, rollups.clock_of(row).name, told, rebased, daily


def _make_ready(series_id: int, span: Span) -> None:
    """Rebuild what is kept when too much of the span would have to be made of bars.

    It is done by workers after they wrote, so this is rare; and when it fails, the chart is late and not wrong.
    """
    with reading() as connection:
        row = adjusting.found(connection, series_id)
        if row.interval.is_dated or row.rows < WORTH_KEEPING:
            return
        stock = rollups.open_stock(connection, row, span)
        if stock.unkept() < WORTH_KEEPING:
            return
    try:
        rollups.catch_up(series_id, span)
    except SQLAlchemyError:
        log.exception("no candles were made ready")


@dataclass(frozen=True, slots=True)
class _Drawing:
    """One chart on its way."""

    connection: Connection
    row: SeriesRow
    span: Span
    factors: Adjustment
    most: int
    least: int

    def drawn(self) -> tuple[list[Candle], Interval]:
        """Return adjusted candles, and what each of them stands for."""
        rungs = ladder(self.row.interval)
        if self.row.interval.is_dated:
            return self._climbed(self._adjusted(self._as_stored(), self.factors), rungs)
        stock = rollups.open_stock(self.connection, self.row, self.span)
        place = max(_rung(rungs, stock.rows(), self.most), _at_least(rungs, self.least))
        while rungs[place].seconds < DAY:
            found = stock.candles(rungs[place].seconds) if place else self._as_stored()
            if len(found) <= self.most:
                return self._adjusted(found, self.factors), rungs[place]
            place += 1
        by_date = replace(self.factors, edges=tuple(stock.clock.label(edge) for edge in self.factors.edges))
        return self._climbed(self._adjusted(stock.candles(DAY), by_date), rungs[rungs.index(Interval.D1) :])

    def _as_stored(self) -> list[Candle]:
        several = queries_bar_pages.short_page(self.connection, self.row.id, self.span)
        return [(*bar, 1) for bar in several]

    def _adjusted(self, found: list[Candle], factors: Adjustment) -> list[Candle]:
        """Return the candles, adjusted. A factor's edge is an ex-date's midnight, which no candle reaches across."""
        if not factors.edges:
            return found
        adjusted: list[Candle] = []
        for part, price, volume in parts(found, factors):
            adjusted += _scaled(part, price, volume)
        return adjusted

    def _climbed(self, found: list[Candle], rungs: list[Interval]) -> tuple[list[Candle], Interval]:
        """Merge dated candles until they are few enough: months are made of days, for weeks reach across them."""
        step, shown = rungs[0], found
        for rung in rungs[1:]:
            if len(shown) <= self.most and step.seconds >= self.least:
                break
            step, shown = rung, _merged(found, rung)
        return shown, step


def _scaled(several: list[Candle], price: float, volume: float) -> list[Candle]:
    if volume == 1.0:
        return [(t, o * price, h * price, lo * price, c * price, v, n) for t, o, h, lo, c, v, n in several]
    return [(t, o * price, h * price, lo * price, c * price, shares(v, volume), n) for t, o, h, lo, c, v, n in several]


def _merged(several: list[Candle], rung: Interval) -> list[Candle]:
    """Merge dated candles: first open, highest, lowest, last close, summed volume."""
    merged: list[Candle] = []
    for start, group in groupby(several, key=lambda candle: period_start(candle[0], rung)):
        _, opens, highs, lows, closes, volumes, rows = zip(*group, strict=True)
        merged.append((start, opens[0], max(highs), min(lows), closes[-1], sum(volumes), sum(rows)))
    return merged


def ladder(interval: Interval) -> list[Interval]:
    """Return the intervals that bars of this one can be merged into, itself first, each made of whole ones before."""
    rungs = [interval]
    for rung in _RUNGS:
        if rung.seconds > rungs[-1].seconds and (rung.is_dated or rung.seconds % rungs[-1].seconds == 0):
            rungs.append(rung)
    return rungs


def _rung(rungs: list[Interval], rows: int, max_points: int) -> int:
    """Return the first rung that could bring so many rows under the limit if no bar were missing."""
    return _at_least(rungs, -(-rows // max_points) * rungs[0].seconds)


def _at_least(rungs: list[Interval], seconds: int) -> int:
    """Return the first rung that is as long, or the last one."""
    return min(bisect_left([rung.seconds for rung in rungs], seconds), len(rungs) - 1)


def _columns(merged: list[Candle], step: Interval, known: list[Action]) -> Candles:
    times, *prices, volumes, rows = zip(*merged, strict=True) if merged else ((),) * 7
    since = period_start(times[0], Interval.D1) if times else 0
    shown = [action for action in known if times and since <= action.time <= times[-1] + step.seconds]
    opens, highs, lows, closes = ([float(f"{price:.9g}") for price in column] for column in prices)
    return Candles(
        time=list(times),
        open=opens,
        high=highs,
        low=lows,
        close=closes,
        volume=list(volumes),
        bars=list(rows),
        step=step.value,
        rows=sum(rows),
        actions=shown,
    )
