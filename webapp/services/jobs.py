"""Submitting jobs, and what a person may ask of one: cancel, pause, resume, retry."""

from collections.abc import Iterable
from dataclasses import dataclass

from webapp.domain.jobs import Intent, JobState
from webapp.domain.requests import CollectRequest
from webapp.errors import ConflictError, NotFoundError, QueueAwayError, Sentence, sentence
from webapp.queue import TaskName
from webapp.services.context import Context
from webapp.services.plan import checked_span, make_plan
from webapp.sources.registry import offer
from webapp.store import job_moves, jobs, series
from webapp.store.jobs import JobRow, NewJob
from webapp.store.transactions import reading, writing


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
    now = context.now()
    span = checked_span(request, now.timestamp())
    plan = make_plan(context, request)
    variant = offer(request.source).variant(request.options)
    ids: list[int] = []
    repeated: set[int] = set()
    with writing() as connection:
        batch_id = jobs.new_batch(connection, origin, now)
        for planned in plan.series:
            series_id = series.ensure(connection, request.source, planned.symbol, request.interval, variant)
            new = NewJob(
                series_id=series_id,
                span=span,
                options=request.options,
                refresh=request.refresh,
                priority=request.priority,
                chunks_total=len(planned.chunks),
            )
            job_id, made = jobs.insert(connection, batch_id, new, now)
            ids.append(job_id)
            if made:
                job_moves.log(connection, job_id, "submitted", now, actor=origin)
            else:
                repeated.add(job_id)
    away = not deliver(context, [job_id for job_id in ids if job_id not in repeated])
    return Submission(batch_id, tuple(ids), frozenset(repeated), away)


def deliver(context: Context, job_ids: Iterable[int]) -> bool:
    """Send a message for each job, as far as the queue takes them, and tell whether it took all.

    What it did not take stays undelivered in the database; the clock tries again.
    """
    wanted = list(job_ids)
    with reading() as connection:
        priorities = {row.id: row.priority for i in wanted if (row := jobs.get(connection, i))}
    sent = []
    try:
        for job_id, priority in priorities.items():
            context.queue.enqueue(TaskName.COLLECT, job_id, priority)
            sent.append(job_id)
    except QueueAwayError:
        return False
    finally:
        if sent:
            with writing() as connection:
                jobs.mark_delivered(connection, sent, context.now())
    return True


def find(job_id: int) -> JobRow:
    """Return a job.

    :raises NotFoundError: when there is none of this id.
    """
    with reading() as connection:
        job = jobs.get(connection, job_id)
    if job is None:
        raise NotFoundError(sentence("There is no job %(id)d.", id=job_id))
    return job


def cancel(context: Context, job_id: int, actor: str) -> JobRow:
    """Cancel a job: at once when nobody works on it, at the next chunk otherwise. What was collected stays.

    :raises NotFoundError: when there is none of this id.
    :raises ConflictError: when it is over already.
    """
    return _ask(context, job_id, JobState.CANCELLED, actor)


def pause(context: Context, job_id: int, actor: str) -> JobRow:
    """Pause a job: at once when nobody works on it, at the next chunk otherwise.

    :raises NotFoundError: when there is none of this id.
    :raises ConflictError: when it is over or paused already.
    """
    return _ask(context, job_id, JobState.PAUSED, actor)


def resume(context: Context, job_id: int, actor: str) -> JobRow:
    """Put a paused job back into the queue.

    :raises NotFoundError: when there is none of this id.
    :raises ConflictError: when it is not paused.
    """
    return _requeue(context, job_id, actor, (JobState.PAUSED,), "resumed")


def retry(context: Context, job_id: int, actor: str) -> JobRow:
    """Put a failed or cancelled job back into the queue; it goes on from what it has.

    :raises NotFoundError: when there is none of this id.
    :raises ConflictError: when it neither failed nor was cancelled, or another job does the same already.
    """
    return _requeue(context, job_id, actor, (JobState.FAILED, JobState.CANCELLED), "retried")


def _ask(context: Context, job_id: int, target: JobState, actor: str) -> JobRow:
    now = context.now()
    intent, word = {
        JobState.CANCELLED: (Intent.CANCEL, "cancelled"),
        JobState.PAUSED: (Intent.PAUSE, "paused"),
    }[target]
    with writing() as connection:
        if job_moves.move(connection, job_id, target, now):
            job_moves.log(connection, job_id, word, now, actor=actor)
        elif job_moves.want(connection, job_id, intent):
            job_moves.log(connection, job_id, f"{intent.value}_asked", now, actor=actor)
        else:
            job = jobs.get(connection, job_id)
            if job is not None:
                raise ConflictError(_not_possible(job))
    return find(job_id)


def _requeue(context: Context, job_id: int, actor: str, origins: tuple[JobState, ...], word: str) -> JobRow:
    now = context.now()
    job = find(job_id)
    if job.state not in origins:
        raise ConflictError(_not_possible(job))
    with writing() as connection:
        if job_moves.same_is_active(connection, job_id):
            raise ConflictError(sentence("Another job that is not over yet collects the same; see it in the history."))
        if not job_moves.move(connection, job_id, JobState.PENDING, now, reset=True):
            raise ConflictError(_not_possible(job))
        job_moves.log(connection, job_id, word, now, actor=actor)
    deliver(context, [job_id])
    return find(job_id)


def _not_possible(job: JobRow) -> Sentence:
    reasons = {
        JobState.SUCCEEDED: sentence("Job %(id)d has succeeded; there is nothing left to do.", id=job.id),
        JobState.FAILED: sentence("Job %(id)d has failed; it can be retried.", id=job.id),
        JobState.CANCELLED: sentence("Job %(id)d was cancelled; it can be retried.", id=job.id),
        JobState.PAUSED: sentence("Job %(id)d is paused; it can be resumed or cancelled.", id=job.id),
    }
    return reasons.get(job.state, sentence("Job %(id)d is still at work; it can be paused or cancelled.", id=job.id))
