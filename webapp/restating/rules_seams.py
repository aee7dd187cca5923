"""The seam of a split: the last bar before its ex-date and the first one from then on. Pure.

Where a source has brought its history to the new basis, prices do not leap there by the split's size. Where it has
not, they do: the bars before the ex-date still wait for their new basis, and until then the two sides are two segments
of the series, each compared with what the source delivers, and re-based, for itself.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from webapp.kernel.spans import EVER, Span
from webapp.sources.base import Answer

LEAST_VISIBLE = math.log(1.19)
"""6 for 5 is the smallest split that a move over a night is not mistaken for."""
_SAME_FACTOR = 1e-2


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a series on one basis: its bars start in ``bars``, its payouts have an ex-date (label) in ``days``."""

    bars: Span = EVER
    days: Span = EVER


@dataclass(frozen=True, slots=True)
class Move:
    """That a segment was divided by ``ratio``, for the split of the ex-date ``split`` where that is known."""

    segment: Segment
    ratio: float
    split: int | None
    is_volume_too: bool
    is_proven: bool = True
    """Whether bars that came again showed it."""


def cut_segments(edges: Mapping[int, int]) -> list[Segment]:
    """Return the segments of a series, oldest first.

    :param edges: the start of the first bar that trades ex, by the ex-date of each split that is waited for.
    """
    days = sorted(edges)
    ends = [(EVER.start, EVER.start), *((edges[day], day) for day in days), (EVER.end, EVER.end)]
    return [Segment(Span(bar, next_bar), Span(day, next_day)) for (bar, day), (next_bar, next_day) in pairwise(ends)]


def restrict(answer: Answer, span: Span) -> Answer:
    """Return an answer with those of its bars that start in a span."""
    if span == EVER:
        return answer
    return replace(answer, bars=[bar for bar in answer.bars if span.start <= bar[0] < span.end])


def is_leap_of(ratio: float, before: float, after: float, *, is_unmoved: bool) -> bool:
    """Tell whether prices leap by a split's size between the closes on both sides of its seam.

    :param is_unmoved: whether bars that came again after the ex-date showed that the source has not moved its history:
        then the leap may be small, as long as it is more like the split than like nothing.
    """
    if min(before, after) <= 0:
        return False
    size, move = math.log(ratio), math.log(before / after)
    if is_unmoved:
        return abs(move - size) < abs(move)
    return abs(size) >= LEAST_VISIBLE and abs(move - size) <= abs(size) / 3


def is_brought_together(ratio: float, edge: int, moves: Iterable[Move]) -> bool:
    """Tell whether moves of segments took a split's ratio out of the seam at ``edge``, on whichever side of it."""
    factor = 1.0
    for move in moves:
        if move.segment.bars.start < edge <= move.segment.bars.end:
            factor *= move.ratio
        elif move.segment.bars.start == edge:
            factor /= move.ratio
    return abs(factor / ratio - 1) <= _SAME_FACTOR


def classify_sibling(ratio: float, quotients: Sequence[float]) -> bool | None:
    """Tell whether a series of the same instrument is still to be divided by ``ratio``; None when it cannot be told.

    :param quotients: its closes over those of the series that was divided already, at the same days.
    """
    if not quotients or min(quotients) <= 0:
        return None
    ordered = sorted(map(math.log, quotients))
    middle, size = ordered[len(ordered) // 2], math.log(ratio)
    if abs(middle - size) <= abs(size) / 3:
        return True
    return False if abs(middle) <= abs(size) / 3 else None
