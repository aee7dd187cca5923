"""Committing a chunk: fence, bars, actions, facts, coverage, progress and log, in one transaction or not at all."""

import datetime as dt
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from webapp.collecting.doubts import NO_DOUBTS, Doubts, keep_whole_bars
from webapp.collecting.rechecks import insert_rechecks
from webapp.errors import sentence
from webapp.failpoints import Failpoint, hit
from webapp.flagging.flagging import flag_suspicious
from webapp.flagging.rules_screening import IncomingBars
from webapp.jobs import queries_claims, queries_events
from webapp.jobs.claims import ChunkRecord, Claim
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.bars import Bar
from webapp.kernel.intervals import next_start
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span, subtract, union, within
from webapp.restating.action_record import ActionRecorder
from webapp.restating.rebasing import RebaseContext, Restated, restate
from webapp.restating.siblings import rebase_siblings
from webapp.restating.waiting import close_ended_waits, close_waits, find_disproved, open_waits
from webapp.series import queries_bars, queries_coverage, queries_series
from webapp.series.queries_series import SeriesRow
from webapp.sources.base import Answer
from webapp.sources.registry import offer


@dataclass(frozen=True, slots=True)
class FetchedChunk:
    """A chunk that a source answered. ``seconds`` is how long that took."""

    claim: Claim
    job: JobRow
    span: Span
    answer: Answer
    chunks_left: int
    seconds: float
    doubts: Doubts = NO_DOUBTS
    repeated: tuple[Answer, ...] = ()
    """Answers with stored bars that were asked for again, to be sure of the basis that prices stand on."""
    seams: tuple[tuple[Answer, ...], ...] = ()
    """Answers with stored bars around splits that the series waits for, each followed by those that confirm it."""


def commit(connection: Connection, chunk: FetchedChunk, now: dt.datetime) -> list[int]:
    """Write everything that a chunk brings; return the ids of jobs that it makes necessary, which are to be sent.

    :raises LeaseLostError: when the job is no longer ours; the caller's transaction must not be committed then.
    :raises SourceError: when the source contradicts itself about the prices that are stored; nor then.
    """
    chunk = _without_lesser_bars(connection, chunk)
    answer, job = chunk.answer, chunk.job
    record = ChunkRecord(
        span=chunk.span,
        rows=len(answer.bars),
        blanks=answer.blank_rows if answer.bars else 0,
        chunks_left=chunk.chunks_left,
        reached=_reached_end(chunk),
        seconds=chunk.seconds,
        answered=_answered_span(chunk).end,
    )
    queries_claims.commit_chunk(connection, chunk.claim, record, now)
    hit(Failpoint.FENCED)
    queries_series.lock_for_write(connection, job.series_id)
    row = _update_facts(connection, chunk, now)
    context = RebaseContext(connection, chunk.claim, row, now)
    seams = [(keep_whole_bars(job, first), *others) for first, *others in chunk.seams]
    spans = [(chunk.span, (answer, *chunk.repeated)), *((_span_of(seam), seam) for seam in seams)]
    restated = [_write_bars(context, chunk, span, answers) for span, answers in spans]
    hit(Failpoint.WRITTEN)
    _record_actions(context, [answers[0] for _, answers in spans], restated)
    rechecks = _follow_splits(context, restated)
    if answer.left_out is not None:
        queries_events.append_event(connection, chunk.claim, "left_out", now, answer.left_out)
    _cover(connection, chunk, now)
    hit(Failpoint.COVERED)
    return insert_rechecks(connection, rechecks, now)


def _span_of(seam: Sequence[Answer]) -> Span:
    """Return the span of the bars of a seam's first answer."""
    bars = seam[0].bars
    return Span(bars[0][0], bars[-1][0] + 1) if bars else Span(0, 0)


def _write_bars(context: RebaseContext, chunk: FetchedChunk, span: Span, answers: Sequence[Answer]) -> Restated:
    """Write the bars of a span that was asked for, after what is stored was brought to their basis."""
    connection, row = context.connection, context.row
    restated = restate(context, answers)
    incomplete = chunk.doubts.incomplete
    incoming = IncomingBars(row, restated.bars, span, answers[0].actions, chunk.job.id, incomplete)
    written = _flag_bars(connection, chunk, incoming, context.now)
    added = queries_bars.upsert(connection, row.id, written)
    if written:
        queries_series.extend_range(connection, row.id, added, written[0][0], written[-1][0], context.now)
    return restated


def _record_actions(context: RebaseContext, answers: Sequence[Answer], restated: Sequence[Restated]) -> None:
    """Write down what answers say of actions; by now the bars of all of them are there, on both sides of a seam."""
    unmoved = frozenset().union(*(part.unmoved for part in restated))
    undone = (*(split for part in restated for split in part.undone), *find_disproved(context, context.row, unmoved))
    for answer in answers:
        ActionRecorder(context).record(answer, undone)


