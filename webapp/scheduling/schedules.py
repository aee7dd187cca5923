"""What a person may ask of schedules: make one, change it, pause, resume, run it now, delete it; and what clocks do."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.collecting.validation import ValidRequest
from webapp.context import Context
from webapp.database.transactions import reading, writing
from webapp.errors import ConflictError, MoissonError, NotFoundError, sentence
from webapp.scheduling import queries_runs, queries_schedules
from webapp.scheduling.definitions import (
    MOST_RUNS_SHOWN,
    ScheduleDraft,
    check_draft,
    request_of,
    validate_schedule_request,
)
from webapp.scheduling.looking_ahead import FAILURES, look_at_schedules, markets_of
from webapp.scheduling.markets import Exchanges
from webapp.scheduling.queries_runs import NewRun, RunRow
from webapp.scheduling.queries_schedules import ScheduleRow
from webapp.scheduling.rules_runs import DueRun, Timetable, next_runs
from webapp.scheduling.submitting_runs import settle_runs, submit_runs

MOST_DOTS = 20
"""How many of its last runs a schedule shows."""


@dataclass(frozen=True, slots=True)
class ScheduleState:
    """A schedule with its last runs (newest first) and the next ones; ``coming`` is None when nobody can tell."""

    schedule: ScheduleRow
    runs: tuple[RunRow, ...]
    coming: tuple[DueRun, ...] | None


def run_clock_work(context: Context) -> None:
    """Do what a tick of the clock does for schedules; safe to be done by any number of clocks at once."""
    look_at_schedules(context)
    settle_runs(context)
    submit_runs(context)


def create_schedule(context: Context, draft: ScheduleDraft) -> int:
    """Make a schedule and return its id.

    :raises InvalidRequestError: with a sentence for each field that is wrong.
    """
    checked = check_draft(context, draft)
    with writing() as connection:
        return queries_schedules.create(connection, checked.definition, checked.exchanges, context.now())


def change_schedule(context: Context, schedule: ScheduleRow, draft: ScheduleDraft) -> None:
    """Let a schedule be another from now on.

    :raises InvalidRequestError: see ``create_schedule``.
    :raises ConflictError: when somebody has changed it since it was read.
    """
    checked = check_draft(context, draft)
    with writing() as connection:
        is_done = queries_schedules.change(connection, schedule, checked.definition, checked.exchanges, context.now())
    if not is_done:
        raise ConflictError(sentence("Somebody has changed the schedule meanwhile. Load it again, and then change it."))


def find_schedule(schedule_id: int) -> ScheduleRow:
    """Return a schedule.

    :raises NotFoundError: when there is none of this id.
    """
    with reading() as connection:
        return _find(connection, schedule_id)


def _find(connection: Connection, schedule_id: int) -> ScheduleRow:
    row = queries_schedules.get(connection, schedule_id)
    if row is None:
        raise NotFoundError(sentence("There is no schedule %(id)d.", id=schedule_id))
    return row


def set_paused(context: Context, schedule_id: int, *, is_paused: bool) -> ScheduleRow:
    """Pause or resume a schedule, and return it; what was due while it was paused is not made up for.

    :raises NotFoundError: when there is none of this id.
    :raises ConflictError: when it stands so already.
    """
    with writing() as connection:
        row = _find(connection, schedule_id)
        if not queries_schedules.set_paused(connection, schedule_id, context.now(), is_paused=is_paused):
            paused = sentence("Schedule %(id)d is paused already.", id=row.id)
            raise ConflictError(paused if is_paused else sentence("Schedule %(id)d is not paused.", id=row.id))
        return _find(connection, schedule_id)


def delete_schedule(schedule_id: int) -> None:
    """Delete a schedule with its history; what it collected stays.

    :raises NotFoundError: when there is none of this id.
    """
    with writing() as connection:
        _find(connection, schedule_id)
        queries_schedules.remove(connection, schedule_id)


def run_now(context: Context, schedule_id: int) -> RunRow:
    """Run a schedule for all its instruments, also while it is paused, and return the run.

    It waits where the run before is still at work.

    :raises NotFoundError: when there is none of this id.
    """
    now = context.now()
    with writing() as connection:
        _find(connection, schedule_id)
        queries_runs.insert_runs(connection, [NewRun(schedule_id, now, "", is_by_hand=True)], now)
        run = queries_runs.find_by_hand(connection, schedule_id, now)
    if run is None:
        raise ConflictError(sentence("It is being run this very moment."))
    submit_runs(context, schedule_id)
    with reading() as connection:
        return queries_runs.find_by_hand(connection, schedule_id, now) or run


def schedules_naming(list_name: str) -> list[str]:
    """Return the names of the schedules whose symbols hold a list (``@name``, in capitals or not), in their order."""
    with reading() as connection:
        rows = queries_schedules.every(connection)
    reference = f"@{list_name}".lower()
    return [row.definition.name for row in rows if reference in map(str.lower, row.definition.symbols)]


def show_schedule(context: Context, schedule_id: int, runs: int = MOST_DOTS) -> ScheduleState:
    """Return a schedule as it stands.

    :raises NotFoundError: when there is none of this id.
    """
    row = find_schedule(schedule_id)
    return _states(context, [row], runs)[0]


def list_schedules(context: Context, runs: int = MOST_DOTS) -> list[ScheduleState]:
    """Return all schedules as they stand, by their names."""
    with reading() as connection:
        rows = queries_schedules.every(connection)
    return _states(context, rows, runs)


def _states(context: Context, rows: Sequence[ScheduleRow], runs: int) -> list[ScheduleState]:
    now = context.now()
    requests = {row.id: _validate(context, row) for row in rows}
    with reading() as connection:
        exchanges = Exchanges(connection, now.timestamp())
        exchanges.read_ahead(filter(None, requests.values()))
        latest = queries_runs.latest(connection, [row.id for row in rows], runs)
        return [
            ScheduleState(row, tuple(latest.get(row.id, ())), _coming(row, requests[row.id], exchanges, now))
            for row in rows
        ]


def _validate(context: Context, row: ScheduleRow) -> ValidRequest | None:
    try:
        return validate_schedule_request(context, request_of(row.definition))
    except MoissonError:
        return None


def _coming(
    row: ScheduleRow, request: ValidRequest | None, exchanges: Exchanges, now: dt.datetime
) -> tuple[DueRun, ...] | None:
    """Return the next runs; none while it is paused, and None without its exchanges' calendars."""
    if row.is_paused:
        return ()
    markets = markets_of(row, request, exchanges)
    try:
        runs = next_runs(
            Timetable(row.definition.timing, row.definition.interval, markets), int(now.timestamp()), MOST_RUNS_SHOWN
        )
    except FAILURES:
        return None
    return tuple(runs)
