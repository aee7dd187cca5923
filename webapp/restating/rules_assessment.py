"""Whether a source has changed its history: what its answers show beside the stored bars, and what follows from that.

Pure: what is stored is asked of a ``Stored``, and nothing is written here.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from webapp.kernel.bars import SPLIT, Action, Bar
from webapp.kernel.intervals import DAY
from webapp.kernel.spans import Span
from webapp.restating.rules_basis import (
    LEAST_BARS,
    LEAST_CHANGE,
    Basis,
    BasisComparison,
    Pair,
    compare,
    decide_basis,
    pairs,
    snap_ratio,
)
from webapp.series.queries_series import SeriesRow
from webapp.sources.base import Answer
from webapp.sources.choices import variant_of
from webapp.sources.registry import COLLECTING

MOST_ANSWERS = 3
"""So often a chunk's source is asked at most: for the chunk, and twice for bars that are stored already."""
_FRESH = dt.timedelta(hours=1)
_NEIGHBOURS = 7 * DAY
_LEAP = math.log(1.2)
_LEAST_CHANGE_OF_ADJUSTED = 5e-4


class Stored(Protocol):
    """What is stored of a series; read when it is looked at, since most chunks need little of it."""

    def bars_beside(self, delivered: Sequence[Bar]) -> Sequence[Bar]:
        """Return the stored bars of the same span of time, ascending."""

    def close_before(self, time: int) -> tuple[int, float] | None:
        """Return start and close of the last bar that starts before an instant."""

    def first_bar_in(self, span: Span) -> Bar | None:
        """Return the first bar that starts in a span."""

    def missing_splits(self, delivered: Sequence[Action]) -> Sequence[Action]:
        """Return the splits, stored or just delivered, that came to pass after the series was last written."""

    def span_to_recheck_before(self, time: int) -> Span | None:
        """Return the span of a few stored bars before an instant that one request serves, None without any."""

    def span_to_recheck_after(self, time: int) -> Span | None:
        """Return the span of a few stored bars from an instant on that one request serves, None without any."""


@dataclass(frozen=True, slots=True)
class BeforeWriting:
    """That the transaction of a chunk over ``span`` has not begun ``now``: stored bars can still be asked for again."""

    span: Span
    now: dt.datetime


@dataclass(frozen=True)
class Evidence:
    """What a source answered beside what is stored: for the chunk first, then for stored bars, to be sure.

    ``before_writing`` is None from when the chunk's transaction has begun: nothing more is asked then.
    """

    row: SeriesRow
    stored: Stored
    answers: tuple[Answer, ...]
    before_writing: BeforeWriting | None = None
    waiting: frozenset[int] = frozenset()
    """The ex-dates of splits that the source is known to be late with: only its bars can say when it is not."""

    @property
    def delivered(self) -> Sequence[Bar]:
        """The bars of the chunk itself."""
        return self.answers[0].bars

    @cached_property
    def shared(self) -> list[Pair]:
        """The chunk's bars that are stored already, as stored and as delivered."""
        return pairs(self.stored.bars_beside(self.delivered), self.delivered)

    @cached_property
    def comparisons(self) -> tuple[BasisComparison, ...]:
        """What each answer shows beside the stored bars; nothing for a file of one's own, which is as it is."""
        if self.row.source not in COLLECTING:
            return tuple(BasisComparison() for _ in self.answers)
        is_adjusted = variant_of(self.row.source, self.row.variant).is_adjusted
        least_change = _LEAST_CHANGE_OF_ADJUSTED if is_adjusted else LEAST_CHANGE
        rechecked = (pairs(self.stored.bars_beside(answer.bars), answer.bars) for answer in self.answers[1:])
        return tuple(compare(shared, least_change) for shared in (self.shared, *rechecked))

    @cached_property
    def basis(self) -> tuple[Basis, float]:
        """What the answers say together, and by how much the basis moved."""
        return decide_basis(comparison.ratio for comparison in self.comparisons)

    @cached_property
    def showing(self) -> BasisComparison | None:
        """The first comparison that proves something of the basis."""
        return next((comparison for comparison in self.comparisons if comparison.ratio is not None), None)

    @cached_property
    def missing_splits(self) -> tuple[Action, ...]:
        """The splits that came to pass after the series was last written."""
        return tuple(self.stored.missing_splits(self.answers[0].actions)) if self.row.rows else ()

    @cached_property
    def bars(self) -> Sequence[Bar]:
        """The bars to write, ascending.

        The stored bars of a series that are too few to show a factor are written anew, as they were asked for again.
        """
        if self.row.rows >= LEAST_BARS or len(self.answers) == 1:
            return self.delivered
        latest = {bar[0]: bar for answer in reversed(self.answers) for bar in answer.bars}
        return [latest[time] for time in sorted(latest)]


@dataclass(frozen=True, slots=True)
class Accept:
    """Write the bars; ``is_proven`` tells whether bars in common show that the basis is the same."""

    bars: Sequence[Bar]
    is_proven: bool


@dataclass(frozen=True, slots=True)
class Recheck:
    """Ask for the stored bars of a span again before anything is written."""

    span: Span


