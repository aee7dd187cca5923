"""Jobs: submit them, list them, look at one."""

import hashlib
import json
from typing import Any

from flask import Response, request, url_for

from webapp.access import idempotency
from webapp.access.queries_idempotency import Asking, KeptAnswer
from webapp.api import authentication
from webapp.api.endpoints import Accepts, Answers, Endpoints
from webapp.api.problems import say
from webapp.api.requests import request_of
from webapp.api.schemas import ACTIVE, CollectBody, Job, JobPage, JobQuery, Submitted
from webapp.collecting import submit as jobs
from webapp.collecting.validation import validate_request
from webapp.context import context
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError, sentence
from webapp.jobs import queries_jobs as store
from webapp.jobs.queries_jobs import JobFilter, JobRow
from webapp.jobs.records import JobRecord, record
from webapp.kernel import job_states as domain
from webapp.kernel.job_states import JobState
from webapp.kernel.requests import CollectRequest

endpoints = Endpoints("jobs", __name__, "Collections in the background: submit, list, look.")
JOB = "/jobs/<int(max=2147483647):job_id>"
KEY = "Idempotency-Key"
_LONGEST_KEY = 255
_KEY_PARAMETER = {
    "in": "header",
    "name": KEY,
    "required": False,
    "description": "A text of your own: the same request sent again with it within 24 hours gets the first answer.",
    "example": "2024-11-23-a",
    "schema": {"type": "string", "minLength": 1, "maxLength": _LONGEST_KEY, "pattern": "^[!-~]+$"},
}


@endpoints.post("/jobs", Answers(Submitted, 202, (409,)), Accepts(body=CollectBody, headers=(_KEY_PARAMETER,)))
def submit(body: dict[str, Any]) -> Response:
    """Collect what is missing: one job for each symbol.

    Where a job is at work on the same already, that one is named instead of a new one.
    """
    collection = request_of(body)
    key = _key()
    if key is None:
        return _sent(_submit(collection))
    text = json.dumps([request.path, request.get_json()], sort_keys=True)
    asking = Asking(authentication.token().id, key, hashlib.sha256(text.encode()).hexdigest())
    outcome = idempotency.once(context(), asking, lambda: _submit(collection))
    answer = _sent(outcome.answer)
    if outcome.is_repeated:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer


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
    error = values["error"]
    if isinstance(error, dict):
        sentences = {"message": job.message, "hint": job.hint}
        values["error"] = error | {name: say(text) for name, text in sentences.items() if text}
    return values


def _in_capitals(symbol: str | None) -> str | None:
    return None if symbol is None else symbol.strip().upper()


def _key() -> str | None:
    """Return the key that the request may be repeated with.

    :raises InvalidRequestError: when it is no key.
    """
    key = request.headers.get(KEY)
    if key is None:
        return None
    if not 1 <= len(key) <= _LONGEST_KEY or not all("!" <= character <= "~" for character in key):
        message = sentence("A key has 1 to %(most)d visible ASCII characters and no space.", most=_LONGEST_KEY)
        raise InvalidRequestError({KEY: message})
    return key


def _submit(collection: CollectRequest) -> KeptAnswer:
    valid = validate_request(collection, context().now())
    submission = jobs.submit(context(), valid, "api")
    with reading() as connection:
        rows = [row for job_id in submission.job_ids if (row := store.get(connection, job_id))]
    listed = [
        {"id": row.id, "symbol": row.symbol, "state": row.state.value, "url": url_for(".show", job_id=row.id)}
        for row in rows
    ]
    notes = [say(merger) for merger in valid.merged]
    return KeptAnswer(202, json.dumps({"batch_id": submission.batch_id, "jobs": listed, "notes": notes}))


def _sent(answer: KeptAnswer) -> Response:
    return Response(answer.body, answer.status, mimetype="application/json")
