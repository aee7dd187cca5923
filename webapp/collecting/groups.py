"""Asking the same of several jobs at once: of those somebody picked, or of a whole batch.

Each job's move stays its own guarded UPDATE, so that one bad id never stops the others; what goes back into the queue
is delivered in one go at the end.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from webapp.collecting import verbs
from webapp.collecting.job_delivery import deliver_jobs
from webapp.collecting.verbs import AT_WORK, Asked, Verb
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
class Refused:
    """A job that could not be changed, and why. ``is_missing``: there is none of this id."""

    job_id: int
    why: Sentence
    is_missing: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: the jobs as they stand now, in the order asked, and those that could not be changed."""

    asked: Asked
    changed: tuple[JobRow, ...]
    refused: tuple[Refused, ...]
    queue_is_away: bool


def ask_each(context: Context, job_ids: Iterable[int], asked: Asked) -> Outcome:
    """Ask the same of each job."""
    changed: list[JobRow] = []
    refused: list[Refused] = []
    for job_id in dict.fromkeys(job_ids):
        try:
            changed.append(verbs.apply(context, job_id, asked))
        except (ConflictError, NotFoundError) as err:
            refused.append(Refused(job_id, err.message, isinstance(err, NotFoundError)))
    due = [job.id for job in changed if verbs.is_due(job)]
    away = bool(due) and not deliver_jobs(context, due)
    return Outcome(asked, tuple(changed), tuple(refused), away)


def ask_batch(context: Context, batch_id: int, asked: Asked) -> Outcome:
    """Ask the same of all jobs of a batch that it can be asked of (``MEANT``); the others are left as they are.

    :raises NotFoundError: when there is no such batch.
    """
    return ask_each(context, meant_in(batch_id, asked.verb), asked)


def meant_in(batch_id: int, verb: Verb) -> list[int]:
    """Return the ids of a batch's jobs that a verb is meant for.

    :raises NotFoundError: when there is no such batch.
    """
    with reading() as connection:
        found = queries_jobs.ids(connection, JobFilter(states=MEANT[verb], batch_id=batch_id))
        if not found and not queries_jobs.count(connection, JobFilter(batch_id=batch_id)):
            raise NotFoundError(sentence("There is no batch %(id)d.", id=batch_id))
    return found
