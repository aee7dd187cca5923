"""How often pages look at jobs again."""

import datetime as dt
from collections.abc import Iterable

from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.job_states import JobState

SLOWEST = 10


def poll_seconds(jobs: Iterable[JobRow], now: dt.datetime, fastest: int) -> int:
    """Return how often to look: quickly while a job runs or is about to, slowly while all wait or none is shown."""
    soonest = SLOWEST
    for job in jobs:
        if job.state in (JobState.RUNNING, JobState.PENDING):
            return fastest
        if job.state is JobState.WAITING:
            soonest = min(soonest, max(fastest, round((job.due_at - now).total_seconds())))
    return soonest
