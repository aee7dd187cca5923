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
from webapp.jobs import queries_batches, queries_jobs
from webapp.jobs.queries_batches import BatchRow
from webapp.jobs.queries_jobs import JobRow
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


@dataclass(frozen=True, slots=True)
class BatchState:
    """A batch with all jobs that serve it, by id, as they stand."""

    batch: BatchRow
    jobs: tuple[JobRow, ...]

    @property
    def is_over(self) -> bool:
        """Whether nothing happens to any of them by itself any more; a paused one may still be resumed."""
        return not any(job.is_active for job in self.jobs)


def find_batch(batch_id: int) -> BatchState:
    """Return a batch.

    :raises NotFoundError: when there is none of this id, or its jobs were cleared away.
    """
    with reading() as connection:
        batch = queries_batches.get(connection, batch_id)
        if batch is None:
            raise NotFoundError(sentence("There is no batch %(id)d.", id=batch_id))
        return BatchState(batch, tuple(queries_jobs.of_batch(connection, batch_id)))


def execute_batch(context: Context, batch_id: int, command: JobCommand) -> BatchOutcome:
    """Ask the same of all jobs of a batch that it can be asked of (``MEANT``); the others are left as they are.

    :raises NotFoundError: when there is no such batch.
    """
    return execute_each(context, meant_in(batch_id, command.verb), command)


def meant_in(batch_id: int, verb: Verb) -> list[int]:
    """Return the ids of a batch's jobs that a verb is meant for.

    :raises NotFoundError: when there is no such batch.
    """
    state = find_batch(batch_id)
    return [job.id for job in state.jobs if job.state in MEANT[verb]]
