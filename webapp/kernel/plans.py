"""What a request still needs: span asked minus coverage, cut into chunks."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from enum import StrEnum

from webapp.errors import Sentence
from webapp.kernel.intervals import DAY, HOUR, Interval, next_start, period_start
from webapp.kernel.spans import Span, subtract, within

RECENT = 5 * DAY
BELIEVED = 6 * 3600
OVERLAP_BARS = 5


LOOK_DELAYS = (6 * HOUR, DAY, 2 * DAY, 4 * DAY)
"""How long after each look at a doubted span the next one is due (seconds); the look after the last of them decides."""
LOOKS = len(LOOK_DELAYS) + 1
"""So many looks, over a week, confirm what was doubted; a person's word is worth as many."""


class Verdict(StrEnum):
    """What a source answered for a span; ``DOUBTED`` is what it answered and nobody believes yet."""

    HAVE = "have"
    EMPTY = "empty"
    DOUBTED = "doubted"


@dataclass(frozen=True, slots=True)
class Covered:
    """A span with what is known of it, and when the source said so (epoch seconds).

    ``looks`` is how often a doubted span was looked at when that was due; an empty one was confirmed by ``LOOKS``.
    """

    span: Span
    verdict: Verdict
    checked_at: int
    looks: int = 0

    @property
    def next_look(self) -> int:
        """When a doubted span is to be asked for again (epoch seconds)."""
        return self.checked_at + LOOK_DELAYS[min(max(self.looks, 1), len(LOOK_DELAYS)) - 1]

    @property
    def is_confirmed(self) -> bool:
        """Whether the source said it so often, or a person, that it need not be asked again."""
        return self.looks >= LOOKS


@dataclass(frozen=True, slots=True)
class Refusal:
    """A part of the asked span that the source cannot serve at all, and why."""

    span: Span
    reason: Sentence


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """What one symbol still needs. ``rows`` is an estimate, ``stored_rows`` is counted."""

    symbol: str
    asked: Span
    chunks: tuple[Span, ...]
    refusals: tuple[Refusal, ...]
    rows: int
    stored_rows: int
    lists: int = 0
    """How many requests for the list of all actions of the instrument: one a day, if the source has such a list."""

    @property
    def requests(self) -> int:
        """How many requests to the source."""
        return len(self.chunks) + self.lists


@dataclass(frozen=True, slots=True)
class Plan:
    """What a request still needs, over all its symbols. ``seconds`` is the time it takes at today's pacing."""

    series: tuple[SeriesPlan, ...]
    seconds: float

    @property
    def requests(self) -> int:
        """How many requests to the source."""
        return sum(plan.requests for plan in self.series)

    @property
    def rows(self) -> int:
        """About how many bars will arrive."""
        return sum(plan.rows for plan in self.series)

    @property
    def stored_rows(self) -> int:
        """How many bars of the asked spans are already there."""
        return sum(plan.stored_rows for plan in self.series)

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """What cannot be had; the same for every symbol of a request, so each is named once."""
        unique = {(refusal.span, str(refusal.reason)): refusal for plan in self.series for refusal in plan.refusals}
        return tuple(unique.values())


def believed(coverage: Iterable[Covered], now: float) -> list[Span]:
    """Return the spans that need not be asked again.

    A recent "empty" (told less than five days after the span's end) is believed for six hours only: a source that was
    late, or a holiday that was none, shows itself within days. What is doubted is left alone until its next look.
    """
    return [covered.span for covered in coverage if not _is_due(covered, now)]


def _is_due(covered: Covered, now: float) -> bool:
    if covered.verdict is Verdict.DOUBTED:
        return now >= covered.next_look
    if covered.verdict is Verdict.HAVE or covered.is_confirmed:
        return False
    return covered.checked_at - covered.span.end <= RECENT and now - covered.checked_at >= BELIEVED


def due_looks(coverage: Iterable[Covered], now: float) -> list[Span]:
    """Return the doubted spans that are to be asked for again by now."""
    return [part.span for part in coverage if part.verdict is Verdict.DOUBTED and now >= part.next_look]


def answered_spans(coverage: Iterable[Covered]) -> list[Span]:
    """Return the spans of which something is known: with bars, or empty, and not in doubt."""
    return [part.span for part in coverage if part.verdict is not Verdict.DOUBTED]


def after_look(before: Covered | None, span: Span, now: int) -> Covered:
    """Return what is known of a span of which the source told nothing that can be believed, once more.

    A look that was not due counts for nothing: what a source says five times in a minute it has said once. What was
    confirmed stays so.
    """
    if (
        before is None
        or before.verdict is Verdict.HAVE
        or (before.verdict is Verdict.EMPTY and not before.is_confirmed)
    ):
        return Covered(span, Verdict.DOUBTED, now, looks=1)
    if before.verdict is Verdict.EMPTY or now < before.next_look:
        return Covered(span, before.verdict, before.checked_at, before.looks)
    looks = before.looks + 1
    return Covered(span, Verdict.EMPTY if looks >= LOOKS else Verdict.DOUBTED, now, looks)


def aligned(span: Span, interval: Interval) -> Span:
    """Return the span widened to whole bars: it starts on a bar's start and ends on one."""
    if not span:
        return span
    start, last = period_start(span.start, interval), span.end - 1
    return Span(start, next_start(last, interval))


def missing(span: Span, coverage: Iterable[Covered], closed: int, now: float) -> list[Span]:
    """Return what of ``span`` is closed and not known yet, oldest first."""
    frame = Span(span.start, min(span.end, closed))
    return subtract([frame] if frame else [], within(believed(coverage, now), frame))


def with_overlap(chunks: Iterable[Span], ends: Container[int], interval: Interval) -> list[Span]:
    """Return the chunks, those that begin at one of ``ends`` widened to reach back over the last bars known before.

    The few bars that are asked twice are how a changed history shows itself (docs/data.md#changed-history).
    """
    back = OVERLAP_BARS * interval.seconds
    return [Span(chunk.start - back, chunk.end) if chunk.start in ends else chunk for chunk in chunks]


def known_ends(coverage: Iterable[Covered]) -> set[int]:
    """Return where spans with bars end."""
    return {covered.span.end for covered in coverage if covered.verdict is Verdict.HAVE}
