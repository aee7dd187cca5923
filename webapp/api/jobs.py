"""Jobs: submit them, list them, look at one."""

import json
from collections.abc import Iterable
from typing import Any

from flask import Response, url_for

from webapp.access.queries_idempotency import KeptAnswer
from webapp.api.answering.once import KEY_PARAMETER, answer_once
from webapp.api.endpoints import Accepts, Answers, Endpoints
from webapp.api.problems import say
from webapp.api.requests import request_of
from webapp.api.schemas import ACTIVE, CollectBody, Job, JobPage, JobQuery, Submitted
from webapp.collecting import submit as jobs
from webapp.collecting.submit import Submission
from webapp.collecting.validation import validate_request
from webapp.context import context
from webapp.database.transactions import reading
from webapp.jobs import queries_jobs as store
from webapp.jobs.queries_jobs import JobFilter, JobRow
from webapp.jobs.records import JobRecord, record
from webapp.kernel import job_states as domain
from webapp.kernel.job_states import JobState
from webapp.kernel.requests import CollectRequest

endpoints = Endpoints("jobs", __name__, "Collections in the background: submit, list, look.")
JOB = "/jobs/<int(max=2147483647):job_id>"


@endpoints.post("/jobs", Answers(Submitted, 202, (409,)), Accepts(body=CollectBody, headers=(KEY_PARAMETER,)))
def submit(body: dict[str, Any]) -> Response:
    """Collect what is missing: one job for each symbol.

    Where a job is at work on the same already, that one is named instead of a new one.
    """
    collection = request_of(body)
    return answer_once(lambda: _submit(collection))


@endpoints.get("/jobs", Answers(JobPage), Accepts(query=JobQuery))
def index(query: dict[str, Any]) -> dict[str, object]:
    """List jobs, newest first; ``state`` may also be ``active``: not over yet."""
    state, limit = query.get("state"), query["limit"]
    states = tuple(domain.ACTIVE) if state == ACTIVE else (JobState(state),) if state else None
    job_filter = JobFilter(
        states=states,
        source=query.get("source"),
        symbol=_in_capitals(query.get("symbol")),
        symbol_part=_in_capitals(query.get("search")) or None,
        batch_id=query.get("batch"),
    )
    with reading() as connection:
        before = int(query["cursor"]) if "cursor" in query else None
        rows = store.page(connection, job_filter, limit=limit + 1, before_id=before)
    next_cursor = str(rows[limit - 1].id) if len(rows) > limit else None
    return {"jobs": [shown(row) for row in rows[:limit]], "next_cursor": next_cursor}


@endpoints.get(JOB, Answers(Job))
def show(job_id: int) -> JobRecord:
    """Show one job."""
    return shown(jobs.find(job_id))


def shown(job: JobRow) -> JobRecord:
    """Return a job as the API shows it: its sentences in the reader's language."""
    values = record(context(), job)
    if (error := values["error"]) is not None:
        error["message"] = say(job.message) if job.message else error["message"]
        error["hint"] = say(job.hint) if job.hint else error["hint"]
    if job.note:
        values["note"] = say(job.note)
    return values


def _in_capitals(symbol: str | None) -> str | None:
    return None if symbol is None else symbol.strip().upper()


def _submit(collection: CollectRequest) -> KeptAnswer:
    valid = validate_request(collection, context().now())
    return submitted(jobs.submit(context(), valid, "api"), [say(merger) for merger in valid.merged])


def submitted(submission: Submission, notes: Iterable[str] = ()) -> KeptAnswer:
    """Return what is answered to a submission."""
    with reading() as connection:
        rows = [row for job_id in submission.job_ids if (row := store.get(connection, job_id))]
    listed = [
        {
            "id": row.id,
            "symbol": row.symbol,
            "state": row.state.value,
            "url": url_for("api_jobs.show", job_id=row.id),
            "is_repeated": row.id in submission.repeated,
        }
        for row in rows
    ]
    return KeptAnswer(202, json.dumps({"batch_id": submission.batch_id, "jobs": listed, "notes": list(notes)}))
