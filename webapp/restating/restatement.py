"""When a source changes its history: noticed by bars that were asked for twice, proved, carried out and written down.

All stored bars of a series stand on one basis of splits. Before a chunk is written, the bars that it shares with the
stored ones are compared. Where it shares none and there is reason for doubt (the series was last written long ago, a
split came to pass since, prices leap at the seam), a few stored bars are asked for again; and before history is
re-based, a second answer must show the same. While a source is late with a split, the bars on both sides of its
ex-date are two segments, and each is looked at for itself (``rules_seams``). ``rules_assessment.assess`` decides all
of it, twice: here, before the transaction, as long as it says to ask again, and in ``rebasing`` inside of it, on rows
that are read under the lock.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.bars import Action, Bar
from webapp.kernel.intervals import DAY
from webapp.kernel.plans import OVERLAP_BARS
from webapp.kernel.spans import EVER, Span
from webapp.reading import adjusting
from webapp.reading.rules_adjustment import first_ex_bar
from webapp.restating.overlaps import RequestLimits
from webapp.restating.rules_assessment import (
    Accept,
    BeforeWriting,
    Contradiction,
    Decision,
    Evidence,
    Recheck,
    assess,
)
from webapp.restating.rules_basis import LEAST_BARS
from webapp.restating.rules_seams import Segment, cut_segments, restrict
from webapp.series import queries_actions, queries_bar_pages, queries_bars, queries_series, queries_split_waits
from webapp.series.queries_series import SeriesRow
from webapp.sources.base import Answer, SeriesQuery
from webapp.sources.registry import offer

_COUNTS_TO_RECHECK = (20, 5, LEAST_BARS)
"""So many stored bars are asked for again, or fewer when one request does not serve them all."""


def next_verification_span(
    connection: Connection, job: JobRow, span: Span, answers: Sequence[Answer], now: dt.datetime
) -> Span | None:
    """Return which stored bars to ask for again before the chunk is written, or None when enough is known.

    :param answers: the chunk's answer first, then those to earlier questions of this kind.
    """
    row = queries_series.get(connection, job.series_id)
    if row is None:
        return None
    limits = RequestLimits(
        offer(row.source), SeriesQuery(row.symbol, row.interval, job.options, row.facts), now.timestamp()
    )
    for part in split_evidence(connection, row, answers, limits, BeforeWriting(span, now)):
        decision = part.decide()
        if isinstance(decision, Recheck):
            return decision.span
    return None


def find_seam_spans(connection: Connection, job: JobRow, answers: Sequence[Answer], now: dt.datetime) -> list[Span]:
    """Return which stored bars around the splits that a series waits for are to be asked for again at an update.

    The last ones before each ex-date, as far as the source serves them and no answer of the update has enough of them.
    Weeks and months that hold the ex-date hold prices of both bases, so they are asked for, too.
    """
    row = queries_series.get(connection, job.series_id)
    waits = queries_split_waits.read(connection, job.series_id)
    if row is None or not waits:
        return []
    limits = RequestLimits(
        offer(row.source), SeriesQuery(row.symbol, row.interval, job.options, row.facts), now.timestamp()
    )
    spans = []
    for segment in read_segments(connection, row)[:-1]:
        if any(len(restrict(answer, segment.bars).bars) >= LEAST_BARS for answer in answers):
            continue
        times = queries_bars.last_times(connection, row.id, segment.bars.end, OVERLAP_BARS)
        if row.interval.seconds > DAY:
            times = [*reversed(queries_bars.first_times(connection, row.id, segment.bars.end, LEAST_BARS)), *times]
        spans.append(limits.span_of(times, (len(times),)) if times else None)
    return [span for span in spans if span is not None]


def is_contradiction(connection: Connection, job: JobRow, answers: Sequence[Answer]) -> bool:
    """Tell whether answers about stored bars contradict each other, or one alone speaks of another basis."""
    row = queries_series.get(connection, job.series_id)
    parts = split_evidence(connection, row, answers) if row else []
    return any(isinstance(part.decide(), Contradiction) for part in parts)


def read_segments(connection: Connection, row: SeriesRow) -> list[Segment]:
    """Return the parts of a series that stand on one basis each: one, unless it waits for splits."""
    zone = adjusting.zone_of(row)
    days = [wait.split.time for wait in queries_split_waits.read(connection, row.id)]
    return cut_segments({day: first_ex_bar(day, row.interval, zone) for day in days})


@dataclass(frozen=True, slots=True)
class EvidencePart:
    """What answers bring for one segment of a series; ``evidence`` is None where nothing is stored of it."""

    segment: Segment
    answers: tuple[Answer, ...]
    evidence: Evidence | None

    def decide(self) -> Decision:
        """Return what to do about the segment."""
        if self.evidence is None:
            return Accept(self.answers[0].bars, is_proven=False)
        return assess(self.evidence)


def split_evidence(
    connection: Connection,
    row: SeriesRow,
    answers: Sequence[Answer],
    limits: RequestLimits | None = None,
    before_writing: BeforeWriting | None = None,
) -> list[EvidencePart]:
    """Return what answers bring, segment by segment; without a segment that the first of them has no bars of."""
    segments = read_segments(connection, row)
    if len(segments) == 1:
        whole = Evidence(row, StoredSeries(connection, row, limits), tuple(answers), before_writing)
        return [EvidencePart(segments[0], tuple(answers), whole)]
    waiting = frozenset(segment.days.end for segment in segments[:-1])
    parts = []
    for segment in segments:
        first, *repeated = (restrict(answer, segment.bars) for answer in answers)
        if not first.bars:
            continue
        inside = (first, *(answer for answer in repeated if answer.bars))
        stored = StoredSeries(connection, row, limits, segment.bars)
        chunk = before_writing and replace(before_writing, span=before_writing.span.intersection(segment.bars))
        evidence = Evidence(row, stored, inside, chunk, waiting) if stored.first_bar_in(segment.bars) else None
        parts.append(EvidencePart(segment, inside, evidence))
    return parts


@dataclass(frozen=True, slots=True)
class StoredSeries:
    """What the database holds of a series (``rules_assessment.Stored``).

    ``limits`` tells what its source serves in one request; None where nothing more is asked. Only bars that start in
    ``span`` are looked at.
    """

    connection: Connection
    row: SeriesRow
    limits: RequestLimits | None = None
    span: Span = EVER

    def bars_beside(self, delivered: Sequence[Bar]) -> list[Bar]:
        """Return the stored bars of the same span of time; costs nothing when it lies outside of all that is stored."""
        row = self.row
        if not delivered or row.first_bar is None or row.last_bar is None:
            return []
        first, last = delivered[0][0], delivered[-1][0]
        if last < row.first_bar or first > row.last_bar:
            return []
        return queries_bars.read(self.connection, row.id, Span(first, last + 1).intersection(self.span))

    def close_before(self, time: int) -> tuple[int, float] | None:
        """Return start and close of the last bar that starts before an instant."""
        last = queries_bar_pages.last_close(self.connection, self.row.id, time)
        return last if last and last[0] >= self.span.start else None

    def first_bar_in(self, span: Span) -> Bar | None:
        """Return the first bar that starts in a span."""
        return next(iter(queries_bar_pages.page(self.connection, self.row.id, span.intersection(self.span), 1)), None)

    def missing_splits(self, delivered: Sequence[Action]) -> list[Action]:
        """Return the splits, stored or just delivered, that the bars do not contain yet."""
        stored = queries_actions.read(self.connection, self.row.instrument_id)
        latest = {(action.kind, action.time): action for action in (*stored, *delivered)}
        missing = adjusting.missing_splits(self.connection, self.row, latest.values())
        if self.span == EVER:
            return missing
        zone = adjusting.zone_of(self.row)
        return [split for split in missing if first_ex_bar(split.time, self.row.interval, zone) > self.span.start]

    def span_to_recheck_before(self, time: int) -> Span | None:
        """Return the span of the last stored bars before an instant that one request serves, None without any."""
        return self._span_of(queries_bars.last_times(self.connection, self.row.id, time, _COUNTS_TO_RECHECK[0]))

    def span_to_recheck_after(self, time: int) -> Span | None:
        """Return the span of the first stored bars from an instant on that one request serves, None without any."""
        return self._span_of(queries_bars.first_times(self.connection, self.row.id, time, _COUNTS_TO_RECHECK[0]))

    def _span_of(self, candidates: list[int]) -> Span | None:
        times = [time for time in candidates if self.span.start <= time < self.span.end]
        if self.limits is None or len(times) < min(LEAST_BARS, self.row.rows):
            return None
        return self.limits.span_of(times, _COUNTS_TO_RECHECK)
