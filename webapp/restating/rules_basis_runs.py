"""Which stored days stand on another basis than the source's, and by how much. Pure.

A list of all actions tells the lowest and the highest price of each quarter. A stored close that lies outside shows
that one of both stands on another basis; which days do, and by what ratio, shows when these days are asked. So it is
found wherever it lies, while what is asked twice at each update shows the last few bars alone.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median

from webapp.kernel.adjusted_closes import Quarter
from webapp.kernel.intervals import DAY
from webapp.kernel.spans import Span
from webapp.restating.rules_basis import LEAST_BARS, LEAST_CHANGE, Pair, prices, snap_ratio

_APART = 0.02
"""By how much (relatively) a close may lie outside of its quarter: corrections happen, and no split is as small."""
_SAME_FACTOR = 1e-3

DayRatio = tuple[int, float]
"""A date (label), and what is stored of it over what was delivered."""


@dataclass(frozen=True, slots=True)
class BasisRun:
    """Days in a row (labels) whose stored prices are ``ratio`` times what the source delivers."""

    days: Span
    ratio: float


def span_quarters(quarters: Sequence[Quarter], end: int) -> list[tuple[Span, Quarter]]:
    """Return the quarters with their dates.

    :param end: ends the last quarter (a date at 00:00 UTC).
    """
    starts = [quarter.last.time for quarter in quarters]
    return [(Span(start, until), q) for start, until, q in zip(starts, [*starts[1:], end], quarters, strict=False)]


def compare_range(quarter: Quarter, lowest: float, highest: float) -> tuple[float, float] | None:
    """Return by what factors closes lie below and above their quarter, 1.0 where they do not; None without any."""
    below, above = min(1.0, lowest / quarter.low), max(1.0, highest / quarter.high)
    return (below, above) if below < 1 / (1 + _APART) or above > 1 + _APART else None


def measure_days(shared: Iterable[Pair]) -> list[DayRatio]:
    """Return the ratios of bars that are stored and were delivered."""
    usable = (pair for pair in shared if min(*prices(pair[0]), *prices(pair[1])) > 0)
    return [(old[0], median(a / b for a, b in zip(prices(old), prices(new), strict=True))) for old, new in usable]


def find_common_ratios(ratios: Iterable[DayRatio], split_ratios: Collection[float]) -> set[float]:
    """Return the ratios of other bases that several days share, or one day when it is one of ``split_ratios``."""
    clusters: list[list[float]] = []
    for ratio in sorted(ratio for _, ratio in ratios if abs(ratio - 1) > LEAST_CHANGE):
        if clusters and ratio / clusters[-1][0] - 1 <= _SAME_FACTOR:
            clusters[-1].append(ratio)
        else:
            clusters.append([ratio])
    snapped = [(snap_ratio(median(cluster), split_ratios), len(cluster)) for cluster in clusters]
    return {ratio for ratio, days in snapped if days >= LEAST_BARS or ratio in split_ratios}


def find_runs(ratios: Sequence[DayRatio], bases: Collection[float], edges: Collection[int]) -> list[BasisRun]:
    """Return the days that stand on another basis; each day stands on the nearest of all.

    :param bases: the ratios of bases other than the source's.
    :param edges: ex-dates of known splits: between two days that are not stored both, a run ends there.
    """
    nearest = [(day, min((1.0, *bases), key=lambda basis: abs(math.log(ratio / basis)))) for day, ratio in ratios]
    groups = [(basis, [day for day, _ in days]) for basis, days in groupby(nearest, key=lambda day: day[1])]
    runs: list[BasisRun] = []
    for place, (basis, days) in enumerate(groups):
        until = groups[place + 1][1][0] if place + 1 < len(groups) else days[-1] + DAY
        end = min((edge for edge in edges if days[-1] < edge < until), default=until)
        start = runs[-1].days.end if runs else days[0]
        runs.append(BasisRun(Span(start, end), basis))
    return [run for run in runs if run.ratio != 1.0]
