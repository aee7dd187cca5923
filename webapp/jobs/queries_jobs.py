"""Jobs: one row each, and the questions asked of it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Integer, Row, bindparam, func, or_, select

from webapp.database.types import LARGEST_ID
from webapp.errors import Sentence
from webapp.jobs.tables import Chunk, Job, SharedJob
from webapp.kernel.closing import local_date_label
from webapp.kernel.intervals import Interval, period_start
from webapp.kernel.job_states import ACTIVE, ErrorKind, Intent, JobState, Priority, Progress
from webapp.kernel.requests import EARLIEST
from webapp.kernel.spans import Span
from webapp.series.tables import Instrument, Series
from webapp.sources.choices import zone_of


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as it stands, with what it collects. Times of bars are epoch seconds; moments are aware."""

    id: int
    batch_id: int
    series_id: int
    source: str
    symbol: str
    interval: Interval
    variant: str
    span: Span
    options: dict[str, str]
    refresh: bool
    priority: Priority
    state: JobState
    intent: Intent
    revision: int
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    due_at: dt.datetime
    progress_at: dt.datetime | None
    attempt: int
    lease_owner: str | None
    progress: Progress
    reached: int | None
    rows_written: int
    worked_seconds: float
    errors_in_row: int
    crashes_in_row: int
    error_kind: ErrorKind | None
    message: Sentence | None
    hint: Sentence | None
    choices: list[dict[str, str]] | None
    """What an ambiguous symbol may have meant: ``symbol``, ``name``, ``exchange``, ``kind`` each."""
    note: Sentence | None = None
    """What is worth knowing of a job that succeeded; ``message`` and ``hint`` say what went wrong."""
    timezone: str | None = None
    """The exchange's, where the source has told it."""

    @property
    def days(self) -> tuple[int, int]:
        """The labels of the exchange's first and last day in its span."""
        zone = zone_of(self.source, self.symbol, self.timezone)
        first, last = self.span.start, self.span.end - 1
        if self.interval.is_dated or zone is None or first <= EARLIEST:
            return first, last
        return local_date_label(first, zone), local_date_label(last, zone)

    @property
    def is_active(self) -> bool:
        """Whether anything may still happen to it by itself."""
        return self.state in ACTIVE

    @property
    def last_done(self) -> int | None:
        """The start of the last bar that ``reached`` (the end of what is done) takes in, whether it exists or not."""
        return None if self.reached is None else period_start(self.reached - 1, self.interval)


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs to list; None means any. ``symbol`` is in capitals, and so is ``symbol_part``, any part of it."""

    states: tuple[JobState, ...] | None = None
    source: str | None = None
    symbol: str | None = None
    symbol_part: str | None = None
    batch_id: int | None = None
    """A batch that they serve: the one that they were made for, or a later one that asked for the same."""
    made_for: int | None = None
    """The batch that they were made for."""
    series_id: int | None = None


_PLAIN = (
    *(Job.id, Job.batch_id, Job.series_id, Instrument.source, Instrument.symbol, Series.interval, Series.variant),
    *(Job.start, Job.end, Job.options, Job.refresh, Job.priority, Job.state, Job.intent, Job.revision),
    *(Job.created_at, Job.started_at, Job.finished_at, Job.due_at, Job.progress_at, Job.attempt, Job.lease_owner),
    *(Job.chunks_done, Job.chunks_total, Job.reached, Job.rows_written, Job.worked_seconds),
    *(Job.errors_in_row, Job.crashes_in_row, Job.error_kind, Job.message, Job.hint, Job.choices),
    *(Job.note, Instrument.timezone),
)


_SELECT = (
    select(*_PLAIN).join(Series, Series.id == Job.series_id).join(Instrument, Instrument.id == Series.instrument_id)
)
"""All that a ``JobRow`` says, for each query to narrow."""


def _serves(batch_id: int | BindParameter[int]) -> ColumnElement[bool]:
    shared = select(SharedJob.job_id).where(SharedJob.batch_id == batch_id)
    return or_(Job.batch_id == batch_id, Job.id.in_(shared))


# Written once: they are asked with each look at a job or a batch.
_BY_ID = _SELECT.where(Job.id == bindparam("job_id"))
_OF_BATCH = _SELECT.where(_serves(bindparam("batch_id", type_=Integer))).order_by(Job.id)


def _job(row: Row[*tuple[Any, ...]]) -> JobRow:
    values = dict(row._mapping)  # noqa: SLF001 -- SQLAlchemy's documented name
    state = JobState(values.pop("state"))
    done, total = values.pop("chunks_done"), values.pop("chunks_total")
    kind = values.pop("error_kind")
    return JobRow(
        interval=Interval(values.pop("interval")),
        span=Span(values.pop("start"), values.pop("end")),
        priority=Priority(values.pop("priority")),
        state=state,
        intent=Intent(values.pop("intent")),
        progress=Progress(done, total, finished=state is JobState.SUCCEEDED),
        error_kind=ErrorKind(kind) if kind else None,
        **values,
    )


def get(connection: Connection, job_id: int) -> JobRow | None:
    """Return a job, or None; also for a number that is no id."""
    if not 0 < job_id <= LARGEST_ID:
        return None
    row = connection.execute(_BY_ID, {"job_id": job_id}).first()
    return _job(row) if row else None


def of_batch(connection: Connection, batch_id: int) -> list[JobRow]:
    """Return all jobs that serve a batch, whoever made them, by id."""
    return [_job(row) for row in connection.execute(_OF_BATCH, {"batch_id": batch_id})]


def page(
    connection: Connection, job_filter: JobFilter, *, limit: int = 50, before_id: int | None = None, offset: int = 0
) -> list[JobRow]:
    """Return jobs, newest first."""
    query = _SELECT.where(*_conditions(job_filter)).order_by(Job.id.desc()).limit(limit).offset(offset)
    if before_id is not None:
        query = query.where(Job.id < before_id)
    return [_job(row) for row in connection.execute(query)]


def ids(connection: Connection, job_filter: JobFilter) -> list[int]:
    """Return the ids of jobs, oldest first."""
    query = select(Job.id).join(Series, Series.id == Job.series_id)
    query = query.join(Instrument, Instrument.id == Series.instrument_id).where(*_conditions(job_filter))
    return [int(row.id) for row in connection.execute(query.order_by(Job.id))]


def count(connection: Connection, job_filter: JobFilter) -> int:
    """Return how many jobs ``page`` would go through."""
    joined = select(func.count()).select_from(Job).join(Series, Series.id == Job.series_id)
    query = joined.join(Instrument, Instrument.id == Series.instrument_id).where(*_conditions(job_filter))
    return int(connection.execute(query).scalar_one())


def _conditions(job_filter: JobFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if job_filter.states is not None:
        conditions.append(Job.state.in_([state.value for state in job_filter.states]))
    if job_filter.source is not None:
        conditions.append(Instrument.source == job_filter.source)
    if job_filter.symbol is not None:
        conditions.append(func.upper(Instrument.symbol) == job_filter.symbol)
    if job_filter.symbol_part is not None:
        conditions.append(func.upper(Instrument.symbol).contains(job_filter.symbol_part, autoescape=True))
    if job_filter.batch_id is not None:
        conditions.append(_serves(job_filter.batch_id))
    if job_filter.made_for is not None:
        conditions.append(Job.batch_id == job_filter.made_for)
    if job_filter.series_id is not None:
        conditions.append(Job.series_id == job_filter.series_id)
    return conditions


def revisions(connection: Connection, job_ids: Iterable[int]) -> list[tuple[int, int]]:
    """Return ``(id, revision)`` of the given jobs; a revision grows with every change that a page may show."""
    query = select(Job.id, Job.revision).where(Job.id.in_(list(job_ids))).order_by(Job.id)
    return [(row.id, row.revision) for row in connection.execute(query)]


def page_revisions(
    connection: Connection, job_filter: JobFilter, *, limit: int = 50, offset: int = 0
) -> list[tuple[int, int]]:
    """Return ``(id, revision)`` of the jobs that ``page`` would return: cheap enough for every poll."""
    query = select(Job.id, Job.revision)
    if (job_filter.source, job_filter.symbol, job_filter.symbol_part) != (None, None, None):
        query = query.join(Series, Series.id == Job.series_id).join(Instrument, Instrument.id == Series.instrument_id)
    query = query.where(*_conditions(job_filter)).order_by(Job.id.desc()).limit(limit).offset(offset)
    return [(row.id, row.revision) for row in connection.execute(query)]


def any_in(connection: Connection, states: Iterable[JobState]) -> bool:
    """Tell whether any job is in one of the states."""
    query = select(Job.id).where(Job.state.in_([state.value for state in states])).limit(1)
    return connection.execute(query).first() is not None


def options_in_use(connection: Connection, source: str) -> list[dict[str, str]]:
    """Return the options of a source's jobs that are not over."""
    joined = select(Job.options).join(Series, Series.id == Job.series_id)
    query = joined.join(Instrument, Instrument.id == Series.instrument_id)
    active = JobFilter(states=tuple(ACTIVE), source=source)
    return list(connection.execute(query.where(*_conditions(active))).scalars())


def counts_by_state(connection: Connection, batch_id: int | None = None) -> dict[JobState, int]:
    """Return how many jobs (that serve a batch) are in each state."""
    query = select(Job.state, func.count()).group_by(Job.state)
    if batch_id is not None:
        query = query.where(_serves(batch_id))
    counts = {JobState(state): int(number) for state, number in connection.execute(query)}
    return {state: counts.get(state, 0) for state in JobState}


def chunks(connection: Connection, job_id: int) -> list[Span]:
    """Return the spans that a job has committed, oldest first."""
    query = select(Chunk.start, Chunk.end).where(Chunk.job_id == job_id).order_by(Chunk.start)
    return [Span(row.start, row.end) for row in connection.execute(query)]
