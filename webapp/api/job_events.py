"""The log of a job: what happened to it, and who did it."""

from typing import Any

from marshmallow import Schema, fields

from webapp.api.endpoints import Accepts, Answers, Endpoints
from webapp.api.fields import Cursor, Instant, Number
from webapp.api.jobs import JOB
from webapp.api.problems import say
from webapp.api.schemas import MOST_ROWS
from webapp.collecting.submit import find
from webapp.database.transactions import reading
from webapp.jobs import queries_events as store
from webapp.jobs.records import event_record

endpoints = Endpoints("job_events", __name__, "The log of a job.")


class EventsQuery(Schema):
    """How many events, and where the list goes on."""

    limit = Number(1, MOST_ROWS, "How many to list at most.", 100, load_default=100)
    cursor = Cursor()


class Event(Schema):
    """Something that happened to a job.

    ``actor`` is who did it: ``web``, ``cli``, ``api``, ``python``, ``clock``, or the name of a worker. ``message`` is a
    sentence, null where the kind says all.
    """

    id = fields.Integer(required=True)
    at = Instant()
    attempt = fields.Integer(required=True)
    kind = fields.String(required=True)
    actor = fields.String(required=True)
    message = fields.String(required=True, allow_none=True)


class Events(Schema):
    """Events, newest first; ``next_cursor`` is null on the last page."""

    id = fields.Integer(required=True)
    events = fields.List(fields.Nested(Event), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


@endpoints.get(f"{JOB}/events", Answers(Events), Accepts(query=EventsQuery))
def index(query: dict[str, Any], job_id: int) -> dict[str, object]:
    """List what happened to a job, newest first."""
    limit = query["limit"]
    before = int(query["cursor"]) if "cursor" in query else None
    find(job_id)
    with reading() as connection:
        rows = store.read(connection, job_id, limit + 1, before_id=before)
    next_cursor = str(rows[limit - 1].id) if len(rows) > limit else None
    return {"id": job_id, "events": [event_record(row, say) for row in rows[:limit]], "next_cursor": next_cursor}
