"""Waiting for the jobs of a batch, and saying meanwhile how far they are and what keeps them."""

import time

from webapp.collecting.groups import BatchState, find_batch
from webapp.context import Context
from webapp.errors import sentence
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.job_states import JobState
from webapp.notebook.database_errors import opened
from webapp.notebook.progress_display import Progress, ProgressDisplay

_PAUSE = 0.25


def wait_for_batch(batch_id: int, timeout: float | None, display: ProgressDisplay) -> tuple[JobRow, ...]:
    """Wait until no job that serves a batch is active; return them as they ended, by id.

    :raises NotFoundError: when there is no such batch, or its jobs were cleared away.
    :raises TimeoutError: when that takes longer than ``timeout`` seconds; the jobs go on.
    """
    until = None if timeout is None else time.monotonic() + timeout
    is_shown = False
    try:
        while True:
            with opened() as context:
                state = find_batch(batch_id)
                if not state.is_over or is_shown:  # what is over at once needs no bar
                    display.show(progress_of(context, state))
                    is_shown = True
            if state.is_over:
                return state.jobs
            if until is not None and time.monotonic() > until:
                message = f"Not all jobs were over within {timeout:g} s. They go on in the background."
                raise TimeoutError(message)
            time.sleep(_PAUSE)
    finally:
        display.close()


def progress_of(context: Context, state: BatchState) -> Progress:
    """Return how far a batch is."""
    jobs = state.jobs
    over = sum(not job.is_active for job in jobs)
    percent = sum(100 if not job.is_active else job.progress.percent for job in jobs) // max(len(jobs), 1)
    return Progress(over, len(jobs), percent, sum(job.rows_written for job in jobs), _notice(context, state))


def _notice(context: Context, state: BatchState) -> str:
    """Return why nothing happens: nobody is there to work, or all that is left is paused or waits."""
    states = {job.state for job in state.jobs if job.is_active}
    if not states or JobState.RUNNING in states:
        return ""
    if JobState.PENDING in states:
        workers = context.live_workers.get(context.now, context.queue.workers)
        if workers is None:
            return str(sentence("waiting for the queue: Redis does not answer"))
        if not workers:
            return str(sentence("waiting for a worker: none is running (start one with make run)"))
        return ""
    if states == {JobState.PAUSED}:
        return str(sentence("paused, until somebody resumes it"))
    reasons = dict.fromkeys(str(job.message) for job in state.jobs if job.state is JobState.WAITING and job.message)
    return next(iter(reasons), "")
