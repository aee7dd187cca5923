"""Asking the same of several jobs at once: of those somebody picked, or of a whole batch.

Each job's move stays its own guarded UPDATE, so that one bad id never stops the others; what goes back into the queue
is delivered in one go at the end.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from webapp.collecting import verbs
from webapp.collecting.job_delivery import deliver_jobs
from webapp.collecting.verbs import AT_WORK, JobCommand, Verb
from webapp.context import Context
from webapp.database.transactions import reading
from webapp.errors import ConflictError, NotFoundError, Sentence, sentence
from webapp.jobs import queries_jobs
from webapp.jobs.queries_jobs import JobFilter, JobRow
from webapp.kernel.job_states import ACTIVE, JobState

MEANT: Mapping[Verb, tuple[JobState, ...]] = {
    Verb.CANCEL: tuple(state for state in JobState if state in ACTIVE),
    Verb.PAUSE: AT_WORK,
    Verb.RESUME: (JobState.PAUSED,),
    Verb.RETRY: (JobState.FAILED,),
    Verb.PRIORITY: tuple(state for state in JobState if state in ACTIVE),
}
"""Which jobs of a batch are meant. A retry is for what failed; what somebody cancelled stays cancelled."""


@dataclass(frozen=True, slots=True)
class JobRefusal:
    """A job that could not be changed, and why. ``is_missing``: there is none of this id."""

    job_id: int
    why: Sentence
    is_missing: bool


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What came of it: the jobs as they stand now, in the order asked, and those that could not be changed."""

    command: JobCommand
    changed: tuple[JobRow, ...]
    refused: tuple[JobRefusal, ...]
    queue_is_away: bool


def execute_each(context: Context, job_ids: Iterable[int], command: JobCommand) -> BatchOutcome:
    """Ask the same of each job."""
    changed: list[JobRow] = []
    refused: list[JobRefusal] = []
    for job_id in dict.fromkeys(job_ids):
        try:
            changed.append(verbs.apply_command(context, job_id, command))
        except (ConflictError, NotFoundError) as err:
            refused.append(JobRefusal(job_id, err.message, isinstance(err, NotFoundError)))
    due = [job.id for job in changed if verbs.is_due(job)]
    away = bool(due) and not deliver_jobs(context, due)
    return BatchOutcome(command, tuple(changed), tuple(refused), away)


def execute_batch(context: Context, batch_id: int, command: JobCommand) -> BatchOutcome:
    """Ask the same of all jobs of a batch that it can be asked of (``MEANT``); the others are left as they are.

    :raises NotFoundError: when there is no such batch.
    """
    return execute_each(context, meant_in(batch_id, command.verb), command)


def meant_in(batch_id: int, verb: Verb) -> list[int]:
    """Return the ids of a batch's jobs that a verb is meant for.

    :raises NotFoundError: when there is no such batch.
    """
    with reading() as connection:
        ids = queries_jobs.ids(connection, JobFilter(states=MEANT[verb], batch_id=batch_id))
        if not ids and not queries_jobs.count(connection, JobFilter(batch_id=batch_id)):
            raise NotFoundError(sentence("There is no batch %(id)d.", id=batch_id))
    return ids
