"""Runs of schedules. Every move is one guarded UPDATE, so that two clocks at once do each thing once."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, case, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from webapp.errors import Sentence
from webapp.jobs.tables import Job, SharedJob
from webapp.kernel.job_states import ACTIVE, JobState
from webapp.scheduling.rules_run_states import OPEN, RunState
from webapp.scheduling.tables import ScheduleRun

_AT_WORK = [state.value for state in sorted(ACTIVE - {JobState.PAUSED})]
"""Jobs that a person has paused hold no later run up."""
_OPEN = [state.value for state in sorted(OPEN)]
_IDS_A_STATEMENT = 1000
_ROWS_A_STATEMENT = 500


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as it stands; ``exchange`` is empty when it asks for all instruments, ``jobs`` counts those it made."""

    id: int
    schedule_id: int
    due_at: dt.datetime
    exchange: str
    state: RunState
    is_late: bool
    is_by_hand: bool
    created_at: dt.datetime
    ended_at: dt.datetime | None
    batch_id: int | None
    jobs: int
    reason: Sentence | None


@dataclass(frozen=True, slots=True)
class NewRun:
    """What is needed to make a run."""

    schedule_id: int
    due_at: dt.datetime
    exchange: str
    state: RunState = RunState.DUE
    is_late: bool = False
    is_by_hand: bool = False


_COLUMNS = select(*ScheduleRun.__table__.columns)


def _run(row: Row[*tuple[Any, ...]]) -> RunRow:
    values = dict(row._mapping)  # noqa: SLF001 -- SQLAlchemy's documented name
    return RunRow(**{**values, "state": RunState(values["state"])})


def insert_runs(connection: Connection, runs: Sequence[NewRun], now: dt.datetime) -> None:
    """Make runs; those that are there already, stay as they are."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    rows = [
        {
            "schedule_id": run.schedule_id,
            "due_at": run.due_at,
            "exchange": run.exchange,
            "state": run.state.value,
            "is_late": run.is_late,
            "is_by_hand": run.is_by_hand,
            "created_at": now,
            "ended_at": now if run.state is RunState.MISSED else None,
            "jobs": 0,
        }
        for run in runs
    ]
    for first in range(0, len(rows), _ROWS_A_STATEMENT):
        some = rows[first : first + _ROWS_A_STATEMENT]
        connection.execute(dialect.insert(ScheduleRun).values(some).on_conflict_do_nothing())


def find_by_hand(connection: Connection, schedule_id: int, due_at: dt.datetime) -> RunRow | None:
    """Return the run that a person asked for at a moment."""
    table = ScheduleRun.__table__
    is_it = (table.c.schedule_id == schedule_id) & (table.c.due_at == due_at) & table.c.is_by_hand
    row = connection.execute(_COLUMNS.where(is_it)).first()
    return _run(row) if row else None


def open_runs(connection: Connection) -> list[RunRow]:
    """Return the runs that are still to be submitted, oldest first."""
    table = ScheduleRun.__table__
    query = _COLUMNS.where(table.c.state.in_(_OPEN)).order_by(table.c.due_at, table.c.id)
    return [_run(row) for row in connection.execute(query)]


def page(connection: Connection, schedule_id: int, limit: int, before_id: int | None = None) -> list[RunRow]:
    """Return runs of a schedule, those made last first."""
    table = ScheduleRun.__table__
    query = _COLUMNS.where(table.c.schedule_id == schedule_id)
    if before_id is not None:
        query = query.where(table.c.id < before_id)
    return [_run(row) for row in connection.execute(query.order_by(table.c.id.desc()).limit(limit))]


def latest(connection: Connection, schedule_ids: Collection[int], limit: int) -> dict[int, list[RunRow]]:
    """Return the last runs of schedules, those made last first."""
    table = ScheduleRun.__table__
    place = func.row_number().over(partition_by=table.c.schedule_id, order_by=table.c.id.desc()).label("place")
    placed = select(table.c.id, place).where(table.c.schedule_id.in_(list(schedule_ids))).subquery()
    query = _COLUMNS.join(placed, placed.c.id == table.c.id).where(placed.c.place <= limit)
    runs: dict[int, list[RunRow]] = {}
    for row in connection.execute(query.order_by(table.c.id.desc())):
        run = _run(row)
        runs.setdefault(run.schedule_id, []).append(run)
    return runs


def _served_by(states: Collection[str]) -> Select[Any]:
    """Return the batches (``batch_id``) that have jobs in one of the states, their own or shared ones."""
    own = select(Job.batch_id.label("batch_id")).where(Job.state.in_(states))
    shared = select(SharedJob.batch_id).join(Job, Job.id == SharedJob.job_id).where(Job.state.in_(states))
    return select(own.union(shared).subquery().c.batch_id)


def at_work(connection: Connection) -> set[tuple[int, str]]:
    """Return the schedules, with the exchange, of which a run's jobs are at work."""
    query = select(ScheduleRun.schedule_id, ScheduleRun.exchange).where(
        ScheduleRun.state == RunState.RUNNING.value, ScheduleRun.batch_id.in_(_served_by(_AT_WORK))
    )
    return {(row.schedule_id, row.exchange) for row in connection.execute(query)}


