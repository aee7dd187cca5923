"""Counting jobs and what they brought."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select, true

from webapp.jobs.tables import Job
from webapp.kernel.job_states import JobState
from webapp.series.tables import Instrument, Series


@dataclass(frozen=True, slots=True)
class JobCount:
    """How many jobs of a source are in a state, and how many bars they wrote."""

    source: str
    state: JobState
    jobs: int
    bars: int


def job_counts(connection: Connection, since: dt.datetime | None) -> list[JobCount]:
    """Count the jobs submitted since a moment (all of them without), by source and state."""
    query = (
        select(Instrument.source, Job.state, func.count(), func.sum(Job.rows_written))
        .select_from(Job)
        .join(Series, Series.id == Job.series_id)
        .join(Instrument, Instrument.id == Series.instrument_id)
        .where(_since(since))
        .group_by(Instrument.source, Job.state)
        .order_by(Instrument.source, Job.state)
    )
    return [
        JobCount(source, JobState(state), count, int(bars)) for source, state, count, bars in connection.execute(query)
    ]


def durations(connection: Connection, since: dt.datetime | None) -> list[float]:
    """Return the seconds from first claim to success of each job submitted since a moment that succeeded."""
    query = select(Job.started_at, Job.finished_at).where(
        _since(since),
        Job.state == JobState.SUCCEEDED.value,
        Job.started_at.is_not(None),
        Job.finished_at.is_not(None),
    )
    rows = connection.execute(query)
    return [(ended - begun).total_seconds() for begun, ended in rows if begun is not None and ended is not None]


def stored(connection: Connection) -> tuple[int, int]:
    """Return how many series hold bars, and how many bars they hold."""
    query = select(func.count(), func.coalesce(func.sum(Series.rows), 0)).where(Series.rows > 0)
    series, bars = connection.execute(query).one()
    return int(series), int(bars)


def _since(moment: dt.datetime | None) -> ColumnElement[bool]:
    return true() if moment is None else Job.created_at >= moment
