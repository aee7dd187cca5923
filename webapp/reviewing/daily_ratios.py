"""Two daily series beside each other, with NumPy; ``comparisons`` loads it on first use, the web starts without.

Days, closes and volumes are arrays from here to the end: twenty years take a few milliseconds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from webapp.kernel.bars import ShortBar
from webapp.reading.rules_adjustment import Adjustment
from webapp.restating.rules_basis import snap_ratio
from webapp.reviewing.rules_comparisons import (
    LEAST_DAYS,
    LEAST_FACTOR,
    Disagreement,
    Factor,
    Point,
    SeriesComparison,
    VolumeRatio,
)

_SMALL, _LEAST_DAYS_OF_SMALL = 0.05, 20
"""Rounded prices of a few cents look like small factors for a week; a dividend lasts a quarter."""
_MOST_POINTS = 720
_NOISES = 6.0
"""A step of this many usual moves of the ratio is the end of a stretch."""
_SPLIT_PARTS = 12
_ROUNDING = 1e-9
_MEDIAN, _LOW, _HIGH = 0.5, 0.1, 0.9

Days = NDArray[np.int64]
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Daily:
    """The days of a series, ascending, with closes and volumes on today's split basis."""

    times: Days
    closes: Values
    volumes: Values

    def within(self, start: int, end: int) -> "Daily":
        """Return the days from ``start`` to ``end``, both inside."""
        first, last = np.searchsorted(self.times, [start, end + 1])
        return self.at(slice(int(first), int(last)))

    def at(self, places: slice | Days) -> "Daily":
        """Return the days at some places."""
        return Daily(self.times[places], self.closes[places], self.volumes[places])


def daily(rows: Iterable[ShortBar], factors: Adjustment) -> Daily:
    """Return bars as they are stored, as columns, adjusted."""
    table = np.fromiter(chain.from_iterable(rows), np.float64).reshape(-1, 6)
    times = table[:, 0].astype(np.int64)
    place = np.searchsorted(np.array(factors.edges, np.int64), times, side="right")
    closes, volumes = table[:, 4] * np.array(factors.prices)[place], table[:, 5] * np.array(factors.volumes)[place]
    return Daily(times, closes, volumes)


def compare(first: Daily, second: Daily, tolerance: float) -> SeriesComparison:
    """Return what two series say about each other; closes may differ by ``tolerance``, relatively."""
    if not len(first.times) or not len(second.times):
        return _apart(first, second)
    start, end = int(max(first.times[0], second.times[0])), int(min(first.times[-1], second.times[-1]))
    if start > end:
        return _apart(first, second)
    ours, theirs = first.within(start, end), second.within(start, end)
    _, places, their_places = np.intersect1d(ours.times, theirs.times, assume_unique=True, return_indices=True)
    common, their_common = ours.at(places), theirs.at(their_places)
    priced = np.flatnonzero((common.closes > 0) & (their_common.closes > 0))
    closes = _Closes(common.times[priced], common.closes[priced], their_common.closes[priced], tolerance)
    factors = closes.factors()
    explained = closes.explained_by(factors)
    rest = closes.ratios / explained - 1
    wrong = np.abs(rest) > tolerance
    return SeriesComparison(
        start=start,
        end=end,
        both=len(common.times),
        only_first=_newest_first(np.setdiff1d(ours.times, theirs.times, assume_unique=True)),
        only_second=_newest_first(np.setdiff1d(theirs.times, ours.times, assume_unique=True)),
        outside_first=len(first.times) - len(ours.times),
        outside_second=len(second.times) - len(theirs.times),
        unpriced=len(common.times) - len(priced),
        agreeing=int(np.count_nonzero(~wrong & (explained == 1.0))),
        factor_days=int(np.count_nonzero(~wrong & (explained != 1.0))),
        factors=tuple(factors),
        disagreements=closes.disagreements(np.flatnonzero(wrong)[::-1], rest),
        volumes=_volume_ratio(common.volumes, their_common.volumes),
        points=_points(closes.times, closes.ratios),
    )


def _apart(first: Daily, second: Daily) -> SeriesComparison:
    nothing: tuple[int, ...] = ()
    sizes = len(first.times), len(second.times)
    return SeriesComparison(None, None, 0, nothing, nothing, *sizes, 0, 0, 0, (), (), None, ())


