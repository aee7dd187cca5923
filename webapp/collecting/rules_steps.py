"""The policy of a worker's loop: what to do next with a job that it has claimed."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.errors import LeaseLostError, sentence
from webapp.jobs.claims import Release
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.job_states import Intent, JobState
from webapp.kernel.spans import Span


@dataclass(frozen=True, slots=True)
class Signals:
    """What happens around a job while a worker has it; the job itself, and what a person wants of it, is its row."""

    is_lease_lost: bool = False
    is_draining: bool = False
    """Whether the worker has been asked to stop."""
    is_delivery_used: bool = False
    """Whether the job has had the worker for so long that it might soon count as hung."""
    has_fetched: bool = False
    """Whether a chunk was committed since the claim: whoever gives way must have got somewhere first."""
    inquiry_waits: bool = False
    """Whether a page waits for an answer that an idle worker would have given by now."""
    is_slice_used: bool = False
    """Whether the job has had its turn."""
    others_due: bool = False
    """Whether other jobs could be taken now."""
    is_list_due: bool = False
    """Whether the source is still to be asked for its list of the instrument's actions, today and by this job."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """Fetch the chunk ``span`` and commit it; so many chunks are left after it."""

    job: JobRow
    span: Span
    chunks_left: int


@dataclass(frozen=True, slots=True)
class ListActions:
    """Ask the source for its list of all actions of the job's instrument."""

    job: JobRow


def next_step(job: JobRow, remaining: Sequence[Span], signals: Signals) -> Fetch | ListActions | Release:
    """Return what to do next: the first row that applies.

    ==  ==============================================  =====================
    #   When                                            Then
    ==  ==============================================  =====================
    1   the lease is lost                               ``LeaseLostError``
    2   the row wants the job cancelled                 release as cancelled
    3   the row wants the job paused                    release as paused
    4   no chunk remains, a list of actions is due      list the actions
    5   no chunk remains                                release as succeeded
    6   the worker drains                               release as pending
    7   the delivery is used                            release as pending
    8   nothing was fetched yet                         fetch the next chunk
    9   an inquiry waits                                release as pending
    10  the slice is used and others are due            release as pending
    11  none of these                                   fetch the next chunk
    ==  ==============================================  =====================

    :param remaining: the chunks that are still needed, in the order in which to fetch them.
    :raises LeaseLostError: when another worker may have the job.
    """
    if signals.is_lease_lost:
        raise LeaseLostError(sentence("The lease of job %(id)d has run out.", id=job.id))
    if job.intent is Intent.CANCEL:
        return Release(JobState.CANCELLED)
    if job.intent is Intent.PAUSE:
        return Release(JobState.PAUSED)
    if not remaining:
        return ListActions(job) if signals.is_list_due else Release(JobState.SUCCEEDED)
    if _must_give_way(signals):
        return Release(JobState.PENDING)
    return Fetch(job, remaining[0], len(remaining) - 1)


def _must_give_way(signals: Signals) -> bool:
    """Tell whether to put the job back into the queue (rows 6 to 10)."""
    if signals.is_draining or signals.is_delivery_used:
        return True
    if not signals.has_fetched:
        return False
    return signals.inquiry_waits or (signals.is_slice_used and signals.others_due)
