"""Jobs whose worker has gone: found by their expired lease, and moved back into the queue or quarantined."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select, update

from webapp.errors import Sentence
from webapp.jobs.tables import Job, JobEvent
from webapp.kernel.job_states import Intent, JobState


@dataclass(frozen=True, slots=True)
class Lost:
    """A running job whose lease has run out."""

    job_id: int
    attempt: int
    intent: Intent
    crashes_in_row: int
    owner: str


def expired(connection: Connection, now: dt.datetime, after_id: int, limit: int) -> list[Lost]:
    """Return running jobs without a valid lease, by id from ``after_id`` on, so that a full page hides nobody."""
    query = select(Job.id, Job.attempt, Job.intent, Job.crashes_in_row, Job.lease_owner).where(
        Job.state == JobState.RUNNING.value,
        or_(Job.lease_expires_at.is_(None), Job.lease_expires_at < now),
        Job.id > after_id,
    )
    rows = connection.execute(query.order_by(Job.id).limit(limit))
    return [Lost(r.id, r.attempt, Intent(r.intent), r.crashes_in_row, r.lease_owner or "") for r in rows]


@dataclass(frozen=True, slots=True)
class Rescue:
    """Where a lost job goes."""

    state: JobState
    due_at: dt.datetime
    crashes_in_row: int
    error_kind: str | None = None
    message: Sentence | None = None
    hint: Sentence | None = None


def rescue(connection: Connection, lost: Lost, to: Rescue, now: dt.datetime) -> bool:
    """Move a lost job, unless its worker has come back or another rescuer was faster."""
    statement = update(Job).where(
        Job.id == lost.job_id,
        Job.attempt == lost.attempt,
        Job.state == JobState.RUNNING.value,
        or_(Job.lease_expires_at.is_(None), Job.lease_expires_at < now),
    )
    final = to.state in (JobState.FAILED, JobState.CANCELLED)
    values = {
        "state": to.state.value,
        "intent": Intent.RUN.value,
        "due_at": to.due_at,
        "delivered_at": None,
        "lease_owner": None,
        "lease_expires_at": None,
        "crashes_in_row": to.crashes_in_row,
        "error_kind": to.error_kind,
        "message": to.message,
        "hint": to.hint,
        "finished_at": now if final else None,
        "revision": Job.revision + 1,
    }
    return connection.execute(statement.values(values).returning(Job.id)).scalar() is not None


def overdue(connection: Connection, asked_before: dt.datetime, limit: int) -> list[Lost]:
    """Return running jobs whose worker was asked to cancel before a moment and has not obeyed, by id."""
    cancel_event = select(JobEvent.id).where(
        JobEvent.job_id == Job.id,
        JobEvent.attempt == Job.attempt,
        JobEvent.kind == "cancel_asked",
        JobEvent.at < asked_before,
    )
    query = select(Job.id, Job.attempt, Job.intent, Job.crashes_in_row, Job.lease_owner).where(
        Job.state == JobState.RUNNING.value, Job.intent == Intent.CANCEL.value, cancel_event.exists()
    )
    rows = connection.execute(query.order_by(Job.id).limit(limit))
    return [Lost(r.id, r.attempt, Intent(r.intent), r.crashes_in_row, r.lease_owner or "") for r in rows]


def cancel(connection: Connection, late: Lost, now: dt.datetime) -> bool:
    """Take a job from a worker that does not obey, which the fence then refuses; False when it obeyed after all."""
    statement = update(Job).where(
        Job.id == late.job_id,
        Job.attempt == late.attempt,
        Job.state == JobState.RUNNING.value,
        Job.intent == Intent.CANCEL.value,
    )
    values = {
        "state": JobState.CANCELLED.value,
        "intent": Intent.RUN.value,
        "delivered_at": None,
        "lease_owner": None,
        "lease_expires_at": None,
        "finished_at": now,
        "revision": Job.revision + 1,
    }
    return connection.execute(statement.values(values).returning(Job.id)).scalar() is not None


def owners(connection: Connection, prefix: str) -> set[str]:
    """Return who holds running jobs, of those whose names begin with ``prefix``."""
    query = select(Job.lease_owner).where(
        Job.state == JobState.RUNNING.value, Job.lease_owner.startswith(prefix, autoescape=True)
    )
    return {row.lease_owner for row in connection.execute(query)}


def expire_leases(connection: Connection, owner: str, now: dt.datetime) -> None:
    """End the leases of a worker process that is known to be gone; the rescuer does the rest."""
    statement = update(Job).where(Job.state == JobState.RUNNING.value, Job.lease_owner == owner)
    connection.execute(statement.values(lease_expires_at=now - dt.timedelta(seconds=1)))
