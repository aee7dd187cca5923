"""The bars of a series, stored or larger ones, read by pages with their adjustment beside them.

Exports, DataFrames and the API are made of them; charts read candles (``charts``).
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection

from webapp.context import context
from webapp.coverage.answered import describe_empty
from webapp.database.transactions import reading
from webapp.errors import Sentence
from webapp.kernel.bars import Bar, ShortBar
from webapp.kernel.days import require_order, span_between
from webapp.kernel.intervals import Interval
from webapp.kernel.spans import EVER, Span
from webapp.reading import adjusting, derived_bars
from webapp.reading.adjusting import zone_of
from webapp.reading.adjustment_findings import describe_findings
from webapp.reading.derivation import lay_out
from webapp.reading.derived_bars import DerivedBars
from webapp.reading.rules_adjustment import Adjustment, parts, scale, scale_bar
from webapp.reading.rules_payouts import OmittedPayout, describe_omitted
from webapp.reading.steadiness import Steadiness, steadiness
from webapp.series import queries_bar_pages
from webapp.series.existing import require_series_in
from webapp.series.queries_bar_pages import Reading
from webapp.series.queries_series import SeriesRow

_Row = TypeVar("_Row", Bar, ShortBar)


@dataclass(frozen=True, slots=True)
class StoredBars:
    """A series opened for reading; it may be read after the application context has gone.

    Pages hold ascending bars, each page read in a short transaction of its own. What a worker adds meanwhile may or
    may not be among them; no bar comes twice and none is left out. After the last page, ``SeriesChangedError`` says
    when the series was re-based or deleted meanwhile, so that the pages do not belong together.
    """

    series: SeriesRow
    factors: Adjustment
    """What makes of the pages' bars what was asked for."""
    has_wap: bool
    """Whether the source gives average prices and trade counts."""
    span: Span
    steadiness: Steadiness
    omitted: tuple[OmittedPayout, ...] = ()
    """The payouts that prices are not adjusted for."""
    derived: DerivedBars | None = None
    """Where larger bars come from, when these are asked for: the pages hold them adjusted, and ``factors`` are none."""
    findings: tuple[Sentence, ...] = ()
    """What is said of a series without bars, and of prices that the source itself adjusts otherwise."""

    @property
    def notes(self) -> list[Sentence]:
        """What must be said of the bars as they were asked for."""
        return [*describe_omitted(self.series.symbol, self.series.facts.currency, self.omitted), *self.findings]

    @property
    def reading(self) -> Reading:
        """What opens a transaction to read in."""
        return self.steadiness.reading

    @property
    def partial(self) -> frozenset[int] | None:
        """The starts of the bars that are partial; None for stored bars, of which none is."""
        return self.derived.partial if self.derived else None

    @property
    def interval(self) -> Interval:
        """The interval of the bars in the pages: the series' own, or the larger one that was asked for."""
        return self.derived.step if self.derived else self.series.interval

    @property
    def version(self) -> tuple[object, ...]:
        """All that the bars depend on, for an ETag; quick, for no bar is read.

        Every write touches the series' row. Of larger bars, time and coverage decide which are finished and partial.
        """
        larger = self.derived and (
            *(self.derived.step, self.derived.factors, self.derived.late_starts, self.derived.partial),
            *(self.derived.complete_only, self.derived.is_last_finished),
        )
        rebasings = self.steadiness.rebasings
        return self.series, self.factors, self.span, self.omitted, self.findings, rebasings, larger

    def pages(self, size: int) -> Iterator[list[Bar]]:
        """Yield bars as delivered, ``size`` a page."""
        yield from self.derived.pages(size) if self.derived else self._pages(queries_bar_pages.page, size)
        self.steadiness.check()

    def short_pages(self, size: int) -> Iterator[list[ShortBar]]:
        """Yield bars as delivered, up to their volume, ``size`` a page."""
        yield from self.derived.short_pages(size) if self.derived else self._pages(queries_bar_pages.short_page, size)
        self.steadiness.check()

    def adjusted(self, size: int) -> Iterator[list[Bar]]:
        """Yield bars as asked for, ``size`` a page."""
        for page in self.pages(size):
            if not self.factors.edges:
                yield page
                continue
            yield [scale_bar(bar, price, volume) for part, price, volume in parts(page, self.factors) for bar in part]

    def adjusted_short(self, size: int) -> Iterator[list[ShortBar]]:
        """Yield bars as asked for, up to their volume, ``size`` a page."""
        for page in self.short_pages(size):
            if not self.factors.edges:
                yield page
                continue
            yield [bar for part, price, volume in parts(page, self.factors) for bar in scale(part, price, volume)]

    def _pages(self, read: Callable[[Connection, int, Span, int], list[_Row]], size: int) -> Iterator[list[_Row]]:
        start = self.span.start
        while True:
            with self.reading() as connection:
                page = read(connection, self.series.id, Span(start, self.span.end), size)
            if page:
                yield page
            if len(page) < size:
                return
            start = page[-1][0] + 1


