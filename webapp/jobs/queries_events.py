"""The event logs of jobs, and the beats of processes."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from webapp.errors import Sentence
from webapp.jobs.claims import Claim
from webapp.jobs.tables import Job, JobEvent, Process


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line of a job's log."""

    id: int
    at: dt.datetime
    attempt: int
    kind: str
    actor: str
    message: Sentence | None


def append_event(
    connection: Connection,
    claim_or_job: Claim | int,
    kind: str,
    now: dt.datetime,
    message: Sentence | None = None,
    actor: str = "",
) -> None:
    """Append to a job's event log."""
    if isinstance(claim_or_job, Claim):
        job_id, attempt, actor = claim_or_job.job_id, claim_or_job.attempt, claim_or_job.owner
    else:
        job_id = claim_or_job
        attempt = connection.execute(select(Job.attempt).where(Job.id == job_id)).scalar_one()
    connection.execute(
        JobEvent.__table__.insert().values(  # type: ignore[attr-defined]
            job_id=job_id, at=now, attempt=attempt, kind=kind, actor=actor, message=message
        )
    )


def read(connection: Connection, job_id: int, limit: int = 200, *, before_id: int | None = None) -> list[EventRow]:
    """Return the newest events of a job, newest first; with ``before_id`` the newest before that one."""
    query = select(JobEvent.id, JobEvent.at, JobEvent.attempt, JobEvent.kind, JobEvent.actor, JobEvent.message)
    if before_id is not None:
        query = query.where(JobEvent.id < before_id)
    rows = connection.execute(query.where(JobEvent.job_id == job_id).order_by(JobEvent.id.desc()).limit(limit))
    return [EventRow(*row) for row in rows]


def process_beat(connection: Connection, name: str, role: str, now: dt.datetime) -> None:
    """Note that a process is alive."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(Process).values(name=name, role=role, started_at=now, beat_at=now)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"beat_at": now}))


def last_beat(connection: Connection, role: str) -> dt.datetime | None:
    """Return when a process of this role last beat, or None if none ever did."""
    return connection.execute(select(func.max(Process.beat_at)).where(Process.role == role)).scalar()
