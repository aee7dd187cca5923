"""Daily series of one instrument from two sources: which belong together, and what they say about each other."""

import importlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, cast

from sqlalchemy import Connection

from webapp.catalogue.counterparts import has_prices, listing_of, same_instrument
from webapp.catalogue.rules_counterparts import money
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError, sentence
from webapp.kernel.bars import SPLIT, Action, ShortBar
from webapp.kernel.instruments import Listing
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.spans import EVER
from webapp.reading.adjusting import adjustment_of
from webapp.reading.rules_adjustment import Adjust, Adjustment
from webapp.reviewing.rules_comparisons import MOST_TOLERANCE, TOLERANCE, Factor, SeriesComparison
from webapp.series import queries_actions, queries_alike_series, queries_bar_pages
from webapp.series.existing import require_series_in
from webapp.series.queries_alike_series import AlikeSeries
from webapp.series.queries_series import SeriesRow
from webapp.sources import choices

_NEAR = 7 * DAY
"""A split's ex-date and the first day without its factor may lie so far apart, where days are missing."""
_SAME_FACTOR = 1e-2
_MOST_ROWS = 2**62


@dataclass(frozen=True, slots=True)
class Behind:
    """Who seems not to have applied a split: ``is_second`` of the two; ``split`` where a source tells it."""

    is_second: bool
    split: Action | None


@dataclass(frozen=True, slots=True)
class SplitPair:
    """A split of the shared time that only one of two sources tells, or with another factor: new shares for one."""

    time: int
    first: float | None
    second: float | None


@dataclass(frozen=True, slots=True)
class Compared:
    """Two daily series and what they say about each other.

    ``behind`` has an entry for each factor (None where no split explains it). ``splits`` are those that the sources
    tell differently; None when one of them tells none at all.
    """

    first: SeriesRow
    second: SeriesRow
    tolerance: float
    result: SeriesComparison
    behind: tuple[Behind | None, ...]
    splits: tuple[SplitPair, ...] | None

    @property
    def is_other_currency(self) -> bool:
        """Whether their currencies differ by more than hundredths do, so that closes cannot be compared."""
        first, second = money(self.first.facts.currency), money(self.second.facts.currency)
        return bool(first and second) and first != second


def compare(first_id: int, second_id: int, tolerance: float = TOLERANCE) -> Compared:
    """Set two daily series beside each other, both on today's split basis.

    :param tolerance: how far (relatively) closes may differ.
    :raises NotFoundError: when there is no series of an id.
    :raises InvalidRequestError: with the field ``interval`` when one of them is not daily, ``second`` when
        it is the first, or ``tolerance``.
    """
    if not (math.isfinite(tolerance) and 0 < tolerance <= MOST_TOLERANCE):
        message = sentence("Give a tolerance between 0 and %(most)d percent, for example 0.1.", most=50)
        raise InvalidRequestError({"tolerance": message})
    if first_id == second_id:
        message = sentence("These are one and the same series. Choose another one to compare it with.")
        raise InvalidRequestError({"second": message})
    comparing: Any = importlib.import_module("webapp.reviewing.daily_ratios")  # NumPy: the web starts without
    with reading() as connection:
        first, second = (_daily_row(connection, series_id) for series_id in (first_id, second_id))
        actions = [queries_actions.read(connection, row.instrument_id) for row in (first, second)]
        read = cast("Callable[[Iterable[ShortBar], Adjustment], object]", comparing.daily)
        both = [
            read(
                queries_bar_pages.short_rows(connection, row.id, EVER, _MOST_ROWS),
                adjustment_of(connection, row, Adjust.SPLITS, each),
            )
            for row, each in zip((first, second), actions, strict=True)
        ]
    result: SeriesComparison = comparing.compare(*both, tolerance)
    splits = [[action for action in each if action.kind == SPLIT and action.value > 0] for each in actions]
    behind = tuple(_behind(factor, [*splits[0], *splits[1]]) for factor in result.factors)
    return Compared(first, second, tolerance, result, behind, _split_pairs(result, *splits))


def counterparts(row: SeriesRow) -> list[AlikeSeries]:
    """Return the daily series of other sources that hold prices of the same instrument, the usual variant first."""
    if row.interval is not Interval.D1:
        return []
    with reading() as connection:
        return same_instrument(connection, row)


def candidates() -> list[AlikeSeries]:
    """Return every daily series that holds bars, by symbol."""
    with reading() as connection:
        return queries_alike_series.read(connection, Interval.D1)


def pairs(candidates: Sequence[AlikeSeries]) -> list[tuple[AlikeSeries, AlikeSeries]]:
    """Return the series that two sources have of one instrument, by symbol; sources in their usual order."""
    order = {name: place for place, name in enumerate(choices.labels())}
    groups: defaultdict[Listing, list[AlikeSeries]] = defaultdict(list)
    for series in candidates:
        if has_prices(series) and (listing := listing_of(series)):
            groups[listing].append(series)
    both: list[tuple[AlikeSeries, AlikeSeries]] = []
    for group in groups.values():
        in_order = sorted(group, key=lambda series: (order[series.source], series.id))
        both += [(first, second) for first, second in combinations(in_order, 2) if first.source != second.source]
    return both


def _daily_row(connection: Connection, series_id: int) -> SeriesRow:
    row = require_series_in(connection, series_id)
    if row.interval is not Interval.D1:
        message = sentence(
            "Only daily series can be compared; choose the one-day series of %(symbol)s.", symbol=row.symbol
        )
        raise InvalidRequestError({"interval": message})
    return row


def _behind(factor: Factor, splits: Iterable[Action]) -> Behind | None:
    """Return which of the two has not applied a split: as a source tells it, else whose prices are the higher ones.

    Splits into more shares are far more common than the reverse.
    """
    for split in splits:
        if factor.after is None or abs(split.time - factor.after) > _NEAR:
            continue
        if abs(factor.ratio / split.value - 1) <= _SAME_FACTOR:
            return Behind(is_second=True, split=split)
        if abs(factor.ratio * split.value - 1) <= _SAME_FACTOR:
            return Behind(is_second=False, split=split)
    if not factor.is_split:
        return None
    return Behind(is_second=factor.ratio > 1, split=None)


def _split_pairs(
    result: SeriesComparison, first: Sequence[Action], second: Sequence[Action]
) -> tuple[SplitPair, ...] | None:
    if not first or not second:
        return None
    values, their_values = ({split.time: split.value for split in splits} for splits in (first, second))
    return tuple(
        SplitPair(time, values.get(time), their_values.get(time))
        for time in sorted(values.keys() | their_values.keys())
        if values.get(time) != their_values.get(time)
        and result.start is not None
        and result.start <= time <= (result.end or 0)
    )
