"""Candles: reading them, from what is kept ready where that is right and from bars elsewhere, and keeping them ready.

A chart's candles begin here (``charts``), and so do larger bars of a source without average prices (``derived_bars``).
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.database.transactions import writing
from webapp.kernel.day_runs import ExchangeClock, day_runs
from webapp.kernel.intervals import DAY
from webapp.kernel.spans import EVER, Span, subtract, union, within
from webapp.reading.clocks import exchange_clock
from webapp.reading.rules_resolutions import WORTH_KEEPING, level_for, levels
from webapp.series import queries_aggregates, queries_bar_pages, queries_bars, queries_rollups, queries_series
from webapp.series.queries_aggregates import Candle
from webapp.series.queries_series import SeriesRow

_BARS_A_TRANSACTION = 100_000
"""So that a writer who waits for us waits a tenth of a second."""


@dataclass(frozen=True, slots=True)
class CandleSource:
    """What a span of an intraday series is read from, in one transaction.

    ``ready`` are whole days whose kept candles are right, ``unaggregated`` is what must be aggregated of bars; both are
    normal.
    """

    connection: Connection
    row: SeriesRow
    clock: ExchangeClock
    ready: list[Span]
    unaggregated: list[Span]

    def count_unaggregated(self) -> int:
        """Return how many bars must be aggregated."""
        return sum(queries_bars.count(self.connection, self.row.id, span) for span in self.unaggregated)

    def count_bars(self) -> int:
        """Return how many bars there are."""
        return self.count_unaggregated() + sum(
            queries_rollups.count_kept_bars(self.connection, self.row.id, self._dates(days)) for days in self.ready
        )

    def candles(self, step: int) -> list[Candle]:
        """Return the candles of ``step`` seconds, a resolution between the series' interval and a day, ascending."""
        level = level_for(self.row.interval, step)
        if level is None:
            return self._aggregate([*self.ready, *self.unaggregated], step)
        candles = [candle for days in self.ready for candle in self._read_kept(days, step, level)]
        return sorted(self._aggregate(self.unaggregated, step) + candles)

    def _aggregate(self, spans: list[Span], step: int) -> list[Candle]:
        candles: list[Candle] = []
        for span in union(spans):
            runs = day_runs(self.clock, span)
            candles += queries_aggregates.aggregate_candles(self.connection, self.row.id, runs, step, span)
        return candles

    def _read_kept(self, days: Span, step: int, level: int) -> list[Candle]:
        if level == step:
            span = self._dates(days) if level == DAY else days
            return queries_rollups.read_kept(self.connection, self.row.id, level, span)
        runs = day_runs(self.clock, days)
        return queries_aggregates.aggregate_kept(self.connection, self.row.id, runs, step, level)

    def _dates(self, days: Span) -> Span:
        return Span(self.clock.label(days.start), self.clock.label(days.end - 1) + DAY)


def open_candle_source(connection: Connection, row: SeriesRow, span: Span) -> CandleSource:
    """Return what the candles of the bars that start in a span are read from."""
    clock = exchange_clock(row)
    stored = span.intersection(_stored_days(row, clock))
    is_current = queries_rollups.stored_clock_name(connection, row.id) == clock.name
    marks = queries_rollups.stale_spans(connection, row.id) if is_current else [stored]
    stale = [clock.whole_days(mark) for mark in within(marks, stored)]
    ready = subtract([clock.inner_days(stored)], stale)
    return CandleSource(connection, row, clock, ready, subtract([stored], ready))


def _stored_days(row: SeriesRow, clock: ExchangeClock) -> Span:
    """Return the whole days from the first stored bar to the last one."""
    if row.first_bar is None or row.last_bar is None:
        return Span(0, 0)
    return clock.whole_days(Span(row.first_bar, row.last_bar + 1))


def catch_up(series_id: int, span: Span = EVER) -> None:
    """Make the kept candles of a series right in a span, a short transaction at a time.

    Nothing is kept of dated series, nor of one so short that it is aggregated in no time.
    """
    while _advance(series_id, span):
        continue


def _advance(series_id: int, span: Span) -> bool:
    """Rebuild the oldest stale days of a span; tell whether there were any."""
    with writing() as connection:
        queries_series.lock_for_write(connection, series_id)
        row = queries_series.get(connection, series_id)
        if row is None or not _is_kept(connection, row):
            return False
        clock = exchange_clock(row)
        stored = _stored_days(row, clock)
        marks = within(queries_rollups.stale_spans(connection, series_id), span.intersection(stored))
        if not marks:
            if span.intersection(stored) == stored:
                queries_rollups.clear_stale(connection, series_id)  # nothing is left but marks beyond all bars
            return False
        days = clock.whole_days(_first_portion(connection, series_id, marks[0]))
        for run in day_runs(clock, days):
            queries_rollups.rebuild(connection, series_id, run, levels(row.interval))
        queries_rollups.clear_stale(connection, series_id, days)
        return True


def _is_kept(connection: Connection, row: SeriesRow) -> bool:
    """Tell whether candles of the series are kept; from now on they are when it has grown long enough."""
    clock, clock_name = exchange_clock(row), queries_rollups.stored_clock_name(connection, row.id)
    if clock_name is None and (row.interval.is_dated or row.rows < WORTH_KEEPING):
        queries_rollups.clear_stale(connection, row.id)
        return False
    if clock_name != clock.name:
        queries_rollups.reset(connection, row.id, clock.name, _stored_days(row, clock))
    return True


def _first_portion(connection: Connection, series_id: int, mark: Span) -> Span:
    """Return the first part of a mark, with about as many bars as one transaction may hold."""
    beyond = queries_bar_pages.nth_time(connection, series_id, mark, _BARS_A_TRANSACTION)
    return mark if beyond is None else Span(mark.start, beyond)
