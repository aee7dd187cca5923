"""Schedules: make, list, change, pause, resume, run and delete them; a verb becomes a noun."""

from collections.abc import Mapping
from typing import Any

from webapp.api.endpoints import Accepts, Answers, Endpoints
from webapp.api.problems import say
from webapp.api.requests import request_of
from webapp.api.scheduling.schedule_schemas import (
    Run,
    RunPage,
    RunQuery,
    Schedule,
    ScheduleBody,
    ScheduleChange,
    Schedules,
)
from webapp.context import context
from webapp.database.transactions import reading
from webapp.errors import ConflictError, sentence
from webapp.scheduling import queries_runs
from webapp.scheduling import schedules as service
from webapp.scheduling.definitions import ScheduleDraft, draft_from, draft_of, texts_of
from webapp.scheduling.queries_runs import RunRow
from webapp.scheduling.queries_schedules import Definition
from webapp.scheduling.schedule_fields import REQUEST_FIELDS, TIMING_FIELDS
from webapp.scheduling.schedule_records import run_record, schedule_record
from webapp.scheduling.schedules import ScheduleState
from webapp.scheduling.timing_words import describe_timing

endpoints = Endpoints("schedules", __name__, "Collections that are submitted again and again, and their runs.")
SCHEDULE = "/schedules/<int(max=2147483647):schedule_id>"


@endpoints.get("/schedules", Answers(Schedules))
def index() -> dict[str, object]:
    """List all schedules, by their names."""
    return {"schedules": [_shown(state) for state in service.list_schedules(context(), runs=1)]}


@endpoints.post("/schedules", Answers(Schedule, 201), Accepts(body=ScheduleBody))
def create(body: dict[str, Any]) -> dict[str, object]:
    """Make a schedule; it is due from now on."""
    return _show(service.create_schedule(context(), _draft(body)))


@endpoints.get(SCHEDULE, Answers(Schedule))
def show(schedule_id: int) -> dict[str, object]:
    """Show one schedule."""
    return _show(schedule_id)


@endpoints.patch(SCHEDULE, Answers(Schedule, 200, (409,)), Accepts(body=ScheduleChange))
def change(body: dict[str, Any], schedule_id: int) -> dict[str, object]:
    """Let a schedule be another from now on; what was due before is not made up for."""
    row = service.find_schedule(schedule_id)
    if body.pop("revision", row.revision) != row.revision:
        message = sentence("Somebody has changed the schedule meanwhile. Load it again, and then change it.")
        raise ConflictError(message)
    service.change_schedule(context(), row, _draft(_merged(row.definition, body)))
    return _show(schedule_id)


@endpoints.delete(SCHEDULE, Answers(Schedule))
def delete(schedule_id: int) -> dict[str, object]:
    """Delete a schedule with its history, and show it as it was; what it collected stays."""
    shown = _show(schedule_id)
    service.delete_schedule(schedule_id)
    return shown


@endpoints.get(f"{SCHEDULE}/runs", Answers(RunPage), Accepts(query=RunQuery))
def runs(query: dict[str, Any], schedule_id: int) -> dict[str, object]:
    """List the runs of a schedule, those made last first."""
    service.find_schedule(schedule_id)
    limit, before = query["limit"], int(query["cursor"]) if "cursor" in query else None
    with reading() as connection:
        rows = queries_runs.page(connection, schedule_id, limit + 1, before)
    next_cursor = str(rows[limit - 1].id) if len(rows) > limit else None
    return {"runs": [_shown_run(row) for row in rows[:limit]], "next_cursor": next_cursor}


@endpoints.post(f"{SCHEDULE}/pause", Answers(Schedule, 200, (409,)))
def pause(schedule_id: int) -> dict[str, object]:
    """Let a schedule rest until it is resumed."""
    service.set_paused(context(), schedule_id, is_paused=True)
    return _show(schedule_id)


@endpoints.post(f"{SCHEDULE}/resumption", Answers(Schedule, 200, (409,)))
def resume(schedule_id: int) -> dict[str, object]:
    """Let a paused schedule go on; what was due meanwhile is not made up for."""
    service.set_paused(context(), schedule_id, is_paused=False)
    return _show(schedule_id)


@endpoints.post(f"{SCHEDULE}/run", Answers(Run, 202, (409,)))
def run(schedule_id: int) -> dict[str, object]:
    """Run a schedule now, for all its instruments; the run says what became of it."""
    return _shown_run(service.run_now(context(), schedule_id))


def _show(schedule_id: int) -> dict[str, object]:
    return _shown(service.show_schedule(context(), schedule_id, runs=1))


def _shown(state: ScheduleState) -> dict[str, object]:
    last_run = _shown_run(state.runs[0]) if state.runs else None
    words = describe_timing(state.schedule.definition.timing, say)
    return schedule_record(state) | {"words": words, "last_run": last_run}


def _shown_run(row: RunRow) -> dict[str, object]:
    """Return a run with its reason in the reader's language."""
    return run_record(row) | {"reason": say(row.reason) if row.reason else None}


def _draft(body: Mapping[str, Any]) -> ScheduleDraft:
    """Return what a body says; what it leaves out is as the fields' descriptions have it.

    :raises InvalidRequestError: with a sentence for each field that cannot be read.
    """
    texts = {
        name: field.default if body.get(name) is None else str(body[name]) for name, field in TIMING_FIELDS.items()
    }
    return draft_from(request_of(body), texts)


def _merged(definition: Definition, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a whole body: what is to be another, and the rest as it stands."""
    draft = draft_of(definition)
    texts = {name: text for name, text in texts_of(draft).items() if text}
    request = {
        "source": definition.source,
        "symbols": list(definition.symbols),
        "interval": definition.interval.value,
        "start": definition.start,
        "period": definition.period,
        "options": definition.options,
        "priority": definition.priority.name.lower(),
    }
    whole = {**texts, **{name: request[name] for name in (*REQUEST_FIELDS, "options")}, **body}
    for name in ("source", "interval"):
        whole[name] = whole[name] or request[name]
    if body.get("period") and "start" not in body:
        whole["start"] = None
    if body.get("start") and "period" not in body:
        whole["period"] = None
    return whole