@dataclass(frozen=True, slots=True)
class _Closes:
    """The closes of the days that both have, all positive."""

    times: Days
    first: Values
    second: Values
    tolerance: float

    @property
    def ratios(self) -> Values:
        return self.second / self.first

    def factors(self) -> list[Factor]:
        """Return the stretches over which closes differ by one factor, oldest first."""
        if len(self.times) < LEAST_DAYS:
            return []
        logs = np.log(self.ratios)
        steps = np.abs(np.diff(logs))
        step = max(LEAST_FACTOR, 2 * self.tolerance, _NOISES * float(np.median(steps)))
        edges = [0, *(np.flatnonzero(steps > step) + 1).tolist(), len(logs)]
        stretches: list[tuple[int, int, float]] = []
        for begin, end in pairwise(edges):
            if end - begin < LEAST_DAYS:
                continue
            level = float(np.median(logs[begin:end]))
            goes_on = bool(stretches) and abs(stretches[-1][2] - level) <= step / 2
            start = stretches.pop()[0] if goes_on else begin
            stretches.append((start, end, float(np.median(logs[start:end]))))
        threshold = max(LEAST_FACTOR, float(np.log1p(self.tolerance)), step / 2)
        factors = [self._factor(logs, stretch, step) for stretch in stretches if abs(stretch[2]) > threshold]
        return [factor for factor in factors if self._is_shown(factor)]

    def _is_shown(self, factor: Factor) -> bool:
        """Tell whether a stretch is long enough for its factor, and most of its days show it."""
        first, last = np.searchsorted(self.times, [factor.first, factor.last])
        is_long = factor.days >= _LEAST_DAYS_OF_SMALL or abs(factor.ratio - 1) > _SMALL
        return is_long and 2 * factor.days > int(last - first)

    def _factor(self, logs: Values, stretch: tuple[int, int, float], step: float) -> Factor:
        start, end, level = stretch
        ratio = snap_ratio(float(np.exp(level)))
        return Factor(
            first=int(self.times[start]),
            last=int(self.times[end - 1]),
            days=int(np.count_nonzero(np.abs(logs[start:end] - level) <= step)),
            ratio=ratio,
            after=int(self.times[end]) if end < len(self.times) else None,
            is_from_start=start == 0,
            is_split=_is_whole(ratio),
        )

    def explained_by(self, factors: list[Factor]) -> Values:
        """Return each day's factor, 1.0 for those of no stretch."""
        ratios = np.ones(len(self.times))
        for factor in factors:
            inside = slice(*np.searchsorted(self.times, [factor.first, factor.last + 1]).tolist())
            ratios[inside] = factor.ratio
        return ratios

    def disagreements(self, places: Days, rest: Values) -> tuple[Disagreement, ...]:
        """Return the days at some places."""
        columns = (self.times, self.first, self.second, self.ratios, rest)
        return tuple(Disagreement(*row) for row in zip(*(column[places].tolist() for column in columns), strict=True))


def _is_whole(ratio: float) -> bool:
    """Tell whether ``snap_ratio`` has found a ratio of small whole numbers."""
    above = max(ratio, 1 / ratio)
    return abs(float(Fraction(above).limit_denominator(_SPLIT_PARTS)) / above - 1) < _ROUNDING


def _volume_ratio(first: Values, second: Values) -> VolumeRatio | None:
    traded = (first > 0) & (second > 0)
    if not traded.any():
        return None
    ratios = second[traded] / first[traded]
    middle, low, high = (float(value) for value in np.quantile(ratios, [_MEDIAN, _LOW, _HIGH]))
    return VolumeRatio(len(ratios), middle, low, high)


def _points(times: Days, ratios: Values) -> tuple[Point, ...]:
    """Return at most so many points as can be seen, each of as many days as the next."""
    if not len(times):
        return ()
    size = -(-len(times) // _MOST_POINTS)
    starts = np.arange(0, len(times), size)
    lows, highs = np.minimum.reduceat(ratios, starts), np.maximum.reduceat(ratios, starts)
    points = zip(times[starts].tolist(), lows.tolist(), highs.tolist(), strict=True)
    return tuple(Point(*values) for values in points)


def _newest_first(times: Days) -> tuple[int, ...]:
    return tuple(times[::-1].tolist())
