"""Deleting jobs that are over, with their chunks and events; where their bars came from is kept."""

import datetime as dt
from itertools import groupby

from sqlalchemy import Connection, delete, select, text

from webapp.jobs.tables import Batch, Chunk, Job, JobEvent, SharedJob
from webapp.kernel.job_states import FINAL
from webapp.restating import queries_origins

_AT_ONCE = 500
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(77001)")
"""What is kept of a series is read and written anew, which two may not do at once; SQLite has one writer anyway."""


def delete_jobs(connection: Connection, before: dt.datetime) -> int:
    """Delete jobs that were over before a moment, and batches left without any; return how many jobs.

    A job that somebody is just taking up again is left alone.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_ONE_AT_A_TIME)
    over = (Job.state.in_([state.value for state in FINAL])) & (Job.finished_at < before)
    query = select(Job.series_id, Job.id).where(over).order_by(Job.series_id, Job.id).with_for_update(skip_locked=True)
    rows = connection.execute(query).all()
    for series_id, group in groupby(rows, key=lambda row: row[0]):
        ids = [row[1] for row in group]
        for first in range(0, len(ids), _AT_ONCE):
            _delete(connection, series_id, ids[first : first + _AT_ONCE])
    served = select(Job.batch_id).union(select(SharedJob.batch_id))
    connection.execute(delete(Batch).where(Batch.id.not_in(served)))
    return len(rows)


def _delete(connection: Connection, series_id: int, ids: list[int]) -> None:
    queries_origins.keep(connection, series_id, queries_origins.read_committed_by(connection, ids))
    for table in (Chunk, JobEvent, SharedJob):
        connection.execute(delete(table).where(table.job_id.in_(ids)))
    connection.execute(delete(Job).where(Job.id.in_(ids)))
