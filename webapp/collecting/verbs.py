"""What a person may ask of one job, as a guarded move and a line in its log; ``jobs`` and ``job_groups`` deliver."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from webapp.context import Context
from webapp.database.transactions import writing
from webapp.errors import ConflictError, InvalidRequestError, NotFoundError, Sentence, sentence
from webapp.jobs import queries_events, queries_jobs, queries_moves
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.job_states import DUE, Intent, JobState, Priority

LONGEST_REASON = 200
"""Characters of a reason."""


class Verb(StrEnum):
    """What can be asked."""

    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    RETRY = "retry"
    PRIORITY = "priority"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, by whom (``web``, ``cli``, ``api`` or ``python``), and why. ``priority`` only with its verb."""

    verb: Verb
    actor: str
    reason: str = ""
    priority: Priority = Priority.NORMAL

    def __post_init__(self) -> None:
        """Take the reason as one line.

        :raises InvalidRequestError: when it is too long.
        """
        object.__setattr__(self, "reason", " ".join(self.reason.split()))
        if len(self.reason) > LONGEST_REASON:
            message = sentence("A reason has at most %(most)d characters.", most=LONGEST_REASON)
            raise InvalidRequestError({"reason": message})


def apply(context: Context, job_id: int, asked: Asked) -> JobRow:
    """Do what is asked of a job and return it; when it is due then, it is for the caller to deliver it.

    :raises NotFoundError: when there is none of this id.
    :raises ConflictError: when its state does not allow it.
    """
    try:
        with writing() as connection:
            job = queries_jobs.get(connection, job_id)
            if job is None:
                raise NotFoundError(no_such_job(job_id))
            _DOERS[asked.verb](connection, context, job, asked)
            return queries_jobs.get(connection, job_id) or job
    except IntegrityError as err:  # the unique index: what does the same became active between the look and the move
        raise ConflictError(_SAME) from err


def is_due(job: JobRow) -> bool:
    """Tell whether a message should announce the job after it was resumed, retried or given another priority."""
    return job.state is JobState.PENDING


def no_such_job(job_id: int) -> Sentence:
    """Say that there is no such job."""
    return sentence("There is no job %(id)d.", id=job_id)


def _ask(connection: Connection, context: Context, job: JobRow, asked: Asked) -> None:
    """Cancel or pause: at once when nobody works on it, at the next chunk otherwise."""
    cancels = asked.verb is Verb.CANCEL
    target, intent = (JobState.CANCELLED, Intent.CANCEL) if cancels else (JobState.PAUSED, Intent.PAUSE)
    if queries_moves.transition(connection, job.id, target, context.now()):
        _log(connection, context, job, asked, target.value)
    elif queries_moves.request_intent(connection, job.id, intent):
        _log(connection, context, job, asked, f"{intent.value}_asked")
    else:
        raise ConflictError(_not_possible(job))


def _requeue(connection: Connection, context: Context, job: JobRow, asked: Asked) -> None:
    """Resume or retry."""
    resumes = asked.verb is Verb.RESUME
    if job.state not in REQUEUED_FROM[asked.verb]:
        raise ConflictError(_not_possible(job))
    if queries_moves.same_is_active(connection, job.id):
        raise ConflictError(_SAME)
    if not queries_moves.transition(connection, job.id, JobState.PENDING, context.now(), reset=True):
        raise ConflictError(_not_possible(job))
    _log(connection, context, job, asked, "resumed" if resumes else "retried")


def _prioritize(connection: Connection, context: Context, job: JobRow, asked: Asked) -> None:
    """Give another priority; one that it has already changes nothing and is not logged."""
    if queries_moves.prioritize(connection, job.id, asked.priority):
        _log(connection, context, job, asked, "priority_changed")
    elif not job.is_active:
        raise ConflictError(sentence("Job %(id)d is over; its priority no longer matters.", id=job.id))


def _log(connection: Connection, context: Context, job: JobRow, asked: Asked, kind: str) -> None:
    queries_events.append_event(connection, job.id, kind, context.now(), _said(asked), asked.actor)


def _said(asked: Asked) -> Sentence | None:
    """Return what the log says beside the kind of event."""
    if asked.verb is Verb.PRIORITY:
        bare, with_reason = _PRIORITY_SAID[asked.priority]
        return Sentence(with_reason.text, {"reason": asked.reason}) if asked.reason else bare
    return sentence("Reason: %(reason)s", reason=asked.reason) if asked.reason else None


def _not_possible(job: JobRow) -> Sentence:
    reasons = {
        JobState.SUCCEEDED: sentence("Job %(id)d has succeeded; there is nothing left to do.", id=job.id),
        JobState.FAILED: sentence("Job %(id)d has failed; it can be retried.", id=job.id),
        JobState.CANCELLED: sentence("Job %(id)d was cancelled; it can be retried.", id=job.id),
        JobState.PAUSED: sentence("Job %(id)d is paused; it can be resumed or cancelled.", id=job.id),
    }
    if job.state is JobState.RUNNING and job.intent is Intent.CANCEL:
        return sentence("Job %(id)d is being cancelled.", id=job.id)
    return reasons.get(job.state, sentence("Job %(id)d is still at work; it can be paused or cancelled.", id=job.id))


_SAME = sentence("Another job that is not over yet collects the same; see it in the history.")
_PRIORITY_SAID = {
    Priority.HIGH: (sentence("Now high."), sentence("Now high. Reason: %(reason)s")),
    Priority.NORMAL: (sentence("Now normal."), sentence("Now normal. Reason: %(reason)s")),
    Priority.LOW: (sentence("Now low."), sentence("Now low. Reason: %(reason)s")),
}
REQUEUED_FROM = {
    Verb.RESUME: (JobState.PAUSED,),
    Verb.RETRY: (JobState.FAILED, JobState.CANCELLED),
}
AT_WORK = (*sorted(DUE), JobState.RUNNING)
"""States that can be paused."""
_DOERS = {
    Verb.CANCEL: _ask,
    Verb.PAUSE: _ask,
    Verb.RESUME: _requeue,
    Verb.RETRY: _requeue,
    Verb.PRIORITY: _prioritize,
}
