"""Committing a chunk: fence, bars, actions, facts, coverage, progress and log, in one transaction or not at all."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.errors import sentence
from webapp.failpoints import Failpoint, reach
from webapp.flagging.flagging import flag_suspicious
from webapp.flagging.rules_screening import IncomingBars
from webapp.jobs import queries_moves
from webapp.jobs.queries_jobs import JobRow
from webapp.jobs.queries_moves import ChunkDone, Claim
from webapp.kernel.bars import Bar
from webapp.kernel.intervals import next_start
from webapp.kernel.job_states import Intent
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span, subtract
from webapp.restating.rebasing import RebaseContext, restate
from webapp.series import queries_actions, queries_bars, queries_coverage, queries_series
from webapp.series.queries_series import SeriesRow
from webapp.sources.base import Answer
from webapp.sources.registry import offer


@dataclass(frozen=True, slots=True)
class Done:
    """A chunk that a source answered. ``seconds`` is how long that took."""

    claim: Claim
    job: JobRow
    span: Span
    answer: Answer
    chunks_left: int
    seconds: float
    more: tuple[Answer, ...] = ()
    """Answers with stored bars that were asked for again, to be sure of the basis that prices stand on."""


def commit(connection: Connection, done: Done, now: dt.datetime) -> Intent:
    """Write everything that a chunk brings, and return what is wanted of the job.

    :raises LeaseLostError: when the job is no longer ours; the caller's transaction must not be committed then.
    :raises SourceError: when the source contradicts itself about the prices that are stored; nor then.
    """
    answer, job = done.answer, done.job
    counted = ChunkDone(
        span=done.span,
        rows=len(answer.bars),
        blanks=answer.doubts if answer.bars else 0,
        chunks_left=done.chunks_left,
        reached=_reached(done),
        seconds=done.seconds,
        answered=_answered(done).end,
    )
    intent = queries_moves.commit_chunk(connection, done.claim, counted, now)
    reach(Failpoint.FENCED)
    queries_series.lock_for_write(connection, job.series_id)
    row = _told(connection, done, now)
    bars = restate(RebaseContext(connection, done.claim, row, now), (answer, *done.more))
    written = _sifted(connection, done, row, bars, now)
    added = queries_bars.upsert(connection, job.series_id, written)
    if written:
        queries_series.grow(connection, job.series_id, added, written[0][0], written[-1][0], now)
    reach(Failpoint.WRITTEN)
    queries_actions.upsert(connection, row.instrument_id, answer.actions, job.id, now)
    _cover(connection, done, now)
    reach(Failpoint.COVERED)
    return intent


def _told(connection: Connection, done: Done, now: dt.datetime) -> SeriesRow:
    """Return the series with all that is known of its instrument by now; rules about its bars ask for it."""
    row = queries_series.get(connection, done.job.series_id)
    if row is None:
        raise LookupError(f"series {done.job.series_id}")
    queries_series.learn(connection, row.instrument_id, done.answer.facts, now)
    return queries_series.get(connection, done.job.series_id) or row


def _sifted(connection: Connection, done: Done, row: SeriesRow, bars: Sequence[Bar], now: dt.datetime) -> Sequence[Bar]:
    """Return the bars to write, after those that look wrong were flagged."""
    incoming = IncomingBars(row, bars, done.span, done.answer.actions, done.job.id)
    screened = flag_suspicious(connection, incoming, now)
    if screened.flagged:
        message = sentence("Bars that look wrong, stored and listed for review: %(bars)d", bars=screened.flagged)
        queries_moves.log(connection, done.claim, "flagged", now, message)
    return screened.bars


def _reached(done: Done) -> int:
    """Return the end of what is done; of a collection that goes back in time, the end of the earliest bar that is."""
    if offer(done.job.source).newest_first:
        return next_start(done.span.start, done.job.interval)
    return min(done.answer.known_until, done.span.end)


def _answered(done: Done) -> Span:
    return Span(done.span.start, min(done.span.end, done.answer.known_until))


def _cover(connection: Connection, done: Done, now: dt.datetime) -> None:
    """Write down what the answer vouches for: up to the first bar that is not closed yet.

    An empty answer takes nothing away from what is there, and a file confirms no emptiness.
    """
    if done.answer.vouched is not None:
        queries_coverage.record_bars(connection, done.job.series_id, done.answer.vouched, int(now.timestamp()))
        return
    known = [_answered(done)]
    verdict = Verdict.HAVE if done.answer.bars else Verdict.EMPTY
    if verdict is Verdict.EMPTY:
        covered = queries_coverage.read(connection, done.job.series_id)
        known = subtract(known, [one.span for one in covered if one.verdict is Verdict.HAVE])
    for span in known:
        queries_coverage.record(connection, done.job.series_id, Covered(span, verdict, int(now.timestamp())))
