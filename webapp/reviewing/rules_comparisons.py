"""What two daily series of one instrument say about each other, and the limits by which it is said.

``reviewing.daily_ratios`` finds what is said here as plain values.

Times are dates (00:00 UTC, epoch seconds); closes and volumes are on today's split basis; every ratio is the second
series' over the first's.
"""

from dataclasses import dataclass

TOLERANCE = 0.001
"""Closes that differ by more than this share disagree, unless a person chooses otherwise."""
MOST_TOLERANCE = 0.5
LEAST_DAYS = 5
"""So many days in a row must show a factor; fewer are disagreements of their own."""
LEAST_FACTOR = 5e-3
"""A smaller one is no factor: 21:20 is 5 %, and a dividend mostly about 0.5 %."""


@dataclass(frozen=True, slots=True)
class Factor:
    """A stretch of common days over which closes differ by one constant factor, as where a split was not applied.

    ``days`` of it show the factor. ``after`` is the first common day that does not, None when it holds to the last.
    ``is_from_start`` tells that it holds from the first common day.
    """

    first: int
    last: int
    days: int
    ratio: float
    after: int | None
    is_from_start: bool
    is_split: bool
    """Whether the ratio is one of small whole numbers, as that of a split is."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A day on which closes differ by more than is tolerated; ``rest`` is what is left without the stretch's factor."""

    time: int
    first: float
    second: float
    ratio: float
    rest: float


@dataclass(frozen=True, slots=True)
class VolumeRatio:
    """The ratio of volumes on the days on which both have one: its median, and what eight days in ten lie between."""

    days: int
    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Point:
    """Where closes stood to each other over one or several days: the smallest and the largest ratio."""

    time: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SeriesComparison:
    """Two series beside each other; the shared time reaches from ``start`` to ``end``, the later first day and so on.

    ``start`` and ``end`` are None when there is no such time. ``only_first`` and ``only_second`` are the days in it
    that only one of them has, newest first; ``outside_first`` and ``outside_second`` count days beside it. ``unpriced``
    counts common days without a positive close on both sides. ``factor_days`` are those that differ by a factor of
    ``factors`` and by nothing else; ``disagreements`` come newest first.
    """

    start: int | None
    end: int | None
    both: int
    only_first: tuple[int, ...]
    only_second: tuple[int, ...]
    outside_first: int
    outside_second: int
    unpriced: int
    agreeing: int
    factor_days: int
    factors: tuple[Factor, ...]
    disagreements: tuple[Disagreement, ...]
    volumes: VolumeRatio | None
    points: tuple[Point, ...]
