"""Committing a chunk: fence, bars, actions, facts, coverage, progress and log, in one transaction or not at all."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.domain.bars import Bar
from webapp.domain.intervals import next_start
from webapp.domain.jobs import Intent
from webapp.domain.plans import Covered, Verdict
from webapp.domain.spans import Span, subtract
from webapp.errors import sentence
from webapp.failpoints import Failpoint, reach
from webapp.services.rebasing import Change, restate
from webapp.services.restatement import to_write
from webapp.services.suspecting import Delivery, sift
from webapp.sources.base import Answer
from webapp.sources.registry import offer
from webapp.store import actions, bars, coverage, job_moves, series
from webapp.store.job_moves import ChunkDone, Claim
from webapp.store.jobs import JobRow
from webapp.store.rebasing import lock
from webapp.store.series import SeriesRow


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
    intent = job_moves.commit_chunk(connection, done.claim, counted, now)
    reach(Failpoint.FENCED)
    lock(connection, job.series_id)
    row = _told(connection, done, now)
    answers = (answer, *done.more)
    restate(Change(connection, done.claim, row, now), answers)
    written = _sifted(connection, done, row, answers, now)
    added = bars.upsert(connection, job.series_id, written)
    if written:
        series.grow(connection, job.series_id, added, written[0][0], written[-1][0], now)
    reach(Failpoint.WRITTEN)
    actions.upsert(connection, row.instrument_id, answer.actions, job.id, now)
    _cover(connection, done, now)
    reach(Failpoint.COVERED)
    return intent


def _told(connection: Connection, done: Done, now: dt.datetime) -> SeriesRow:
    """Return the series with all that is known of its instrument by now; rules about its bars ask for it."""
    row = series.get(connection, done.job.series_id)
    if row is None:
        raise LookupError(f"series {done.job.series_id}")
    series.learn(connection, row.instrument_id, done.answer.facts, now)
    return series.get(connection, done.job.series_id) or row


def _sifted(
    connection: Connection, done: Done, row: SeriesRow, answers: Sequence[Answer], now: dt.datetime
) -> Sequence[Bar]:
    """Return the bars to write, after those that look wrong were flagged."""
    delivery = Delivery(row, to_write(row, answers), done.span, done.answer.actions, done.job.id)
    sifted = sift(connection, delivery, now)
    if sifted.flagged:
        message = sentence("Bars that look wrong, stored and listed for review: %(bars)d", bars=sifted.flagged)
        job_moves.log(connection, done.claim, "flagged", now, message)
    return sifted.bars


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
        coverage.record_bars(connection, done.job.series_id, done.answer.vouched, int(now.timestamp()))
        return
    known = [_answered(done)]
    verdict = Verdict.HAVE if done.answer.bars else Verdict.EMPTY
    if verdict is Verdict.EMPTY:
        covered = coverage.read(connection, done.job.series_id)
        known = subtract(known, [one.span for one in covered if one.verdict is Verdict.HAVE])
    for span in known:
        coverage.record(connection, done.job.series_id, Covered(span, verdict, int(now.timestamp())))
