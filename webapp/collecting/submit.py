"""Submitting jobs: a valid request becomes one job a symbol.

What a person may ask of a job that is there stands in ``verbs``, and of several at once in ``groups``.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.collecting.job_delivery import deliver_jobs
from webapp.collecting.plan import find_needs
from webapp.collecting.validation import ValidRequest, validate_request
from webapp.collecting.verbs import no_such_job
from webapp.context import Context
from webapp.database.transactions import reading, writing
from webapp.errors import NotFoundError
from webapp.gateways import saved
from webapp.jobs import queries_batches, queries_events, queries_jobs
from webapp.jobs.queries_batches import NewJob
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.days import moments_of
from webapp.kernel.requests import EARLIEST, CollectRequest
from webapp.kernel.spans import Span
from webapp.series import queries_series
from webapp.sources.registry import capabilities_of


@dataclass(frozen=True, slots=True)
class Submission:
    """What a request has become. ``repeated`` are ids of active jobs that already did the same."""

    batch_id: int
    job_ids: tuple[int, ...]
    repeated: frozenset[int]
    queue_is_away: bool


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """A job to be: one symbol of a request, its span, and how many chunks it takes as things stand."""

    request: ValidRequest
    symbol: str
    span: Span
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
    lists = tuple(dict.fromkeys(name for request in requests for name in request.lists))
    planned = [job for request in requests for job in _plan_jobs(context, request)]
    with writing() as connection:
        batch = insert_batch(connection, planned, BatchOrigin(origin, lists), now)
    away = not deliver_jobs(context, batch.new_ids)
    return Submission(batch.id, batch.job_ids, frozenset(batch.job_ids) - frozenset(batch.new_ids), away)


@dataclass(frozen=True, slots=True)
class BatchOrigin:
    """Where a batch came from: an entrance or a schedule, and the watchlists that its symbols stood in."""

    name: str
    lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InsertedBatch:
    """A batch as it was written: its jobs in the order planned, and which of them are new; these are to be sent."""

    id: int
    job_ids: tuple[int, ...]
    new_ids: tuple[int, ...]


def insert_batch(
    connection: Connection, planned: Sequence[PlannedJob], origin: BatchOrigin, now: dt.datetime
) -> InsertedBatch:
    """Write a batch and its jobs; commit, then deliver those that are new."""
    batch_id = queries_batches.new_batch(connection, origin.name, now, origin.lists)
    inserted = [insert_job(connection, batch_id, job, now) for job in planned]
    new_ids = tuple(job_id for job_id, is_new in inserted if is_new)
    for job_id in new_ids:
        queries_events.append_event(connection, job_id, "submitted", now, actor=origin.name)
    return InsertedBatch(batch_id, tuple(job_id for job_id, _ in inserted), new_ids)


def _plan_jobs(context: Context, request: ValidRequest) -> list[PlannedJob]:
    """Return the job of each symbol.

    :raises InvalidRequestError: with the field ``gateway`` when there is none of that name.
    """
    check_gateway(context, request)
    with reading() as connection:
        needs = [(symbol, find_needs(connection, request, symbol)) for symbol in request.symbols]
    return [PlannedJob(request, symbol, its_needs.span, len(its_needs.chunks)) for symbol, its_needs in needs]


def check_gateway(context: Context, request: ValidRequest) -> None:
    """See that there is the gateway that a request names.

    :raises InvalidRequestError: with the field ``gateway`` when there is none of that name.
    """
    if capabilities_of(request.source).has_gateways:
        saved.chosen(context, request.options)


def insert_job(connection: Connection, batch_id: int, job: PlannedJob, now: dt.datetime) -> tuple[int, bool]:
    """Make the job and, where there is none yet, its series; return what ``queries_batches.insert_job`` does."""
    request = job.request
    new = NewJob(
        series_id=queries_series.ensure(
            connection, request.source, job.symbol, request.interval, request.variant_of(job.symbol)
        ),
        span=job.span,
        options=request.options_of(job.symbol),
        refresh=request.request.refresh,
        priority=request.request.priority,
        chunks_total=job.chunks_total,
    )
    return queries_batches.insert_job(connection, batch_id, new, now)


def find(job_id: int) -> JobRow:
    """Return a job.

    :raises NotFoundError: when there is none of this id.
    """
    with reading() as connection:
        job = queries_jobs.get(connection, job_id)
    if job is None:
        raise NotFoundError(no_such_job(job_id))
    return job


def clone(context: Context, job_id: int, actor: str) -> Submission:
    """Submit once more what a job collects; one that asked for everything asks for everything up to now.

    :raises NotFoundError: when there is none of this id.
    :raises InvalidRequestError: when the source no longer serves it.
    """
    job = find(job_id)
    everything = job.span.start <= EARLIEST
    start, end = moments_of(job.span, job.interval)
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
