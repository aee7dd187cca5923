"""Deleting jobs that are over, with their chunks and events."""

import datetime as dt

from sqlalchemy import Connection, delete, select

from webapp.domain.jobs import FINAL
from webapp.store.tables import Batch, Chunk, Job, JobEvent


def delete_jobs(connection: Connection, before: dt.datetime) -> int:
    """Delete jobs that were over before a moment, and batches left without any; return how many jobs."""
    over = (Job.state.in_([state.value for state in FINAL])) & (Job.finished_at < before)
    ids = select(Job.id).where(over).scalar_subquery()
    for table in (Chunk, JobEvent):
        connection.execute(delete(table).where(table.job_id.in_(ids)))
    deleted = connection.execute(delete(Job).where(over)).rowcount
    connection.execute(delete(Batch).where(Batch.id.not_in(select(Job.batch_id))))
    return int(deleted)
