"""What a person may ask of a job: a guarded move and a line in its log, then a message when the job is due again."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from webapp.collecting.job_delivery import deliver_jobs
from webapp.context import Context
from webapp.database.transactions import writing
from webapp.errors import ConflictError, InvalidRequestError, NotFoundError, Sentence, sentence
from webapp.jobs import queries_events, queries_jobs, queries_moves
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.job_states import DUE, Intent, JobState, Priority

LONGEST_REASON = 200
"""Characters of a reason."""


class Verb(StrEnum):
    """What can be asked of a job."""

    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    RETRY = "retry"
    PRIORITY = "priority"


@dataclass(frozen=True, slots=True)
class JobCommand:
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


def execute(context: Context, job_id: int, command: JobCommand) -> JobRow:
    """Do what is asked of a job, deliver it when it is due then, and return it.

    A cancellation or a pause happens at once when nobody works on the job, at the next chunk otherwise; what was
    collected stays. A retry goes on from there. A job that gets another priority while it waits in the queue is
    announced once more; the message sent before stays where it is, so that a lowered job may still be taken early.

    :raises NotFoundError: when there is none of this id.
    :raises ConflictError: when its state does not allow it.
    """
    job = apply_command(context, job_id, command)
    if is_due(job):
        deliver_jobs(context, [job_id])
    return job


def apply_command(context: Context, job_id: int, command: JobCommand) -> JobRow:
    """Do what is asked of a job and return it; when it is due then, it is for the caller to deliver it.

    :raises NotFoundError: when there is none of this id.
    :raises ConflictError: when its state does not allow it.
    """
    try:
        with writing() as connection:
            job = queries_jobs.get(connection, job_id)
            if job is None:
                raise NotFoundError(no_such_job(job_id))
            _HANDLERS[command.verb](connection, context, job, command)
            return queries_jobs.get(connection, job_id) or job
    except IntegrityError as err:  # the unique index: what does the same became active between the look and the move
        raise ConflictError(_SAME) from err


def is_due(job: JobRow) -> bool:
    """Tell whether a message should announce the job after it was resumed, retried or given another priority."""
    return job.state is JobState.PENDING


def no_such_job(job_id: int) -> Sentence:
    """Say that there is no such job."""
    return sentence("There is no job %(id)d.", id=job_id)


def _stop_or_request_stop(connection: Connection, context: Context, job: JobRow, command: JobCommand) -> None:
    """Cancel or pause: at once when nobody works on it, at the next chunk otherwise."""
    cancels = command.verb is Verb.CANCEL
    target, intent = (JobState.CANCELLED, Intent.CANCEL) if cancels else (JobState.PAUSED, Intent.PAUSE)
    if queries_moves.transition(connection, job.id, target, context.now()):
        _log(connection, context, job, command, target.value)
    elif queries_moves.request_intent(connection, job.id, intent):
        _log(connection, context, job, command, f"{intent.value}_asked")
    else:
        raise ConflictError(_not_possible(job))


def _requeue(connection: Connection, context: Context, job: JobRow, command: JobCommand) -> None:
    """Resume or retry."""
    resumes = command.verb is Verb.RESUME
    if job.state not in REQUEUED_FROM[command.verb]:
        raise ConflictError(_not_possible(job))
    if queries_moves.same_is_active(connection, job.id):
        raise ConflictError(_SAME)
    if not queries_moves.transition(connection, job.id, JobState.PENDING, context.now(), reset=True):
        raise ConflictError(_not_possible(job))
    _log(connection, context, job, command, "resumed" if resumes else "retried")


def _prioritize(connection: Connection, context: Context, job: JobRow, command: JobCommand) -> None:
    """Give another priority; one that it has already changes nothing and is not logged."""
    if queries_moves.prioritize(connection, job.id, command.priority):
        _log(connection, context, job, command, "priority_changed")
    elif not job.is_active:
        raise ConflictError(sentence("Job %(id)d is over; its priority no longer matters.", id=job.id))


def _log(connection: Connection, context: Context, job: JobRow, command: JobCommand, kind: str) -> None:
    queries_events.append_event(connection, job.id, kind, context.now(), _log_message(command), command.actor)


def _log_message(command: JobCommand) -> Sentence | None:
    """Return what the log says beside the kind of event."""
    if command.verb is Verb.PRIORITY:
        bare, with_reason = _PRIORITY_SAID[command.priority]
        return Sentence(with_reason.text, {"reason": command.reason}) if command.reason else bare
    return sentence("Reason: %(reason)s", reason=command.reason) if command.reason else None


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
_HANDLERS = {
    Verb.CANCEL: _stop_or_request_stop,
    Verb.PAUSE: _stop_or_request_stop,
    Verb.RESUME: _requeue,
    Verb.RETRY: _requeue,
    Verb.PRIORITY: _prioritize,
}
