"""Whether an error is retried, how often and when; and what a job that is released otherwise says at its end."""

import dataclasses
import datetime as dt
from dataclasses import dataclass

from webapp.context import JobRules
from webapp.errors import Sentence, sentence
from webapp.jobs.claims import Release
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.job_states import POLICIES, ErrorKind, JobState, retry_delay
from webapp.sources.base import Answer, SeriesQuery, SourceError
from webapp.sources.registry import offer


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """What follows from an error. ``wait`` is in seconds; None when the job has failed."""

    wait: float | None
    error: SourceError
    errors_in_row: int

    def to_release(self, now: dt.datetime) -> Release:
        """Return how to release the job."""
        return Release(
            state=JobState.FAILED if self.wait is None else JobState.WAITING,
            due_at=None if self.wait is None else now + dt.timedelta(seconds=self.wait),
            error_kind=self.error.kind.value,
            message=self.error.message,
            hint=self.error.hint,
            choices=[dataclasses.asdict(choice) for choice in self.error.choices] or None,
            errors_in_row=self.errors_in_row,
        )


def decide(job: JobRow, error: SourceError, rules: JobRules, jitter: float) -> RetryDecision:
    """Return what follows: an error that a retry can help is waited out, others end the job.

    :param jitter: in [0, 1).
    """
    policy = POLICIES[error.kind]
    errors = job.errors_in_row + 1
    if not policy.retried or (policy.counted and errors >= rules.max_attempts):
        return RetryDecision(None, error, errors)
    wait = retry_delay(policy, errors, jitter, error.retry_after)
    return RetryDecision(wait, error, errors if policy.counted else job.errors_in_row)


def success(job: JobRow, last_answer: Answer | None, now: float, doubt: Sentence | None = None) -> Release:
    """Return how to release a job of which nothing is left to do, with a word when it is not what one would expect.

    :param doubt: what the source answered in the job's span and is not believed yet.
    """
    return Release(JobState.SUCCEEDED, note=doubt or _last_word(job, last_answer, now))


def _last_word(job: JobRow, last_answer: Answer | None, now: float) -> Sentence | None:
    _, refusals = offer(job.source).split_servable(SeriesQuery(job.symbol, job.interval, job.options), job.span, now)
    if refusals:
        return refusals[0].reason
    if last_answer is not None and (remark := last_answer.note or last_answer.left_out) is not None:
        return remark
    if job.rows_written:
        return None
    if not job.progress.done:
        return sentence("Nothing was missing; no request was needed.")
    return sentence("The source answered that nothing was traded in that span.")


def database_failure(now: dt.datetime) -> Release:
    """Return how to release a job after the database failed: it waits a little and goes on."""
    return Release(
        state=JobState.WAITING,
        due_at=now + dt.timedelta(seconds=10),
        error_kind=ErrorKind.UNAVAILABLE.value,
        message=sentence("The database did not take the data; nothing of the last chunk was kept."),
        hint=sentence("Check that its disk has room and that it can be written to; the job tries again by itself."),
    )


def defect(error: Exception) -> SourceError:
    """Return the error for something that should not have happened."""
    return SourceError(
        ErrorKind.CRASHED,
        sentence("An unexpected error stopped the job (%(error)s).", error=type(error).__name__),
        hint=sentence("The worker's log says more. Retry it; if it happens again, please report it."),
    )
