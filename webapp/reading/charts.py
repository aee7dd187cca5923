"""Candles for a chart: the bars of a series, merged into as many as can be seen, from seconds to weeks and months."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from webapp.coverage.calendar_files import CalendarError
from webapp.database.transactions import reading
from webapp.kernel.bars import Action
from webapp.kernel.day_runs import day_runs
from webapp.kernel.intervals import DAY, Interval, period_start
from webapp.kernel.spans import EVER, Span
from webapp.reading import adjusting, payouts
from webapp.reading import kept_candles as candle_sources
from webapp.reading.clocks import exchange_clock
from webapp.reading.derivation import partial_candles
from webapp.reading.kept_candles import CandleSource
from webapp.reading.rules_adjustment import Adjust, Adjustment, parts, scale
from webapp.reading.rules_resolutions import WORTH_KEEPING, choose_resolution, coarser_resolution, resolutions
from webapp.series import queries_actions, queries_bar_pages, queries_rebasing, queries_series, queries_split_waits
from webapp.series.existing import require_series_in
from webapp.series.queries_aggregates import Candle
from webapp.series.queries_series import SeriesRow

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Candles:
    """Columns of equal length, ascending: ``time`` in epoch seconds UTC (a date's 00:00 UTC for 1d and longer).

    ``bars`` says how many stored bars each candle stands for, ``rows`` how many they are together, ``step`` the
    interval shown, ``actions`` what happened to the instrument in their time. The first and the last candle hold no bar
    from beyond the span asked for.
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
    partial: list[int]
    """1 for a candle in which something is missing (a hole, or the edge of what was collected), else 0."""


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
    adjustment = adjusting.parse_adjust(adjust)
    span = Span(EVER.start if start is None else start, EVER.end if end is None else end)
    _make_ready(series_id, span)
    with reading() as connection:
        row = require_series_in(connection, series_id)
        actions = queries_actions.read(connection, row.instrument_id)
        factors = adjusting.adjustment_of(connection, row, adjustment, actions)
        query = _CandleQuery(connection, row, span, factors, max(1, max_points), step.seconds if step else 0)
        merged, shown_step = query.fetch()
        partial = _partial_starts(connection, row, shown_step, merged)
    return _columns(merged, shown_step, actions, partial)


def version(connection: Connection, row: SeriesRow, adjust: str) -> tuple[object, ...]:
    """Return all that the candles of a series depend on, for an ETag; quick, for it reads no bar.

    Every write touches the series' row, its facts say by which clock days are told apart, actions and re-basings make
    the factors, each from its ex-date on; those of dividends also come from the closes of the instrument's daily
    series, and from rates.
    """
    closes: list[SeriesRow | None] = []
    if adjust == Adjust.ALL:
        closes += payouts.find_rate_series(connection, row, queries_actions.read(connection, row.instrument_id))
    if adjust == Adjust.ALL and row.interval is not Interval.D1:
        closes.append(queries_series.find(connection, row.source, row.symbol, Interval.D1, ""))
    actions = queries_actions.version(connection, row.instrument_id)
    rebasings = queries_rebasing.rebasings(connection, row.id)
    due, waits = adjusting.count_due(connection, row), queries_split_waits.read(connection, row.id)
    return row, exchange_clock(row).name, actions, due, rebasings, waits, closes


def _make_ready(series_id: int, span: Span) -> None:
    """Rebuild what is kept when too much of the span would have to be made of bars.

    It is done by workers after they wrote, so this is rare; and when it fails, the chart is late and not wrong.
    """
    with reading() as connection:
        row = require_series_in(connection, series_id)
        if row.interval.is_dated or row.rows < WORTH_KEEPING:
            return
        source = candle_sources.open_candle_source(connection, row, span)
        if source.count_unaggregated() < WORTH_KEEPING:
            return
    try:
        candle_sources.catch_up(series_id, span)
    except SQLAlchemyError:
        log.exception("no candles were made ready")


@dataclass(frozen=True, slots=True)
class _CandleQuery:
    """What one chart asks for: ``max_points`` candles at most, of ``min_seconds`` at least."""

    connection: Connection
    row: SeriesRow
    span: Span
    factors: Adjustment
    max_points: int
    min_seconds: int

    def fetch(self) -> tuple[list[Candle], Interval]:
        """Return adjusted candles, and what each of them stands for.

        The first resolution is chosen by the number of bars. Where bars are missing it may show too many candles; then
        these tell which coarser one does not, and that is read instead.
        """
        if self.row.interval.is_dated:
            return self._merge_dated(_adjust(self._read_bars(), self.factors), resolutions(self.row.interval))
        source = candle_sources.open_candle_source(self.connection, self.row, self.span)
        step = choose_resolution(self.row.interval, source.count_bars(), self.max_points, self.min_seconds)
        candles = self._read_candles(source, step)
        if not step.is_dated and len(candles) > self.max_points:
            step = self._coarser(source, candles, step)
            candles = self._read_candles(source, step)
        if not step.is_dated:
            return _adjust(candles, self.factors), step
        by_date = replace(self.factors, edges=tuple(source.clock.label(edge) for edge in self.factors.edges))
        steps = [step for step in resolutions(self.row.interval) if step.is_dated]
        return self._merge_dated(_adjust(candles, by_date), steps)

    def _read_candles(self, source: CandleSource, step: Interval) -> list[Candle]:
        """Return candles of a resolution, those of days for longer ones."""
        return self._read_bars() if step is self.row.interval else source.candles(min(step.seconds, DAY))

    def _read_bars(self) -> list[Candle]:
        bars = queries_bar_pages.short_page(self.connection, self.row.id, self.span)
        return [(*bar, 1) for bar in bars]

    def _coarser(self, source: CandleSource, candles: list[Candle], step: Interval) -> Interval:
        """Return the resolution to which too many candles are to be merged; of days there may still be too many."""
        steps = [coarser for coarser in resolutions(self.row.interval) if step.seconds < coarser.seconds <= DAY]
        times = [candle[0] for candle in candles]
        runs = list(day_runs(source.clock, Span(times[0], times[-1] + 1)))
        return coarser_resolution(times, steps, self.max_points, runs)

    def _merge_dated(self, candles: list[Candle], steps: list[Interval]) -> tuple[list[Candle], Interval]:
        """Merge dated candles until they are few enough: months are made of days, for weeks reach across them."""
        step, merged = steps[0], candles
        for coarser in steps[1:]:
            if len(merged) <= self.max_points and step.seconds >= self.min_seconds:
                break
            step, merged = coarser, _merge(candles, coarser)
        return merged, step


def _adjust(candles: list[Candle], factors: Adjustment) -> list[Candle]:
    """Return the candles, adjusted. A factor's edge is an ex-date's midnight, which no candle reaches across."""
    if not factors.edges:
        return candles
    adjusted: list[Candle] = []
    for part, price, volume in parts(candles, factors):
        bars = scale([candle[:6] for candle in part], price, volume)
        adjusted += [(*bar, candle[6]) for bar, candle in zip(bars, part, strict=True)]
    return adjusted


def _merge(candles: Iterable[Candle], step: Interval) -> list[Candle]:
    """Merge dated candles: first open, highest, lowest, last close, summed volume."""
    merged: list[Candle] = []
    for start, group in groupby(candles, key=lambda candle: period_start(candle[0], step)):
        _, opens, highs, lows, closes, volumes, rows = zip(*group, strict=True)
        merged.append((start, opens[0], max(highs), min(lows), closes[-1], sum(volumes), sum(rows)))
    return merged


def _partial_starts(connection: Connection, row: SeriesRow, step: Interval, merged: list[Candle]) -> frozenset[int]:
    """Return the starts of partial candles; without a calendar the chart is drawn all the same, and none is marked."""
    if step is row.interval or not merged:
        return frozenset()
    try:
        return partial_candles(connection, row, step, Span(merged[0][0], merged[-1][0] + 1))
    except CalendarError:
        log.warning("no candle is marked as partial", exc_info=True)
        return frozenset()


def _columns(merged: list[Candle], step: Interval, actions: list[Action], partial: frozenset[int]) -> Candles:
    times, *prices, volumes, rows = zip(*merged, strict=True) if merged else ((),) * 7
    since = period_start(times[0], Interval.D1) if times else 0
    shown = [action for action in actions if times and since <= action.time <= times[-1] + step.seconds]
    opens, highs, lows, closes = map(list, prices)
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
        partial=[int(time in partial) for time in times],
    )
