"""Waiting for the jobs of a batch, and saying meanwhile how far they are and what keeps them."""

import time

from webapp.collecting.groups import BatchState, find_batch
from webapp.collecting.standstill import describe_standstill
from webapp.context import Context
from webapp.jobs.queries_jobs import JobRow
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
    notice = describe_standstill(context, state)
    over = sum(not job.is_active for job in jobs)
    percent = sum(100 if not job.is_active else job.progress.percent for job in jobs) // max(len(jobs), 1)
    return Progress(over, len(jobs), percent, sum(job.rows_written for job in jobs), str(notice or ""))
