"""How long a job still takes, and how fast it is."""

from webapp.context import Context
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.job_states import JobState
from webapp.sources.base import SeriesQuery
from webapp.sources.registry import offer


def eta_seconds(context: Context, job: JobRow) -> float | None:
    """Return about how many seconds a running job still takes; None when it does not run or nothing is known yet.

    Chunks left times what a chunk took so far, and never faster than the source is asked.
    """
    if job.state is not JobState.RUNNING or not job.progress.total:
        return None
    remaining = max(0, job.progress.total - job.progress.done)
    query = SeriesQuery(job.symbol, job.interval, job.options)
    fastest = offer(job.source).seconds(query, remaining, context.paces.get(job.source, {})) if remaining else 0.0
    observed = job.worked_seconds / job.progress.done if job.progress.done else 0.0
    return max(fastest, remaining * observed)


def bars_per_second(job: JobRow) -> float | None:
    """Return how many bars a job wrote a second of work; None before it has written any."""
    if not job.rows_written or job.worked_seconds <= 0:
        return None
    return job.rows_written / job.worked_seconds