def claim_submission(connection: Connection, run_id: int) -> bool:
    """Take a run that is to be submitted, in the transaction that makes its batch; False when another clock has."""
    mine = (ScheduleRun.id == run_id) & ScheduleRun.state.in_(_OPEN)
    return connection.execute(update(ScheduleRun).where(mine).values(state=RunState.RUNNING.value)).rowcount == 1


def note_batch(connection: Connection, run_id: int, batch_id: int, jobs: int) -> None:
    """Write down the batch of a run that was just claimed."""
    values = {"batch_id": batch_id, "jobs": jobs}
    connection.execute(update(ScheduleRun).where(ScheduleRun.id == run_id).values(values))


def end_open(
    connection: Connection,
    run_ids: Iterable[int],
    state: RunState,
    now: dt.datetime,
    reason: Sentence | None = None,
) -> None:
    """Let runs that are still to be submitted end so."""
    ids = sorted(run_ids)
    values = {"state": state.value, "reason": reason, "ended_at": now}
    for first in range(0, len(ids), _IDS_A_STATEMENT):
        meant = ScheduleRun.id.in_(ids[first : first + _IDS_A_STATEMENT]) & ScheduleRun.state.in_(_OPEN)
        connection.execute(update(ScheduleRun).where(meant).values(values))


def hold_back(connection: Connection, run_ids: Collection[int]) -> None:
    """Let runs that are due wait for their predecessors."""
    due = ScheduleRun.id.in_(sorted(run_ids)) & (ScheduleRun.state == RunState.DUE.value)
    connection.execute(update(ScheduleRun).where(due).values(state=RunState.WAITING.value))


@dataclass(frozen=True, slots=True)
class JobCounts:
    """How many jobs of a run's batch succeeded and how many ended otherwise; ``ended_at`` is when the last one did."""

    run_id: int
    succeeded: int
    others: int
    ended_at: dt.datetime | None


def over(connection: Connection) -> list[JobCounts]:
    """Return the running runs whose jobs are all over, or gone."""
    running = (ScheduleRun.state == RunState.RUNNING.value) & ScheduleRun.batch_id.is_not(None)
    active = _served_by([state.value for state in ACTIVE])
    shared = select(SharedJob.job_id).where(SharedJob.batch_id == ScheduleRun.batch_id).correlate(ScheduleRun)
    is_good = case((Job.state == JobState.SUCCEEDED.value, 1), else_=0)
    query = (
        select(ScheduleRun.id, func.sum(is_good), func.count(Job.id), func.max(Job.finished_at))
        .outerjoin(Job, or_(Job.batch_id == ScheduleRun.batch_id, Job.id.in_(shared)))
        .where(running, ScheduleRun.batch_id.not_in(active))
        .group_by(ScheduleRun.id)
    )
    return [
        JobCounts(run_id, int(good or 0), int(count) - int(good or 0), ended_at)
        for run_id, good, count, ended_at in connection.execute(query)
    ]


def end_running(
    connection: Connection, run_id: int, state: RunState, ended_at: dt.datetime, reason: Sentence | None = None
) -> None:
    """Let a run whose batch was at work end so."""
    running = (ScheduleRun.id == run_id) & (ScheduleRun.state == RunState.RUNNING.value)
    values = {"state": state.value, "ended_at": ended_at, "reason": reason}
    connection.execute(update(ScheduleRun).where(running).values(values))


def delete_ended(connection: Connection, before: dt.datetime) -> None:
    """Delete runs that were over before a moment, but for the last one of each schedule."""
    newest = select(func.max(ScheduleRun.id)).group_by(ScheduleRun.schedule_id)
    connection.execute(delete(ScheduleRun).where(ScheduleRun.ended_at < before, ScheduleRun.id.not_in(newest)))
