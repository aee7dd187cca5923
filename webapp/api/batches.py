"""Batches: all jobs that serve one, one progress, and an end to wait for."""

import time
from threading import BoundedSemaphore
from typing import Any

from flask import Response, jsonify, request

from webapp.api.endpoints import PREFIX, Accepts, Answers, Endpoints
from webapp.api.jobs import shown as shown_job
from webapp.api.negotiation.tags import is_known, tag_of, tagged
from webapp.api.problems import say
from webapp.api.schemas import Batch, BatchesQuery, BatchPage, BatchQuery
from webapp.collecting.groups import BatchState, find_batch
from webapp.collecting.standstill import describe_standstill
from webapp.context import context
from webapp.database.transactions import reading
from webapp.jobs import queries_batches as store
from webapp.jobs.records import BatchRecord, JobRecord, batch_record, sums_record

endpoints = Endpoints("batches", __name__, "Jobs that were submitted together.")
BATCH = "/batches/<int(max=2147483647):batch_id>"
_LOOK_EVERY = 0.5
_WAITERS = BoundedSemaphore(2)
"""So many requests of a process may wait at once, since its other threads must serve; more are answered at once."""


class BatchWithJobs(BatchRecord):
    """A batch with all jobs that serve it, by id."""

    notice: str | None
    """Why nothing happens, where that is so."""
    jobs: list[JobRecord]


@endpoints.get("/batches", Answers(BatchPage), Accepts(query=BatchesQuery))
def index(query: dict[str, Any]) -> dict[str, object]:
    """List batches, newest first, each with what its jobs come to."""
    limit = query["limit"]
    with reading() as connection:
        before = int(query["cursor"]) if "cursor" in query else None
        rows = store.page(connection, limit=limit + 1, before_id=before)
    next_cursor = str(rows[limit - 1].batch.id) if len(rows) > limit else None
    listed = [{**sums_record(row), "url": f"{PREFIX}/batches/{row.batch.id}"} for row in rows[:limit]]
    return {"batches": listed, "next_cursor": next_cursor}


@endpoints.get(BATCH, Answers(Batch, is_tagged=True), Accepts(query=BatchQuery))
def show(query: dict[str, Any], batch_id: int) -> Response:
    """Show a batch with all jobs that serve it, whoever submitted them.

    With ``wait`` the answer comes when all of them are over, or after so many seconds, whichever is earlier; it may
    come at once when others wait already. Ask again until ``is_over``. With ``If-None-Match`` as well, it comes as soon
    as anything has changed since the answer of that ETag, or is 304 when nothing has.
    """
    state = find_batch(batch_id)
    if query["wait"] and not _is_news(state) and _WAITERS.acquire(blocking=False):
        try:
            state = _wait(state, query["wait"])
        finally:
            _WAITERS.release()
    return tagged(_tag(state), lambda: jsonify(shown(state)))


def shown(state: BatchState) -> BatchWithJobs:
    """Return a batch as the API shows it."""
    notice = describe_standstill(context(), state)
    return {
        **batch_record(state.batch, state.jobs),
        "notice": say(notice) if notice else None,
        "jobs": [shown_job(job) for job in state.jobs],
    }


def _is_news(state: BatchState) -> bool:
    """Tell whether the caller waits no longer: for the end, or for anything else than it has."""
    return state.is_over if not request.if_none_match else state.is_over or not is_known(_tag(state))


def _tag(state: BatchState) -> str:
    """Return the tag of a batch: a job's revision grows with every change that its record shows."""
    return tag_of(batch=state.batch.id, jobs=[(job.id, job.revision) for job in state.jobs])


def _wait(state: BatchState, seconds: float) -> BatchState:
    """Return the batch as it stands when there is news, or after so many seconds."""
    until = time.monotonic() + seconds
    while not _is_news(state) and (seconds := until - time.monotonic()) > 0:
        time.sleep(min(_LOOK_EVERY, seconds))
        state = find_batch(state.batch.id)
    return state
