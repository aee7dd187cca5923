"""Submitting jobs, and what a person may ask of one: cancel, pause, resume, retry, clone, another priority.

What is asked of several at once stands in ``job_groups``.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from webapp.collecting import verbs
from webapp.collecting.plan import checked, make_plan
from webapp.collecting.verbs import Asked, Verb
from webapp.context import Context
from webapp.database.transactions import reading, writing
from webapp.errors import NotFoundError, QueueAwayError
from webapp.gateways import saved
from webapp.jobs import queries_jobs, queries_moves
from webapp.jobs.queries_jobs import JobRow, NewJob
from webapp.kernel.gateways import GATEWAY_SOURCE
from webapp.kernel.instants import datetime_of
from webapp.kernel.job_states import Priority
from webapp.kernel.plans import SeriesPlan
from webapp.kernel.requests import EARLIEST, CollectRequest
from webapp.queue import TaskName
from webapp.series import queries_series
from webapp.sources.registry import offer


@dataclass(frozen=True, slots=True)
class Submission:
    """What a request has become. ``repeated`` are ids of active jobs that already did the same."""

    batch_id: int
    job_ids: tuple[int, ...]
    repeated: frozenset[int]
    queue_is_away: bool


def submit(context: Context, request: CollectRequest, origin: str) -> Submission:
    """Make one job a symbol, commit, then send the messages; without a queue the jobs are kept for the clock.

    :raises InvalidRequestError: with a sentence for each field that is wrong; nothing is queued then.
    """
    return submit_together(context, [request], origin)


def submit_together(context: Context, requests: Sequence[CollectRequest], origin: str) -> Submission:
    """Do the same with several requests, whose jobs make one batch.

    :raises InvalidRequestError: with a sentence for each field of the first one that is wrong; nothing is queued then.
    """
    now = context.now()
    new = [job for request in requests for job in _new_jobs(context, request, now)]
    ids: list[int] = []
    repeated: set[int] = set()
    with writing() as connection:
        batch_id = queries_jobs.new_batch(connection, origin, now)
        for make in new:
            job_id, made = queries_jobs.insert(connection, batch_id, make(connection), now)
            ids.append(job_id)
            if made:
                queries_moves.log(connection, job_id, "submitted", now, actor=origin)
            else:
                repeated.add(job_id)
    away = not deliver(context, [job_id for job_id in ids if job_id not in repeated])
    return Submission(batch_id, tuple(ids), frozenset(repeated), away)


def _new_jobs(context: Context, request: CollectRequest, now: dt.datetime) -> list[Callable[[Connection], NewJob]]:
    """Return, for each symbol of a request, what makes its series and says what its job is.

    :raises InvalidRequestError: with a sentence for each field that is wrong.
    """
    request, span = checked(request, now.timestamp())
    if request.source == GATEWAY_SOURCE:
        saved.chosen(context, request.options)
    variant = offer(request.source).variant(request.options)

    def make(planned: SeriesPlan, connection: Connection) -> NewJob:
        return NewJob(
            series_id=queries_series.ensure(connection, request.source, planned.symbol, request.interval, variant),
            span=span,
            options=request.options,
            refresh=request.refresh,
            priority=request.priority,
            chunks_total=len(planned.chunks),
        )

    return [partial(make, planned) for planned in make_plan(context, request).series]


def deliver(context: Context, job_ids: Iterable[int], lost_before: dt.datetime | None = None) -> bool:
    """Send a message for each job that none announces, as far as the queue takes them; tell whether it took all.

    A job is noted as announced before its message is sent, so that two who deliver at once send one; what the queue
    did not take is noted as not announced again, and the clock tries later.

    :param lost_before: count messages sent before this moment as lost.
    """
    wanted = list(job_ids)
    now = context.now()
    with writing() as connection:
        taken = queries_jobs.take_for_delivery(connection, wanted, now, lost_before or now)
    to_send = [job_id for job_id in wanted if job_id in taken]
    try:
        while to_send:
            context.queue.enqueue(TaskName.COLLECT, to_send[0], taken[to_send[0]])
            del to_send[0]
    except QueueAwayError:
        with writing() as connection:
            queries_jobs.not_delivered(connection, to_send)
        return False
    return True


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
        deliver(context, [job_id])
    return job


def clone(context: Context, job_id: int, actor: str) -> Submission:
    """Submit once more what a job collects; one that asked for everything asks for everything up to now.

    :raises NotFoundError: when there is none of this id.
    :raises InvalidRequestError: when the source no longer serves it.
    """
    job = find(job_id)
    everything = job.span.start <= EARLIEST
    start, end = (datetime_of(time) for time in (job.span.start, job.span.end))
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
    return submit(context, request, actor)
