"""The catalogue: series with their figures, their last job and their open flags; searched, filtered, sorted, paged."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Select, case, func, select

from webapp.coverage import queries_completeness as figures
from webapp.coverage.queries_completeness import Figures
from webapp.coverage.tables import SeriesFigures
from webapp.jobs.tables import Job
from webapp.kernel.flag_states import FlagState
from webapp.kernel.instruments import Instruments
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import ACTIVE, JobState
from webapp.series.queries_series import PLAIN, SeriesRow, matching, series_of
from webapp.series.tables import BarFlag, Instrument, Series

BYTES_A_ROW = {"sqlite": (71, 75), "postgresql": (126, 126)}
"""About how many bytes a bar takes, and a candle that is kept ready, keys included.

Measured on 400,000 rows each; on SQLite written in chunks beside other series, which leaves pages partly empty."""


class Freshness(StrEnum):
    """Whether the last closed session is there."""

    CURRENT = "current"
    ONE_BEHIND = "one"
    BEHIND = "more"


class Completeness(StrEnum):
    """Whether the calendar misses anything."""

    COMPLETE = "complete"
    GAPS = "gaps"
    UNKNOWN = "unknown"


class Sorting(StrEnum):
    """What the catalogue can be sorted by."""

    SYMBOL = "symbol"
    INTERVAL = "interval"
    SOURCE = "source"
    FIRST = "first"
    LAST = "last"
    ROWS = "rows"
    BYTES = "bytes"
    COMPLETENESS = "completeness"
    FRESHNESS = "freshness"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which series are wanted; empty and None mean any. ``now`` decides what is fresh."""

    now: dt.datetime
    search: str = ""
    source: str = ""
    interval: Interval | None = None
    kind: str = ""
    freshness: Freshness | None = None
    completeness: Completeness | None = None
    instruments: Instruments | None = None
    """Those of a watchlist, which are wanted instead of what ``search`` says."""


