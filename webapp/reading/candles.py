"""Keeping candles ready, and reading them: from what is kept where that is right, from the bars everywhere else."""

import logging
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from webapp.database.transactions import reading, writing
from webapp.jobs import queries_jobs
from webapp.kernel.day_runs import Clock, day_runs
from webapp.kernel.intervals import DAY
from webapp.kernel.spans import Span, subtract, union, within
from webapp.reading import adjusting
from webapp.reading.rules_candles import WORTH_KEEPING, level_for, levels
from webapp.series import queries_aggregates, queries_bar_pages, queries_bars, queries_rollups, queries_series
from webapp.series.queries_aggregates import Candle
from webapp.series.queries_rebasing import lock
from webapp.series.queries_series import SeriesRow

log = logging.getLogger(__name__)

_BARS_A_TRANSACTION = 100_000
"""So that a writer who waits for us waits a tenth of a second."""
_EVER = Span(-(2**62), 2**62)


def clock_of(row: SeriesRow) -> Clock:
    """Return how the days of a series are told apart, and from where its candles count."""
    return Clock(adjusting.zone_of(row), row.facts.session_open or 0)


@dataclass(frozen=True, slots=True)
class Stock:
    """What a span of an intraday series is read from, in one transaction.

    ``ready`` are whole days whose kept candles are right, ``rest`` is what must be made of bars; both are normal.
    """

    connection: Connection
    row: SeriesRow
    clock: Clock
    ready: list[Span]
    rest: list[Span]

    def unkept(self) -> int:
        """Return how many bars there are in the rest."""
        return sum(queries_bars.count(self.connection, self.row.id, span) for span in self.rest)

    def rows(self) -> int:
        """Return how many bars there are."""
        return self.unkept() + sum(
            queries_rollups.count_kept_bars(self.connection, self.row.id, self._dates(it)) for it in self.ready
        )

    def candles(self, step: int) -> list[Candle]:
        """Return the candles of ``step`` seconds, a rung between the series' interval and a day, ascending."""
        level = level_for(self.row.interval, step)
        if level is None:
            return self._made([*self.ready, *self.rest], step)
        return sorted(self._made(self.rest, step) + [candle for it in self.ready for candle in self._kept(it, step)])

    def _made(self, spans: list[Span], step: int) -> list[Candle]:
        made: list[Candle] = []
        for span in union(spans):
            made += queries_aggregates.aggregate_candles(
                self.connection, self.row.id, day_runs(self.clock, span), step, span
            )
        return made

    def _kept(self, span: Span, step: int) -> list[Candle]:
        level = level_for(self.row.interval, step) or DAY
        if level == step:
            wanted = self._dates(span) if level == DAY else span
            return queries_rollups.read_kept(self.connection, self.row.id, level, wanted)
        return queries_aggregates.aggregate_kept(self.connection, self.row.id, day_runs(self.clock, span), step, level)

    def _dates(self, days: Span) -> Span:
        return Span(self.clock.label(days.start), self.clock.label(days.end - 1) + DAY)


def open_stock(connection: Connection, row: SeriesRow, span: Span) -> Stock:
    """Return what the bars that start in a span, merged, are read from."""
    clock = clock_of(row)
    asked = span.intersection(_frame(row, clock))
    marks = (
        queries_rollups.stale_spans(connection, row.id)
        if queries_rollups.stored_clock_name(connection, row.id) == clock.name
        else [asked]
    )
    stale = [clock.whole_days(mark) for mark in within(marks, asked)]
    ready = subtract([clock.inner_days(asked)], stale)
    return Stock(connection, row, clock, ready, subtract([asked], ready))


def _frame(row: SeriesRow, clock: Clock) -> Span:
    if row.first_bar is None or row.last_bar is None:
        return Span(0, 0)
    return clock.whole_days(Span(row.first_bar, row.last_bar + 1))


def catch_up(series_id: int, span: Span = _EVER) -> None:
    """Make the kept candles of a series right in a span, a short transaction at a time.

    Nothing is kept of dated series, nor of one so short that it is merged in no time.
    """
    while _advance(series_id, span):
        continue


def after_collecting(job_id: int) -> None:
    """Make the candles of a job's series ready, by the worker that wrote its bars; a failure is nobody's but ours."""
    try:
        with reading() as connection:
            job = queries_jobs.get(connection, job_id)
        if job is not None:
            catch_up(job.series_id)
    except SQLAlchemyError:
        log.exception("no candles were made ready")


def _advance(series_id: int, span: Span) -> bool:
    """Rebuild the oldest stale days of a span; tell whether there were any."""
    with writing() as connection:
        lock(connection, series_id)
        row = queries_series.get(connection, series_id)
        if row is None or not _is_kept(connection, row):
            return False
        clock = clock_of(row)
        frame = _frame(row, clock)
        marks = within(queries_rollups.stale_spans(connection, series_id), span.intersection(frame))
        if not marks:
            if span.intersection(frame) == frame:
                queries_rollups.clear_stale(connection, series_id)  # nothing is left but marks beyond all bars
            return False
        days = clock.whole_days(_portion(connection, series_id, marks[0]))
        for run in day_runs(clock, days):
            queries_rollups.rebuild(connection, series_id, run, levels(row.interval))
        queries_rollups.clear_stale(connection, series_id, days)
        return True


def _is_kept(connection: Connection, row: SeriesRow) -> bool:
    """Tell whether candles of the series are kept; from now on they are when it has grown long enough."""
    clock, known = clock_of(row), queries_rollups.stored_clock_name(connection, row.id)
    if known is None and (row.interval.is_dated or row.rows < WORTH_KEEPING):
        queries_rollups.clear_stale(connection, row.id)
        return False
    if known != clock.name:
        queries_rollups.reset(connection, row.id, clock.name, _frame(row, clock))
    return True


def _portion(connection: Connection, series_id: int, mark: Span) -> Span:
    """Return the first part of a mark, with about as many bars as one transaction may hold."""
    beyond = queries_bar_pages.nth_time(connection, series_id, mark, _BARS_A_TRANSACTION)
    return mark if beyond is None else Span(mark.start, beyond)