def bars_span(row: SeriesRow, start: dt.date | None, end: dt.date | None, step: Interval | None = None) -> Span:
    """Return the span of a series' bars between two moments (see ``kernel.days``), of which either may be left out.

    :param step: the larger interval that they are to be merged to, if any: of bars of days, only dates count.
    :raises InvalidRequestError: with the field ``end``, when it lies before the start.
    """
    dates_only = step is not None and step.is_dated
    span = span_between(start, end, is_dated=row.interval.is_dated, zone=zone_of(row), dates_only=dates_only)
    require_order(start, end, span)
    return span


def open_bars_between(
    series_id: int,
    adjust: str,
    edges: tuple[dt.date | None, dt.date | None],
    step: Interval | None = None,
    *,
    complete_only: bool = False,
) -> StoredBars:
    """Open the bars of a series between two moments, as ``bars_span`` takes them; the rest as for ``open_bars``."""
    return _open(series_id, adjust, lambda row: bars_span(row, *edges, step), step, complete_only=complete_only)


def open_bars(
    series_id: int, adjust: str, span: Span = EVER, step: Interval | None = None, *, complete_only: bool = False
) -> StoredBars:
    """Open the bars of a series that start in ``span``.

    :param step: a larger interval, whose bars are made of the stored ones while they are read. Bars of a day and longer
        start at dates; an edge of ``span`` that is a midnight of the exchange's is meant as its date.
    :param complete_only: whether larger bars that are partial are left out.
    :raises NotFoundError: when there is no series of this id.
    :raises InvalidRequestError: with the field ``adjust`` for an unknown adjustment, with ``interval`` for a step that
        the series' bars do not make.
    :raises CalendarError: when the exchange's calendar is needed for larger bars and cannot be made.
    """
    return _open(series_id, adjust, lambda _: span, step, complete_only=complete_only)


def _open(
    series_id: int,
    adjust: str,
    span_of: Callable[[SeriesRow], Span],
    step: Interval | None,
    *,
    complete_only: bool,
) -> StoredBars:
    adjustment = adjusting.parse_adjust(adjust)
    with reading() as connection:
        row = require_series_in(connection, series_id)
        span = span_of(row)
        factors = adjusting.adjustment_of(connection, row, adjustment)
        has_wap = queries_bar_pages.has_wap(connection, series_id)
        steady = steadiness(connection, series_id)
        empty = describe_empty(connection, row)
        findings = (*([empty] if empty else []), *describe_findings(connection, row, adjustment))
        larger = derived_bars.step_of(row, step)
        if larger is None:
            return StoredBars(row, factors, has_wap, span, steady, factors.omitted, findings=findings)
        until = derived_bars.finished_of(connection, row, larger, int(context().now().timestamp()))
        starts = derived_bars.starts(row, larger, span)
        layout = lay_out(connection, row, larger, starts)
    derived = DerivedBars(
        row, larger, factors, has_wap, starts, until, steady.reading, layout.late_starts, layout.partial, complete_only
    )
    return StoredBars(row, Adjustment(), has_wap, starts, steady, factors.omitted, derived, findings)