@dataclass(frozen=True, slots=True)
class LastJob:
    """The job of a series that was submitted last."""

    id: int
    state: JobState
    at: dt.datetime
    """When it was over, or else when it was submitted."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the catalogue. ``figures`` is None until they were counted; ``flags`` are bars to review."""

    series: SeriesRow
    size: int
    figures: Figures | None
    last_job: LastJob | None
    flags: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What all series that match amount to; ``size`` is about how many bytes."""

    series: int
    rows: int
    size: int


def page(
    connection: Connection, criteria: Filter, sorting: Sorting, *, descending: bool, limit: int, offset: int
) -> list[Entry]:
    """Return a page of the catalogue; what is not known comes last either way."""
    key = _keys(connection)[sorting]
    order = (key.desc() if descending else key.asc()).nulls_last()
    query = _matching(select(Series.id), criteria).order_by(order, Instrument.symbol, Series.id)
    return entries(connection, [int(row.id) for row in connection.execute(query.limit(limit).offset(offset))])


def entries(connection: Connection, ids: list[int]) -> list[Entry]:
    """Return the lines of series in the order of their ids; those that are gone are left out."""
    rows = {row.id: series_of(row) for row in connection.execute(PLAIN.where(Series.id.in_(ids)))}
    counted, jobs, flags = figures.read(connection, ids), _last_jobs(connection, ids), _open_flags(connection, ids)
    bar, candle = BYTES_A_ROW[connection.dialect.name]
    catalogue = []
    for row in (rows[series_id] for series_id in ids if series_id in rows):
        count = counted.get(row.id)
        size = row.rows * bar + (count.candles * candle if count else 0)
        catalogue.append(Entry(row, size, count, jobs.get(row.id), flags.get(row.id, 0)))
    return catalogue


def totals(connection: Connection, criteria: Filter) -> Totals:
    """Return what all series that match amount to."""
    sums = (func.count(), func.coalesce(func.sum(Series.rows), 0), func.coalesce(func.sum(_size(connection)), 0))
    query = cast("Select[Any]", select(*sums))
    return Totals(*(int(value) for value in connection.execute(_matching(query, criteria)).one()))


def ids(connection: Connection, criteria: Filter, limit: int) -> list[int]:
    """Return the ids of the series that match, by symbol, so many at most."""
    query = _matching(select(Series.id), criteria).order_by(Instrument.symbol, Series.id).limit(limit)
    return [int(row.id) for row in connection.execute(query)]


def choices(connection: Connection) -> tuple[list[str], list[Interval], list[str]]:
    """Return the sources, intervals and kinds of instruments of which there are series with bars."""
    joined = select(Instrument.source, Series.interval, Instrument.kind)
    joined = joined.join(Series, Series.instrument_id == Instrument.id).where(Series.rows > 0).distinct()
    combinations = connection.execute(joined).all()
    intervals = {row.interval for row in combinations}
    return (
        sorted({row.source for row in combinations}),
        [interval for interval in Interval if interval.value in intervals],
        sorted({row.kind for row in combinations if row.kind}),
    )


def active_jobs(connection: Connection, series_ids: Collection[int]) -> dict[int, int]:
    """Return for those series that have jobs which are not over one of these."""
    states = [state.value for state in ACTIVE]
    query = select(Job.series_id, func.max(Job.id)).where(Job.series_id.in_(series_ids), Job.state.in_(states))
    return {int(series_id): int(job_id) for series_id, job_id in connection.execute(query.group_by(Job.series_id))}


def _matching(query: Select[Any], criteria: Filter) -> Select[Any]:
    query = query.select_from(Series).join(Instrument, Instrument.id == Series.instrument_id)
    query = query.outerjoin(SeriesFigures, SeriesFigures.series_id == Series.id)
    return query.where(Series.rows > 0, *matching(criteria.search, criteria.instruments), *_conditions(criteria))


def _conditions(criteria: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if criteria.source:
        conditions.append(Instrument.source == criteria.source)
    if criteria.interval:
        conditions.append(Series.interval == criteria.interval.value)
    if criteria.kind:
        conditions.append(Instrument.kind == criteria.kind)
    if criteria.freshness:
        conditions.append(_is_as_fresh(criteria.freshness, int(criteria.now.timestamp())))
    if criteria.completeness:
        conditions.append(_is_as_complete(criteria.completeness))
    return conditions


def _is_as_fresh(freshness: Freshness, now: int) -> ColumnElement[bool]:
    due, later = SeriesFigures.due_at <= now, SeriesFigures.later_at <= now
    waiting = SeriesFigures.due_at > now
    one_behind = due & ((SeriesFigures.later_at > now) | SeriesFigures.later_at.is_(None))
    return {Freshness.CURRENT: waiting, Freshness.ONE_BEHIND: one_behind, Freshness.BEHIND: later}[freshness]


def _is_as_complete(completeness: Completeness) -> ColumnElement[bool]:
    if completeness is Completeness.UNKNOWN:
        return SeriesFigures.missing.is_(None)
    return SeriesFigures.missing == 0 if completeness is Completeness.COMPLETE else SeriesFigures.missing > 0


def _size(connection: Connection) -> ColumnElement[int]:
    bar, candle = BYTES_A_ROW[connection.dialect.name]
    return Series.rows * bar + func.coalesce(SeriesFigures.candles, 0) * candle


def _keys(connection: Connection) -> Mapping[Sorting, ColumnElement[Any]]:
    last_job = select(func.max(Job.id)).where(Job.series_id == Series.id).correlate(Series).scalar_subquery()
    places = {interval.value: place for place, interval in enumerate(Interval)}
    return {
        Sorting.SYMBOL: func.upper(Instrument.symbol),
        Sorting.INTERVAL: case(places, value=Series.interval),
        Sorting.SOURCE: func.upper(Instrument.source),
        Sorting.FIRST: Series.first_bar.expression,
        Sorting.LAST: Series.last_bar.expression,
        Sorting.ROWS: Series.rows.expression,
        Sorting.BYTES: _size(connection),
        Sorting.COMPLETENESS: SeriesFigures.completeness.expression,
        Sorting.FRESHNESS: SeriesFigures.due_at.expression,
        Sorting.JOB: last_job,
    }


def _last_jobs(connection: Connection, series_ids: list[int]) -> dict[int, LastJob]:
    newest = select(func.max(Job.id)).where(Job.series_id.in_(series_ids)).group_by(Job.series_id)
    query = select(Job.series_id, Job.id, Job.state, Job.finished_at, Job.created_at).where(Job.id.in_(newest))
    return {
        row.series_id: LastJob(row.id, JobState(row.state), row.finished_at or row.created_at)
        for row in connection.execute(query)
    }


def _open_flags(connection: Connection, series_ids: list[int]) -> dict[int, int]:
    query = select(BarFlag.series_id, func.count()).where(
        BarFlag.series_id.in_(series_ids), BarFlag.state == FlagState.OPEN.value
    )
    return {int(series_id): int(count) for series_id, count in connection.execute(query.group_by(BarFlag.series_id))}
