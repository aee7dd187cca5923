"""Batches, and the jobs that are made in them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, union
from sqlalchemy.dialects import postgresql, sqlite

from webapp.database.types import LARGEST_ID
from webapp.jobs.tables import Batch, Job, SharedJob
from webapp.kernel.job_states import ACTIVE, Intent, JobState, Priority
from webapp.kernel.spans import Span

_PLAIN = select(Batch.id, Batch.created_at, Batch.origin)
_BY_ID = _PLAIN.where(Batch.id == bindparam("batch_id"))


@dataclass(frozen=True, slots=True)
class NewJob:
    """What is needed to make a job."""

    series_id: int
    span: Span
    options: dict[str, str]
    refresh: bool
    priority: Priority
    chunks_total: int


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch; ``origin`` says where it came from (web, cli, python …)."""

    id: int
    created_at: dt.datetime
    origin: str


@dataclass(frozen=True, slots=True)
class BatchSums:
    """A batch with what all jobs that serve it come to: how many are in each state, chunks done and in all, bars."""

    batch: BatchRow
    states: Mapping[JobState, int]
    done: int
    total: int
    rows_written: int


def new_batch(connection: Connection, origin: str, now: dt.datetime) -> int:
    """Make a batch and return its id; ``origin`` says where it came from (web, cli, python …)."""
    table = Batch.__table__
    return int(
        connection.execute(
            table.insert().values(created_at=now, origin=origin).returning(table.c.id)  # type: ignore[attr-defined]
        ).scalar_one()
    )


def get(connection: Connection, batch_id: int) -> BatchRow | None:
    """Return a batch, or None; also for a number that is no id."""
    if not 0 < batch_id <= LARGEST_ID:
        return None
    row = connection.execute(_BY_ID, {"batch_id": batch_id}).first()
    return BatchRow(row.id, row.created_at, row.origin) if row else None


def page(connection: Connection, *, limit: int, before_id: int | None = None) -> list[BatchSums]:
    """Return batches with their sums, newest first; with ``before_id`` those before that one."""
    query = _PLAIN.order_by(Batch.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(Batch.id < before_id)
    batches = [BatchRow(row.id, row.created_at, row.origin) for row in connection.execute(query)]
    sums = _sums(connection, [batch.id for batch in batches])
    return [_summed(batch, [row for row in sums if row.batch_id == batch.id]) for batch in batches]


def _sums(connection: Connection, batch_ids: Sequence[int]) -> Sequence[Row[Any]]:
    """Return a row for each batch and each state that any job which serves it is in."""
    own = select(Job.batch_id, Job.id.label("job_id")).where(Job.batch_id.in_(batch_ids))
    shared = select(SharedJob.batch_id, SharedJob.job_id).where(SharedJob.batch_id.in_(batch_ids))
    serving = union(own, shared).subquery()
    columns = {"done": Job.chunks_done, "total": Job.chunks_total, "rows": Job.rows_written}
    numbers = (func.sum(column).label(name) for name, column in columns.items())
    query = select(serving.c.batch_id, Job.state, func.count().label("jobs"), *numbers)
    query = query.join(Job, Job.id == serving.c.job_id).group_by(serving.c.batch_id, Job.state)
    return connection.execute(query).all()


def _summed(batch: BatchRow, sums: Sequence[Row[Any]]) -> BatchSums:
    states = {JobState(row.state): int(row.jobs) for row in sums}
    done, total = sum(int(row.done) for row in sums), sum(int(row.total) for row in sums)
    return BatchSums(batch, states, done, total, sum(int(row.rows) for row in sums))


def insert_job(connection: Connection, batch_id: int, new: NewJob, now: dt.datetime) -> tuple[int, bool]:
    """Make a pending job and return its id and True, or the id of the active one that does the same and False.

    That one serves this batch, too.
    """
    key = f"{new.series_id}:{new.span.start}:{new.span.end}:{int(new.refresh)}"
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = {
        "batch_id": batch_id,
        "series_id": new.series_id,
        "start": new.span.start,
        "end": new.span.end,
        "options": new.options,
        "refresh": new.refresh,
        "priority": int(new.priority),
        "dedupe_key": key,
        "state": JobState.PENDING.value,
        "intent": Intent.RUN.value,
        "created_at": now,
        "due_at": now,
        "chunks_total": new.chunks_total,
        **_zeros(),
    }
    insert = dialect.insert(Job).values(values).on_conflict_do_nothing().returning(Job.id)
    active = select(Job.id).where(Job.dedupe_key == key, Job.state.in_([state.value for state in ACTIVE]))
    while True:
        job_id = connection.execute(insert).scalar()
        if job_id is not None:
            return int(job_id), True
        job_id = connection.execute(active).scalar()
        if job_id is not None:  # else it has ended between the two, which only PostgreSQL lets happen
            shared = {"batch_id": batch_id, "job_id": job_id}
            connection.execute(dialect.insert(SharedJob).values(shared).on_conflict_do_nothing())
            return int(job_id), False


def _zeros() -> dict[str, int]:
    names = ("revision", "attempt", "chunks_done", "rows_written", "worked_seconds", "errors_in_row", "crashes_in_row")
    return dict.fromkeys(names, 0)
