"""Half-open intervals of UTC time ``[start, end)`` in epoch seconds, and their arithmetic.

Everywhere below, "normal" means sorted, disjoint, not touching and not empty.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """``[start, end)``, epoch seconds UTC; empty when end ≤ start."""

    start: int
    end: int

    def __bool__(self) -> bool:
        """Tell whether anything lies inside."""
        return self.start < self.end

    @property
    def seconds(self) -> int:
        """Length in seconds, never negative."""
        return max(0, self.end - self.start)

    def intersection(self, span: "Span") -> "Span":
        """Return what both have in common; may be empty."""
        return Span(max(self.start, span.start), min(self.end, span.end))


EVER = Span(-(2**62), 2**62)
"""All of time that is ever stored."""


def union(spans: Iterable[Span]) -> list[Span]:
    """Return the normal form of ``spans``."""
    merged: list[Span] = []
    for span in sorted(s for s in spans if s):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def subtract(spans: Iterable[Span], holes: Iterable[Span]) -> list[Span]:
    """Return the normal form of what lies in ``spans`` and in none of ``holes``."""
    rest: list[Span] = []
    normal_holes = union(holes)
    for span in union(spans):
        start = span.start
        for hole in normal_holes:
            if hole.end <= start or hole.start >= span.end:
                continue
            if hole.start > start:
                rest.append(Span(start, hole.start))
            start = max(start, hole.end)
        if start < span.end:
            rest.append(Span(start, span.end))
    return rest


def within(spans: Iterable[Span], frame: Span) -> list[Span]:
    """Return the normal form of what of ``spans`` lies in ``frame``."""
    return union(span.intersection(frame) for span in spans)


def cut(span: Span, longest: int) -> list[Span]:
    """Cut into pieces of at most ``longest`` seconds, oldest first, counted from the start."""
    if not span:
        return []
    return [Span(start, min(start + longest, span.end)) for start in range(span.start, span.end, longest)]


def total(spans: Sequence[Span]) -> int:
    """Return the seconds covered by normal ``spans``."""
    return sum(span.seconds for span in spans)
