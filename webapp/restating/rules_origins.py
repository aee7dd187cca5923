"""Which jobs bars came from: spans with the first and the last job on record that brought what lies in them.

A chunk that brings the same values again writes nothing, so the first job is the one that wrote a bar, unless its
values were changed since (those changes are on record by themselves), and the last one is the one that confirmed it.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import pairwise

from webapp.kernel.spans import Span


@dataclass(frozen=True, slots=True, order=True)
class Write:
    """When bars were committed, and by which job; earlier ones compare as less."""

    at: dt.datetime
    job_id: int


@dataclass(frozen=True, slots=True)
class Origin:
    """A span of bars' starts (UTC) with the first and the last commit on record over it, which may be the same one.

    Of a span that several chunks of one job have made, ``first`` is the earliest of them and ``last`` the latest.
    """

    span: Span
    first: Write
    last: Write


def overlay(pieces: Iterable[Origin]) -> list[Origin]:
    """Return the pieces as disjoint spans, ascending; where they lie over each other, by moment and not by order.

    Neighbours of the same two jobs become one, so that a history of many chunks stays short.
    """
    ordered = sorted(pieces, key=lambda piece: piece.span)
    writes = sorted({write for piece in ordered for write in (piece.first, piece.last)})
    rank = {write: place for place, write in enumerate(writes)}
    edges = sorted({edge for piece in ordered for edge in (piece.span.start, piece.span.end)})
    firsts: list[tuple[int, int]] = []
    lasts: list[tuple[int, int]] = []
    origins: list[Origin] = []
    place = 0
    for start, end in pairwise(edges):
        while place < len(ordered) and ordered[place].span.start <= start:
            piece = ordered[place]
            heappush(firsts, (rank[piece.first], piece.span.end))
            heappush(lasts, (-rank[piece.last], piece.span.end))
            place += 1
        for heap in (firsts, lasts):
            while heap and heap[0][1] <= start:
                heappop(heap)
        if firsts:
            _append(origins, Origin(Span(start, end), writes[firsts[0][0]], writes[-lasts[0][0]]))
    return origins


def _append(origins: list[Origin], origin: Origin) -> None:
    before = origins[-1] if origins else None
    if before and before.span.end == origin.span.start and _jobs(before) == _jobs(origin):
        whole = Span(before.span.start, origin.span.end)
        origins[-1] = Origin(whole, min(before.first, origin.first), max(before.last, origin.last))
    else:
        origins.append(origin)


def _jobs(origin: Origin) -> tuple[int, int]:
    return origin.first.job_id, origin.last.job_id
