"""What the API takes and answers about jobs and plans, as marshmallow schemas; times are ISO 8601, UTC."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from webapp.api.fields import Choice, Cursor, Described, Instant, Number, Read, Text, body_field
from webapp.api.requests import request_of
from webapp.database.types import LARGEST_ID
from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.kernel.job_states import JobState
from webapp.sources import option_fields

MOST_ROWS = 200
MOST_SECONDS = 30
ACTIVE = "active"
OPTIONS_DESCRIBED: dict[str, Any] = {
    "type": "object",
    "additionalProperties": {"type": ["string", "boolean"]},
    "description": f"What the source takes besides. {option_fields.described()} Any other name is refused.",
    "examples": option_fields.examples(),
}


class ProblemBody(Schema):
    """What went wrong: a code for programs, a sentence for people, one for each field that is wrong, each symbol."""

    code = fields.String(required=True)
    message = fields.String(required=True)
    fields_ = fields.Dict(keys=fields.String(), values=fields.String(), data_key="fields")
    symbols = fields.Dict(keys=fields.String(), values=fields.String())


class Problem(Schema):
    """An error."""

    error = fields.Nested(ProblemBody, required=True)


class CollectBody(Read):
    """What to collect. Either ``period``, or ``start`` with an optional ``end``.

    A date is a whole day of the exchange, inclusive; a date-time is an instant (UTC unless it says otherwise),
    exclusive as an end. For bars of a day or longer only the date counts.
    """

    source = body_field(COLLECT_FIELDS["source"])
    symbols = body_field(COLLECT_FIELDS["symbols"])
    interval = body_field(COLLECT_FIELDS["interval"])
    start = body_field(COLLECT_FIELDS["start"])
    end = body_field(COLLECT_FIELDS["end"])
    period = body_field(COLLECT_FIELDS["period"])
    options = Described(metadata=OPTIONS_DESCRIBED)
    priority = body_field(COLLECT_FIELDS["priority"])
    refresh = body_field(COLLECT_FIELDS["refresh"])

    def read(self, values: Mapping[str, Any]) -> object:
        """Read what is to be collected."""
        return request_of(values)


class SubmittedJob(Schema):
    """A job that was made, or (``is_repeated``) that was at work on the same already, of an earlier batch."""

    id = fields.Integer(required=True)
    symbol = fields.String(required=True)
    state = fields.String(required=True)
    url = fields.String(required=True)
    is_repeated = fields.Boolean(required=True)


class Submitted(Schema):
    """What a submission has become; ``notes`` say which of the symbols are one instrument."""

    batch_id = fields.Integer(required=True)
    jobs = fields.List(fields.Nested(SubmittedJob), required=True)
    notes = fields.List(fields.String(), required=True)


class JobProgress(Schema):
    """How far a job is, counted in requests to the source; ``reached`` is the start of the last bar."""

    done = fields.Integer(required=True)
    total = fields.Integer(required=True)
    percent = fields.Integer(required=True)
    reached = Instant(allow_none=True)
    eta_seconds = fields.Float(allow_none=True)


class FoundInstrument(Schema):
    """An instrument that may have been meant; ``symbol`` is the one to ask for."""

    symbol = fields.String(required=True)
    name = fields.String(required=True)
    exchange = fields.String(required=True)
    kind = fields.String(required=True)


class JobError(Schema):
    """Why a job failed or waits."""

    kind = fields.String(allow_none=True)
    message = fields.String(allow_none=True)
    hint = fields.String(allow_none=True)
    choices = fields.List(fields.Nested(FoundInstrument), required=True)


class Job(Schema):
    """The collection of one series over one span.

    ``error`` is null for a job of which nothing went wrong, ``note`` a sentence where there is something to know of one
    that succeeded (that nothing was missing, say).
    """

    id = fields.Integer(required=True)
    batch_id = fields.Integer(required=True)
    source = fields.String(required=True)
    symbol = fields.String(required=True)
    interval = fields.String(required=True)
    variant = fields.String(required=True)
    start = Instant()
    end = Instant()
    end_exclusive = Instant()
    state = fields.String(required=True, metadata={"enum": [state.value for state in JobState]})
    progress = fields.Nested(JobProgress, required=True)
    rows_written = fields.Integer(required=True)
    attempt = fields.Integer(required=True)
    error = fields.Nested(JobError, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    due_at = Instant(allow_none=True)
    created_at = Instant()
    started_at = Instant(allow_none=True)
    finished_at = Instant(allow_none=True)


class BatchProgress(Schema):
    """How far the jobs of a batch are together, counted in requests to the source."""

    done = fields.Integer(required=True)
    total = fields.Integer(required=True)
    percent = fields.Integer(required=True)


class Batch(Schema):
    """Jobs that were submitted together, and those that were at work on the same already.

    ``states`` says how many jobs are in each state that any is in. ``is_over``: nothing happens to any of them by
    itself any more; a paused job is not over. ``notice`` says why nothing happens, where that is so.
    """

    id = fields.Integer(required=True)
    origin = fields.String(required=True)
    created_at = Instant()
    is_over = fields.Boolean(required=True)
    states = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    progress = fields.Nested(BatchProgress, required=True)
    rows_written = fields.Integer(required=True)
    notice = fields.String(required=True, allow_none=True)
    jobs = fields.List(fields.Nested(Job), required=True)


class RefusedJob(Schema):
    """A job that could not do what was asked, and why."""

    job_id = fields.Integer(required=True)
    message = fields.String(required=True)


class ListedBatch(Schema):
    """A batch in a list, without its jobs; else as it is shown alone."""

    id = fields.Integer(required=True)
    origin = fields.String(required=True)
    created_at = Instant()
    is_over = fields.Boolean(required=True)
    states = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    progress = fields.Nested(BatchProgress, required=True)
    rows_written = fields.Integer(required=True)
    url = fields.String(required=True)


class BatchPage(Schema):
    """Batches, newest first; ``next_cursor`` is null on the last page."""

    batches = fields.List(fields.Nested(ListedBatch), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class BatchesQuery(Schema):
    """How many batches, and where the list goes on."""

    limit = Number(1, MOST_ROWS, "How many to list at most.", 50, load_default=50)
    cursor = Cursor()


class BatchQuery(Schema):
    """How long to wait for the end, in seconds."""

    wait = Number(
        0,
        MOST_SECONDS,
        "Answer when all jobs are over or after so many seconds; with If-None-Match, when anything has changed.",
        30,
        load_default=0,
    )


class JobQuery(Schema):
    """Which jobs to list, newest first."""

    state = Choice([ACTIVE, *(state.value for state in JobState)], "Their state; active: not over yet.")
    source = Text(16, "Their source.", COLLECT_FIELDS["source"].default)
    symbol = Text(64, "Their symbol, the whole of it, in capitals or not.", "AAPL")
    search = Text(64, "A part of their symbol, in capitals or not.", "AAP")
    batch = Number(1, LARGEST_ID, "The batch that they serve, whoever made them.", 7)
    limit = Number(1, MOST_ROWS, "How many to list at most.", 50, load_default=50)
    cursor = Cursor()


class JobPage(Schema):
    """Jobs, newest first; ``next_cursor`` is null on the last page."""

    jobs = fields.List(fields.Nested(Job), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class Refused(Schema):
    """A part of the asked span that the source cannot serve at all, and why."""

    start = Instant()
    end = Instant()
    end_exclusive = Instant()
    reason = fields.String(required=True)


class PlannedSeries(Schema):
    """What one symbol still needs. ``rows`` is an estimate, ``stored_rows`` is counted."""

    symbol = fields.String(required=True)
    start = Instant()
    end = Instant()
    end_exclusive = Instant()
    requests = fields.Integer(required=True)
    rows = fields.Integer(required=True)
    stored_rows = fields.Integer(required=True)


class Plan(Schema):
    """What a request still needs.

    ``seconds`` is the time that takes at today's pacing; ``notes`` say which of the symbols are one instrument.
    """

    requests = fields.Integer(required=True)
    seconds = fields.Float(required=True)
    rows = fields.Integer(required=True)
    stored_rows = fields.Integer(required=True)
    series = fields.List(fields.Nested(PlannedSeries), required=True)
    refusals = fields.List(fields.Nested(Refused), required=True)
    notes = fields.List(fields.String(), required=True)
