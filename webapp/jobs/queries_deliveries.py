"""Which jobs are due, and which of them a message announces."""

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import Connection, or_, select, update

from webapp.jobs.tables import Job
from webapp.kernel.job_states import DUE, Intent, Priority


def due(connection: Connection, now: dt.datetime, limit: int, lost_before: dt.datetime) -> list[int]:
    """Return ids of jobs that a worker could take now and that no message announces, urgent and oldest first.

    A message sent before ``lost_before`` counts as lost.
    """
    query = select(Job.id).where(
        Job.state.in_([state.value for state in DUE]),
        Job.intent == Intent.RUN.value,
        Job.due_at <= now,
        or_(Job.delivered_at.is_(None), Job.delivered_at < lost_before),
    )
    return [int(row.id) for row in connection.execute(query.order_by(Job.priority, Job.due_at, Job.id).limit(limit))]


def others_due(connection: Connection, job_id: int, now: dt.datetime) -> bool:
    """Tell whether another job could be taken now."""
    query = select(Job.id).where(
        Job.state.in_([state.value for state in DUE]),
        Job.intent == Intent.RUN.value,
        Job.due_at <= now,
        Job.id != job_id,
    )
    return connection.execute(query.limit(1)).first() is not None


def mark_delivered(
    connection: Connection, job_ids: Iterable[int], now: dt.datetime, lost_before: dt.datetime
) -> dict[int, Priority]:
    """Note that a message is about to announce these jobs, and return those of them that nobody else announces."""
    statement = (
        update(Job)
        .where(Job.id.in_(list(job_ids)), Job.state.in_([state.value for state in DUE]))
        .where(or_(Job.delivered_at.is_(None), Job.delivered_at < lost_before))
        .values(delivered_at=now)
        .returning(Job.id, Job.priority)
    )
    return {int(row.id): Priority(row.priority) for row in connection.execute(statement)}


def clear_delivered(connection: Connection, job_ids: Iterable[int]) -> None:
    """Take back the note that a message announces these jobs: none could be sent."""
    connection.execute(update(Job).where(Job.id.in_(list(job_ids))).values(delivered_at=None))