def _follow_splits(context: RebaseContext, restated: Sequence[Restated]) -> list[SeriesRow]:
    """Note which splits the series waits for from now on, and no longer; bring its siblings to what it was moved to.

    :returns: the series whose sources must be asked whether they have moved, too.
    """
    moves = [move for part in restated for move in part.moves]
    times = [bar[0] for part in restated for bar in part.bars]
    rechecks = [row for move in moves if move.is_proven for row in rebase_siblings(context, context.row, move)]
    close_waits(context, context.row, moves)
    close_ended_waits(context)
    if times:
        unmoved = frozenset().union(*(part.unmoved for part in restated))
        open_waits(context, context.row, Span(min(times), max(times) + 1), unmoved)
    return list({row.id: row for row in rechecks}.values())


def _without_lesser_bars(connection: Connection, chunk: FetchedChunk) -> FetchedChunk:
    """Return the chunk without the bars that lack something and are stored already: what is there is no worse."""
    incomplete = chunk.doubts.incomplete
    if not incomplete:
        return chunk
    frame = Span(min(incomplete), max(incomplete) + 1)
    stored = incomplete.intersection(bar[0] for bar in queries_bars.read(connection, chunk.job.series_id, frame))
    bars = [bar for bar in chunk.answer.bars if bar[0] not in stored]
    return replace(
        chunk,
        answer=replace(chunk.answer, bars=bars),
        doubts=Doubts(chunk.doubts.spans, incomplete - stored),
    )


def _update_facts(connection: Connection, chunk: FetchedChunk, now: dt.datetime) -> SeriesRow:
    """Store what the answer says of the instrument, and return the series with it, for rules about bars."""
    row = queries_series.get(connection, chunk.job.series_id)
    if row is None:
        raise LookupError(f"series {chunk.job.series_id}")
    queries_series.update_facts(connection, row.instrument_id, chunk.answer.facts, now)
    return queries_series.get(connection, chunk.job.series_id) or row


def _flag_bars(connection: Connection, chunk: FetchedChunk, incoming: IncomingBars, now: dt.datetime) -> Sequence[Bar]:
    """Return the bars to write, after those that look wrong were flagged."""
    screened = flag_suspicious(connection, incoming, now)
    if screened.flagged:
        message = sentence("Bars that look wrong, stored and listed for review: %(bars)d", bars=screened.flagged)
        queries_events.append_event(connection, chunk.claim, "flagged", now, message)
    return screened.bars


def _reached_end(chunk: FetchedChunk) -> int:
    """Return the end of what is done; of a collection that goes back in time, the end of the earliest bar that is."""
    if offer(chunk.job.source).newest_first:
        return next_start(chunk.span.start, chunk.job.interval)
    return min(chunk.answer.known_until, chunk.span.end)


def _answered_span(chunk: FetchedChunk) -> Span:
    return Span(chunk.span.start, min(chunk.span.end, chunk.answer.known_until))


def _cover(connection: Connection, chunk: FetchedChunk, now: dt.datetime) -> None:
    """Write down what the answer vouches for: up to the first bar that is not closed yet, less what is doubted.

    An empty answer takes nothing away from what is there, and a file confirms no emptiness. What was doubted before
    stays so until a bar comes: silence on a part of it is no other answer.
    """
    series_id, moment = chunk.job.series_id, int(now.timestamp())
    if chunk.answer.known_spans is not None:
        queries_coverage.record_bars(connection, series_id, chunk.answer.known_spans, moment)
        return
    answered = _answered_span(chunk)
    silent = [
        part.span for part in queries_coverage.doubted(connection, series_id, answered) if _is_silent(chunk, part)
    ]
    doubted = union([*within(chunk.doubts.spans, answered), *silent])
    spans = subtract([answered], doubted)
    verdict = Verdict.HAVE if chunk.answer.bars else Verdict.EMPTY
    if verdict is Verdict.EMPTY:
        coverage = queries_coverage.read(connection, series_id)
        settled = (covered for covered in coverage if covered.verdict is Verdict.HAVE or covered.is_confirmed)
        spans = subtract(spans, [covered.span for covered in settled])
    for span in spans:
        queries_coverage.record(connection, series_id, Covered(span, verdict, moment))
    for span in doubted:
        queries_coverage.record_doubt(connection, series_id, span, moment)


def _is_silent(chunk: FetchedChunk, part: Covered) -> bool:
    """Tell whether an answer has no bar in a span."""
    bars = chunk.answer.bars
    place = bisect_left(bars, part.span.start, key=lambda bar: bar[0])
    return place == len(bars) or bars[place][0] >= part.span.end
