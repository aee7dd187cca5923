"""Batches: all jobs that serve one, one progress, and an end to wait for."""

import time
from threading import BoundedSemaphore
from typing import Any

from webapp.api.endpoints import Accepts, Answers, Endpoints
from webapp.api.jobs import shown
from webapp.api.schemas import Batch, BatchQuery
from webapp.collecting.groups import BatchState, find_batch
from webapp.jobs.records import BatchRecord, JobRecord, batch_record

endpoints = Endpoints("batches", __name__, "Jobs that were submitted together.")
_LOOK_EVERY = 0.5
_WAITERS = BoundedSemaphore(2)
"""So many requests of a process may wait at once, since its other threads must serve; more are answered at once."""


class BatchWithJobs(BatchRecord):
    """A batch with all jobs that serve it, by id."""

    jobs: list[JobRecord]


@endpoints.get("/batches/<int(max=2147483647):batch_id>", Answers(Batch), Accepts(query=BatchQuery))
def show(query: dict[str, Any], batch_id: int) -> BatchWithJobs:
    """Show a batch with all jobs that serve it, whoever submitted them.

    With ``wait`` the answer comes when all of them are over, or after so many seconds, whichever is earlier; it may
    come at once when others wait already. Ask again until ``is_over``.
    """
    state = find_batch(batch_id)
    if query["wait"] and not state.is_over and _WAITERS.acquire(blocking=False):
        try:
            state = _wait(state, query["wait"])
        finally:
            _WAITERS.release()
    return {**batch_record(state.batch, state.jobs), "jobs": [shown(job) for job in state.jobs]}


def _wait(state: BatchState, seconds: float) -> BatchState:
    """Return the batch as it stands when it is over, or after so many seconds."""
    until = time.monotonic() + seconds
    while not state.is_over and (seconds := until - time.monotonic()) > 0:
        time.sleep(min(_LOOK_EVERY, seconds))
        state = find_batch(state.batch.id)
    return state
