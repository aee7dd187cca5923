"""A job as templates show it: with what may be done to it, how long it still takes, and how fast it is."""

from dataclasses import dataclass

from webapp.context import Context
from webapp.jobs.progress import bars_per_second, eta_seconds
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.job_states import DUE, Intent, JobState


@dataclass(frozen=True, slots=True)
class JobView:
    """A job and what follows from its state. ``eta`` is in seconds, ``rate`` in bars a second."""

    job: JobRow
    source_label: str
    eta: float | None
    rate: float | None
    is_stopping: bool
    can_cancel: bool
    can_pause: bool
    can_resume: bool
    can_retry: bool
    is_updating: bool
    """Whether its numbers still change."""

    @property
    def can(self) -> str:
        """The verbs that may be asked of it, for the script that shows which buttons apply to a selection."""
        verbs = {"cancel": self.can_cancel, "pause": self.can_pause, "resume": self.can_resume, "retry": self.can_retry}
        possible = [verb for verb, is_possible in (verbs | {"priority": self.job.is_active}).items() if is_possible]
        return " ".join(possible)

    @property
    def can_do_nothing(self) -> bool:
        """Whether there is no button to show."""
        return not (self.can_cancel or self.can_pause or self.can_resume or self.can_retry)


def view(context: Context, job: JobRow, source_label: str) -> JobView:
    """Return a job as templates show it."""
    stopping = job.state is JobState.RUNNING and job.intent is not Intent.RUN
    at_work = job.state is JobState.RUNNING or job.state in DUE
    return JobView(
        job=job,
        source_label=source_label,
        eta=eta_seconds(context, job),
        rate=bars_per_second(job),
        is_stopping=stopping,
        can_cancel=job.is_active and job.intent is not Intent.CANCEL,
        can_pause=at_work and job.intent is Intent.RUN,
        can_resume=job.state is JobState.PAUSED,
        can_retry=job.state in (JobState.FAILED, JobState.CANCELLED),
        is_updating=at_work,
    )