@dataclass(frozen=True, slots=True)
class Rebase:
    """Divide what is stored by ``ratio``, because of ``splits`` where they are known, and then write the bars.

    ``shared`` bars that came again show it; 0 where none is left that could, and the splits alone speak for it.
    """

    ratio: float
    splits: tuple[Action, ...]
    bars: Sequence[Bar]
    is_volume_too: bool
    shared: int

    @property
    def is_proven(self) -> bool:
        """Whether bars in common show it."""
        return self.shared > 0


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Write nothing: one answer is on another basis than the next, or one alone speaks of another basis."""


Decision = Accept | Recheck | Rebase | Contradiction


def assess(evidence: Evidence) -> Decision:
    """Return what to do about a chunk, by the basis that the answers show together.

    "Can be asked for": before the transaction, up to ``MOST_ANSWERS``, where one request serves enough stored bars.

    ============  ===========================================  =============================================
    basis         and                                          so
    ============  ===========================================  =============================================
    contradicted                                               ``Contradiction``
    unconfirmed   can be asked for, before those that show it  ``Recheck`` those
    unconfirmed   cannot be asked for                          ``Contradiction``
    unproven      one answer, in doubt, can be asked for       ``Recheck`` those before the chunk, else after
    unproven      not so, but splits are missing               ``Rebase`` by those that are not waited for
    unproven      nor that                                     ``Accept``, not proven
    same                                                       ``Accept``, proven
    moved         by more than noise                           ``Rebase`` by it, or by the split that it is
    moved         by noise                                     ``Accept``, proven
    ============  ===========================================  =============================================
    """
    span = _span_to_recheck(evidence)
    if span is not None:
        return Recheck(span)
    basis, ratio = evidence.basis
    match basis:
        case Basis.CONTRADICTED | Basis.UNCONFIRMED:
            return Contradiction()
        case Basis.UNPROVEN:
            return _trust_splits(evidence)
        case Basis.SAME:
            return Accept(evidence.bars, is_proven=True)
        case Basis.MOVED:
            return _trust_bars(evidence, ratio)


def _trust_splits(evidence: Evidence) -> Accept | Rebase:
    splits = tuple(split for split in evidence.missing_splits if split.time not in evidence.waiting)
    splits = splits if evidence.delivered else ()
    ratio = math.prod(split.value for split in splits)
    if ratio == 1.0:
        return Accept(evidence.bars, is_proven=False)
    return Rebase(ratio, splits, evidence.bars, is_volume_too=True, shared=0)


def _trust_bars(evidence: Evidence, measured: float) -> Accept | Rebase:
    """Return what bars that came again show; the split that it is may be one that is missing, or one just delivered."""
    delivered = [action for action in evidence.answers[0].actions if action.kind == SPLIT]
    missing = evidence.missing_splits
    whole = math.prod(split.value for split in missing)
    ratio = snap_ratio(measured, [whole, *(split.value for split in delivered)])
    if ratio == 1.0:
        return Accept(evidence.bars, is_proven=True)
    splits = missing if whole == ratio else tuple(split for split in delivered if split.value == ratio)[-1:]
    is_volume_too = evidence.showing is not None and evidence.showing.is_volume_too
    shared = len({time for comparison in evidence.comparisons for time in comparison.shared})
    return Rebase(ratio, splits, evidence.bars, is_volume_too, shared)


def _span_to_recheck(evidence: Evidence) -> Span | None:
    """Return which stored bars to ask for again; None when enough is known, or nothing more can be asked."""
    chunk = evidence.before_writing
    is_done = len(evidence.answers) >= MOST_ANSWERS or not evidence.delivered or not evidence.row.rows
    if chunk is None or is_done:
        return None
    basis, _ = evidence.basis
    if basis is Basis.UNCONFIRMED and evidence.showing is not None:
        times = evidence.showing.shared
        return evidence.stored.span_to_recheck_before(times[min(len(times), 5) - 1] + 1)
    if basis is Basis.UNPROVEN and len(evidence.answers) == 1 and _is_doubtful(evidence, chunk.now):
        before = evidence.stored.span_to_recheck_before(min(chunk.span.start, evidence.delivered[0][0]))
        return before or evidence.stored.span_to_recheck_after(chunk.span.end)
    return None


def _is_doubtful(evidence: Evidence, now: dt.datetime) -> bool:
    """Tell whether stored and delivered bars may stand on two bases, although no bar shows it."""
    written, median_ratio = evidence.row.updated_at, evidence.comparisons[0].median_ratio
    if written is None or now - written > _FRESH:
        return True
    if median_ratio is not None and abs(median_ratio - 1) > LEAST_CHANGE:
        return True
    return _leaps(evidence) or bool(evidence.missing_splits)


def _leaps(evidence: Evidence) -> bool:
    """Tell whether prices leap from the last stored bar before to the first delivered one, or at the other end.

    Where no stored bar is near at either end, nobody can tell, and that is reason enough for doubt: a later chunk that
    shows another basis would move these bars too, which are on it already.
    """
    first, last = evidence.delivered[0], evidence.delivered[-1]
    seams = []
    before = evidence.stored.close_before(first[0])
    if before and first[0] - before[0] <= _NEIGHBOURS:
        seams.append((before[1], first[1]))
    after = evidence.stored.first_bar_in(Span(last[0] + 1, last[0] + _NEIGHBOURS))
    if after:
        seams.append((last[4], after[1]))
    return not seams or any(a > 0 and b > 0 and abs(math.log(a / b)) > _LEAP for a, b in seams)
