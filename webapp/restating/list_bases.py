"""Bringing stored bars to the basis that a source's list of all actions and the days asked because of it show together.

A split that never was, was left out, or is told late may have moved prices that no update asks for again. The list's
quarters show it (``rules_basis_runs``), whichever job asks for the list; all series of the instrument are looked at.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from webapp.errors import Sentence, sentence
from webapp.kernel.adjusted_closes import Quarter
from webapp.kernel.bars import SPLIT, Action, Bar
from webapp.kernel.instants import datetime_of
from webapp.kernel.intervals import DAY, Interval, next_start, period_start
from webapp.kernel.plans import RECENT
from webapp.kernel.spans import Span
from webapp.reading.adjusting import missing_splits, zone_of
from webapp.reading.rules_adjustment import first_ex_bar
from webapp.restating.rebasing import RebaseContext, move_bars
from webapp.restating.rules_basis import LEAST_BARS, pairs
from webapp.restating.rules_basis_runs import (
    BasisRun,
    DayRatio,
    compare_range,
    find_common_ratios,
    find_runs,
    measure_days,
    span_quarters,
)
from webapp.restating.rules_list_doubts import Doubt
from webapp.restating.rules_seams import LEAST_VISIBLE, Move, Segment
from webapp.restating.rules_withdrawal import is_undone
from webapp.restating.siblings import close_at
from webapp.series import queries_actions, queries_bar_pages, queries_bars, queries_series
from webapp.series.queries_series import SeriesRow
from webapp.sources.base import Answer
from webapp.sources.choices import variant_of

_WEEKEND = 2 * DAY


@dataclass(frozen=True, slots=True)
class Mended:
    """What was brought to another basis: ``undone`` are the splits that prices moved back by.

    ``mixed`` are the bars, of more than a day, with days of two bases inside: their source must be asked.
    """

    undone: tuple[Action, ...] = ()
    mixed: tuple[tuple[SeriesRow, Span], ...] = ()


def find_price_doubts(connection: Connection, row: SeriesRow, quarters: Sequence[Quarter], end: int) -> list[Doubt]:
    """Return the quarters whose prices no stored series of the instrument agrees with.

    :param end: ends the last quarter (a date at 00:00 UTC). The last few days are left out: they may be of after the
        list, and each update asks for them again.
    """
    doubts = {}
    for series in _read_series(connection, row):
        for span, quarter in span_quarters(quarters, end):
            closes = _read_range(connection, series, Span(span.start, min(span.end, end - RECENT)))
            compared = closes and compare_range(quarter, *closes)
            if compared:
                doubts[span] = Doubt(f"prices {span.start}", span, compared)
    return list(doubts.values())


def find_spans_of_bars(connection: Connection, row: SeriesRow) -> list[Span]:
    """Return from which day to which (labels) each series of the instrument holds bars."""
    return [
        Span(series.first_bar, series.last_bar + DAY)
        for series in _read_series(connection, row)
        if series.first_bar is not None and series.last_bar is not None
    ]


def mend_bases(
    context: RebaseContext, answers: Iterable[Answer], quarters: Sequence[Quarter], splits: Iterable[Action], end: int
) -> Mended:
    """Divide what is stored of the instrument on another basis than the days that were asked.

    Nothing is, unless the list's quarters, which are another answer, agree with these days.

    :param splits: all that are on record, or were told now.
    :param end: ends the last quarter.
    """
    delivered = sorted({bar[0]: bar for answer in answers for bar in answer.bars}.values())
    if not quarters or not delivered or not _agree(quarters, delivered, end):
        return Mended()
    mending = _Mending(context, delivered, tuple(split for split in splits if split.kind == SPLIT and split.value > 0))
    return mending.mend()


def _agree(quarters: Sequence[Quarter], delivered: Sequence[Bar], end: int) -> bool:
    """Tell whether days that were delivered lie inside of their quarters."""
    for span, quarter in span_quarters(quarters, end):
        closes = [bar[4] for bar in delivered if span.start <= bar[0] < min(span.end, end - RECENT)]
        if closes and (min(closes) <= 0 or compare_range(quarter, min(closes), max(closes))):
            return False
    return True


@dataclass(frozen=True, slots=True)
class _Mending:
    """What was delivered of days (some, ascending), and the splits that may explain its basis."""

    context: RebaseContext
    delivered: Sequence[Bar]
    splits: tuple[Action, ...]

    @property
    def _ratios(self) -> set[float]:
        values = {split.value for split in self.splits}
        return {*values, *(1 / value for value in values)} - {1.0}

    def mend(self) -> Mended:
        """Divide the runs of each series that stand on another basis."""
        undone: list[Action] = []
        mixed: list[tuple[SeriesRow, Span]] = []
        bases: set[float] = set()
        for series in _read_series(self.context.connection, self.context.row):
            if series.id != self.context.row.id:
                queries_series.lock_for_write(self.context.connection, series.id)
            ratios = self._measure(series)
            bases |= self._find_bases(series, ratios)  # those of days hold for all other series
            runs = find_runs(ratios, bases, [split.time for split in self.splits])
            if not series.interval.is_dated:
                runs = [run for run in runs if run.days.end - run.days.start >= LEAST_BARS * DAY]
            undone += self._move(series, runs)
            mixed += [(series, span) for span in self._find_mixed(series, runs)]
        return Mended(tuple(undone), tuple(mixed))

    def _find_bases(self, series: SeriesRow, ratios: Iterable[DayRatio]) -> set[float]:
        """Return the ratios of bases that a series may stand on.

        The last price of other bars need not be the day's close, so that of them a split shows alone that is large.
        """
        if series.interval is Interval.D1:
            return find_common_ratios(ratios, self._ratios)
        return {ratio for ratio in self._ratios if abs(math.log(ratio)) >= LEAST_VISIBLE}

    def _measure(self, series: SeriesRow) -> list[DayRatio]:
        if series.interval is Interval.D1:
            days = Span(self.delivered[0][0], self.delivered[-1][0] + 1)
            return measure_days(pairs(queries_bars.read(self.context.connection, series.id, days), self.delivered))
        closes = self._read_dated(series) if series.interval.is_dated else self._read_hours(series)
        both = ((day, ours, self._close_at(day)) for day, ours in closes)
        return [(day, ours / theirs) for day, ours, theirs in both if min(ours, theirs) > 0]

    def _read_dated(self, series: SeriesRow) -> Iterator[tuple[int, float]]:
        """Yield the last days (labels) of weeks or months, and their closes; that of a Sunday is Friday's."""
        first, last = self.delivered[0][0], self.delivered[-1][0]
        bars = Span(period_start(first, series.interval), last + 1)
        for bar in queries_bars.read(self.context.connection, series.id, bars):
            day = next_start(bar[0], series.interval) - DAY
            if day <= last + _WEEKEND:
                yield day, bar[4]

    def _read_hours(self, series: SeriesRow) -> Iterator[tuple[int, float]]:
        """Yield the days (labels) that a series of shorter bars spans, and the last prices by their ends."""
        if series.first_bar is None or series.last_bar is None:
            return
        first = max(self.delivered[0][0], series.first_bar - series.first_bar % DAY)
        for day in range(first, min(self.delivered[-1][0], series.last_bar) + DAY, DAY):
            close = close_at(self.context.connection, series, day)
            if close is not None:
                yield day, close

    def _close_at(self, day: int) -> float:
        return self.delivered[bisect_right(self.delivered, day, key=lambda bar: bar[0]) - 1][4]

    def _move(self, series: SeriesRow, runs: Sequence[BasisRun]) -> Iterator[Action]:
        """Divide the bars of runs, and yield the splits that are undone by that."""
        for run in runs:
            of_end = [split for split in self.splits if split.time == run.days.end]
            done = next((split.time for split in of_end if split.value == run.ratio), None)
            step, zone = series.interval, zone_of(series)
            bars = Span(first_ex_bar(run.days.start, step, zone), first_ex_bar(run.days.end, step, zone))
            move = Move(Segment(bars, run.days), run.ratio, done, is_volume_too=True)
            move_bars(self.context, series, move, partial(_describe, series, run))
            yield from (split for split in of_end if is_undone(split, run.ratio))

    def _find_mixed(self, series: SeriesRow, runs: Iterable[BasisRun]) -> set[Span]:
        """Return the bars inside of which a run begins or ends, as far as what was delivered shows that it does."""
        if series.interval.seconds <= DAY:
            return set()
        first, last = self.delivered[0][0], self.delivered[-1][0]
        edges = {edge for run in runs for edge in (run.days.start, run.days.end) if first < edge <= last}
        starts = {period_start(edge, series.interval) for edge in edges} - edges
        return {Span(start, next_start(start, series.interval)) for start in starts}


