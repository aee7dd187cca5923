"""Submitting jobs, and what a person may ask of one: cancel, pause, resume, retry, clone, another priority.

What is asked of several at once stands in ``job_groups``.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.collecting import verbs
from webapp.collecting.job_delivery import deliver_jobs
from webapp.collecting.plan import find_needs
from webapp.collecting.validation import ValidRequest, validate_request
from webapp.collecting.verbs import Asked, Verb
from webapp.context import Context
from webapp.database.transactions import reading, writing
from webapp.errors import NotFoundError
from webapp.gateways import saved
from webapp.jobs import queries_jobs, queries_moves
from webapp.jobs.queries_jobs import JobRow, NewJob
from webapp.kernel.gateways import GATEWAY_SOURCE
from webapp.kernel.job_states import Priority
from webapp.kernel.requests import EARLIEST, CollectRequest
from webapp.series import queries_series

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Submission:
    """What a request has become. ``repeated`` are ids of active jobs that already did the same."""

    batch_id: int
    job_ids: tuple[int, ...]
    repeated: frozenset[int]
    queue_is_away: bool


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """A job to be: one symbol of a request, and how many chunks it takes as things stand."""

    request: ValidRequest
    symbol: str
    chunks_total: int


def submit(context: Context, request: ValidRequest, origin: str) -> Submission:
    """Make one job a symbol, commit, then send the messages; without a queue the jobs are kept for the clock.

    :raises InvalidRequestError: with the field ``gateway`` when there is none of that name; nothing is queued then.
    """
    return submit_together(context, [request], origin)


def submit_together(context: Context, requests: Sequence[ValidRequest], origin: str) -> Submission:
    """Do the same with several requests, whose jobs make one batch.

    :raises InvalidRequestError: see ``submit``.
    """
    now = context.now()
    planned = [job for request in requests for job in _plan_jobs(context, request)]
    with writing() as connection:
        batch_id = queries_jobs.new_batch(connection, origin, now)
        inserted = [_insert_job(connection, batch_id, job, now) for job in planned]
        new_ids = [job_id for job_id, is_new in inserted if is_new]
        for job_id in new_ids:
            queries_moves.log(connection, job_id, "submitted", now, actor=origin)
    away = not deliver_jobs(context, new_ids)
    repeated = frozenset(job_id for job_id, is_new in inserted if not is_new)
    return Submission(batch_id, tuple(job_id for job_id, _ in inserted), repeated, away)


def _plan_jobs(context: Context, request: ValidRequest) -> list[PlannedJob]:
    """Return the job of each symbol.

    :raises InvalidRequestError: with the field ``gateway`` when there is none of that name.
    """
    if request.source == GATEWAY_SOURCE:
        saved.chosen(context, request.options)
    with reading() as connection:
        return [
            PlannedJob(request, symbol, len(find_needs(connection, request, symbol).chunks))
            for symbol in request.symbols
        ]


def _insert_job(connection: Connection, batch_id: int, job: PlannedJob, now: dt.datetime) -> tuple[int, bool]:
    """Make the job and, where there is none yet, its series; return what ``queries_jobs.insert`` does."""
    request = job.request
    new = NewJob(
        series_id=queries_series.ensure(connection, request.source, job.symbol, request.interval, request.variant),
        span=request.span,
        options=request.options,
        refresh=request.refresh,
        priority=request.priority,
        chunks_total=job.chunks_total,
    )
    return queries_jobs.insert(connection, batch_id, new, now)


def find(job_id: int) -> JobRow:
    """Return a job.

    :raises NotFoundError: when there is none of this id.
    """
    with reading() as connection:
        job = queries_jobs.get(connection, job_id)
    if job is None:
        raise NotFoundError(verbs.no_such_job(job_id))
    return job


def cancel(context: Context, job_id: int, actor: str, reason: str = "") -> JobRow:
    """Cancel a job: at once when nobody works on it, at the next chunk otherwise. What was collected stays.

    :raises NotFoundError: when there is none of this id.
    :raises ConflictError: when it is over already.
    """
    return ask(context, job_id, Asked(Verb.CANCEL, actor, reason))


def pause(context: Context, job_id: int, actor: str, reason: str = "") -> JobRow:
    """Pause a job: at once when nobody works on it, at the next chunk otherwise.

    :raises NotFoundError: when there is none of this id.
    :raises ConflictError: when it is over, paused or being cancelled already.
    """
    return ask(context, job_id, Asked(Verb.PAUSE, actor, reason))


def resume(context: Context, job_id: int, actor: str, reason: str = "") -> JobRow:
    """Put a paused job back into the queue.

    :raises NotFoundError: when there is none of this id.
    :raises ConflictError: when it is not paused.
    """
    return ask(context, job_id, Asked(Verb.RESUME, actor, reason))


def retry(context: Context, job_id: int, actor: str, reason: str = "") -> JobRow:
    """Put a failed or cancelled job back into the queue; it goes on from what it has.

    :raises NotFoundError: when there is none of this id.
    :raises ConflictError: when it neither failed nor was cancelled, or another job does the same already.
    """
    return ask(context, job_id, Asked(Verb.RETRY, actor, reason))


def prioritize(context: Context, job_id: int, priority: Priority, actor: str, reason: str = "") -> JobRow:
    """Give a job that is not over another priority. One that waits in the queue is announced once more.

    The message sent before stays where it is, so that a lowered job may still be taken early.

    :raises NotFoundError: when there is none of this id.
    :raises ConflictError: when it is over.
    """
    return ask(context, job_id, Asked(Verb.PRIORITY, actor, reason, priority))


def ask(context: Context, job_id: int, asked: Asked) -> JobRow:
    """Do what is asked of a job, deliver it when it is due then, and return it.

    :raises NotFoundError: when there is none of this id.
    :raises ConflictError: when its state does not allow it.
    """
    job = verbs.apply(context, job_id, asked)
    if verbs.is_due(job):
        deliver_jobs(context, [job_id])
    return job


def clone(context: Context, job_id: int, actor: str) -> Submission:
    """Submit once more what a job collects; one that asked for everything asks for everything up to now.

    :raises NotFoundError: when there is none of this id.
    :raises InvalidRequestError: when the source no longer serves it.
    """
    job = find(job_id)
    everything = job.span.start <= EARLIEST
    # Timedeltas, because fromtimestamp refuses times before 1970 on Windows.
    start, end = (_EPOCH + dt.timedelta(seconds=time) for time in (job.span.start, job.span.end))
    request = CollectRequest(
        source=job.source,
        symbols=(job.symbol,),
        interval=job.interval,
        start=None if everything else start,
        end=None if everything else end,
        period="max" if everything else None,
        options=job.options,
        priority=job.priority,
        refresh=job.refresh,
    )
    return submit(context, validate_request(request, context.now()), actor)
