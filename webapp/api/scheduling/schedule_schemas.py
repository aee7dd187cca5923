"""What the API takes and answers about schedules; times are ISO 8601, UTC, lengths minutes."""

from dataclasses import replace

from marshmallow import Schema, fields

from webapp.api.fields import Cursor, Instant, Number, body_field
from webapp.api.schemas import MOST_ROWS, CollectBody
from webapp.database.types import LARGEST_ID
from webapp.scheduling.rules_run_states import RunState
from webapp.scheduling.rules_timing import MOST_MINUTES
from webapp.scheduling.schedule_fields import REQUEST_FIELDS, TIMING_FIELDS

_OPTIONS = CollectBody._declared_fields["options"]  # noqa: SLF001 -- marshmallow has no public word for it


def _minutes(name: str, **options: bool) -> Number:
    """Return a body's field for a length in minutes."""
    field = TIMING_FIELDS[name]
    example = int(next(iter(field.examples), field.default))
    return Number(0, MOST_MINUTES, field.help or "", example, **options)


class TimingBody(Schema):
    """When a schedule runs: ``minutes`` after a close or between two runs of a session, or a cron line in a zone.

    ``overlap`` says what a run does whose predecessor is still at work; ``fresh`` promises that bars are there so many
    minutes after each close.
    """

    name = body_field(TIMING_FIELDS["name"])
    when = body_field(TIMING_FIELDS["when"])
    minutes = _minutes("minutes")
    cron = body_field(TIMING_FIELDS["cron"])
    zone = body_field(TIMING_FIELDS["zone"])
    overlap = body_field(TIMING_FIELDS["overlap"])
    fresh = _minutes("fresh", allow_none=True)


class ScheduleBody(TimingBody):
    """A schedule: what it asks for at each run (either ``period``, or ``start``), and when."""

    source = body_field(REQUEST_FIELDS["source"])
    symbols = body_field(REQUEST_FIELDS["symbols"])
    interval = body_field(REQUEST_FIELDS["interval"])
    start = body_field(REQUEST_FIELDS["start"])
    period = body_field(REQUEST_FIELDS["period"])
    options = _OPTIONS
    priority = body_field(REQUEST_FIELDS["priority"])


class ScheduleChange(TimingBody):
    """What is to be another; what is left out stays. With ``revision``, only if nobody has changed it since."""

    source = body_field(replace(REQUEST_FIELDS["source"], is_required=False))
    symbols = body_field(replace(REQUEST_FIELDS["symbols"], is_required=False))
    interval = body_field(replace(REQUEST_FIELDS["interval"], is_required=False))
    start = body_field(REQUEST_FIELDS["start"])
    period = body_field(REQUEST_FIELDS["period"])
    options = _OPTIONS
    priority = body_field(REQUEST_FIELDS["priority"])
    revision = Number(0, LARGEST_ID, "The revision that the change was made for.", 0)


class DueRun(Schema):
    """A run that is to come; ``exchange`` is the code of a calendar, and empty when it asks for all instruments."""

    due_at = Instant()
    exchange = fields.String(required=True)


class Run(Schema):
    """A run; ``batch_id`` is null when it made no jobs, and ``reason`` says why it was not as usual."""

    id = fields.Integer(required=True)
    schedule_id = fields.Integer(required=True)
    due_at = Instant()
    exchange = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": [state.value for state in RunState]})
    late = fields.Boolean(required=True)
    by_hand = fields.Boolean(required=True)
    created_at = Instant()
    ended_at = Instant(allow_none=True)
    batch_id = fields.Integer(required=True, allow_none=True)
    jobs = fields.Integer(required=True)
    reason = fields.String(required=True, allow_none=True)


class Schedule(Schema):
    """A schedule as it stands.

    ``next_runs`` is null when an exchange's calendar cannot be had; ``words`` say when it runs; ``exchanges`` are the
    codes of the calendars of its instruments.
    """

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    source = fields.String(required=True)
    symbols = fields.List(fields.String(), required=True)
    interval = fields.String(required=True)
    period = fields.String(required=True, allow_none=True)
    start = fields.String(required=True, allow_none=True)
    options = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    priority = fields.String(required=True)
    when = fields.String(required=True)
    minutes = fields.Integer(required=True)
    cron = fields.String(required=True, allow_none=True)
    zone = fields.String(required=True, allow_none=True)
    words = fields.String(required=True)
    overlap = fields.String(required=True)
    fresh = fields.Integer(required=True, allow_none=True)
    paused = fields.Boolean(required=True)
    revision = fields.Integer(required=True)
    created_at = Instant()
    changed_at = Instant()
    exchanges = fields.List(fields.String(), required=True)
    next_runs = fields.List(fields.Nested(DueRun), required=True, allow_none=True)
    last_run = fields.Nested(Run, required=True, allow_none=True)


class Schedules(Schema):
    """All schedules, by their names."""

    schedules = fields.List(fields.Nested(Schedule), required=True)


class RunQuery(Schema):
    """Which runs to list, those made last first."""

    limit = Number(1, MOST_ROWS, "How many to list at most.", 50, load_default=50)
    cursor = Cursor()


class RunPage(Schema):
    """Runs, those made last first; ``next_cursor`` is null on the last page."""

    runs = fields.List(fields.Nested(Run), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class LateSeries(Schema):
    """A series that is late; ``series_id`` is null of one that never had a bar."""

    series_id = fields.Integer(required=True, allow_none=True)
    source = fields.String(required=True)
    symbol = fields.String(required=True)
    interval = fields.String(required=True)
    variant = fields.String(required=True)
    since = Instant()
    schedule_id = fields.Integer(required=True)


class Late(Schema):
    """All series that are late, those first that have been for longest."""

    series = fields.List(fields.Nested(LateSeries), required=True)