def _read_series(connection: Connection, row: SeriesRow) -> list[SeriesRow]:
    """Return the series of the instrument that hold prices, daily ones first; none that waits for, or lacks, a split.

    Such a series is not on today's basis, as it is known already.
    """
    rows = (row, *queries_series.read_siblings(connection, row))
    priced = [each for each in rows if each.rows and variant_of(each.source, each.variant).has_prices]
    actions = queries_actions.read(connection, row.instrument_id)
    ready = [each for each in priced if not missing_splits(connection, each, actions)]
    return sorted(ready, key=lambda each: each.interval is not Interval.D1)


def _read_range(connection: Connection, series: SeriesRow, days: Span) -> tuple[float, float] | None:
    """Return the lowest and the highest close of days (labels), as far as they are stored; None without any.

    Of bars shorter than a day, which are many, the first and the last: what is on another basis begins there.
    """
    step, zone = series.interval, zone_of(series)
    if not days or series.first_bar is None or series.last_bar is None:
        return None
    bars = Span(first_ex_bar(days.start, step, zone), first_ex_bar(days.end, step, zone))
    bars = bars.intersection(Span(series.first_bar, series.last_bar + 1))
    if not bars:
        return None
    if step.is_dated:
        return queries_bars.range_of_closes(connection, series.id, bars)
    first = queries_bar_pages.page(connection, series.id, bars, 1)
    last = queries_bar_pages.last_close(connection, series.id, bars.end)
    return (min(first[0][4], last[1]), max(first[0][4], last[1])) if first and last else None


def _describe(series: SeriesRow, run: BasisRun, rows: int) -> Sentence:
    return sentence(
        "%(bars)d stored bars of %(interval)s from %(first)s to %(last)s were divided by %(ratio)s: the source's list "
        "of all dividends and splits and its bars of these days show another basis.",
        bars=rows,
        interval=series.interval.value,
        first=_date(run.days.start),
        last=_date(run.days.end - DAY),
        ratio=f"{run.ratio:.9g}",
    )


def _date(label: int) -> str:
    return f"{datetime_of(label):%Y-%m-%d}"
