"""Splits that a series waits for: its source has not brought the bars before the ex-date to the new basis yet."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from webapp.kernel.bars import SPLIT, Action
from webapp.series.tables import Series, SplitWait

_READ = (
    select(SplitWait.split, SplitWait.ratio, SplitWait.since)
    .where(SplitWait.series_id == bindparam("series_id"))
    .order_by(SplitWait.split)
)


@dataclass(frozen=True, slots=True)
class SplitWaitRow:
    """The split that is waited for, and since when."""

    split: Action
    since: dt.datetime


def read(connection: Connection, series_id: int) -> list[SplitWaitRow]:
    """Return the splits that a series waits for, by ex-date."""
    rows = connection.execute(_READ, {"series_id": series_id})
    return [SplitWaitRow(Action(SPLIT, row.split, row.ratio), row.since) for row in rows]


def add(connection: Connection, series_id: int, split: Action, now: dt.datetime) -> bool:
    """Let a series wait for a split; tell whether it did not before."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = {"series_id": series_id, "split": split.time, "ratio": split.value, "since": now}
    return connection.execute(dialect.insert(SplitWait).values(values).on_conflict_do_nothing()).rowcount == 1


def remove(connection: Connection, series_id: int, split: int) -> bool:
    """Let a series no longer wait for the split of an ex-date; tell whether it did."""
    place = (SplitWait.series_id == series_id) & (SplitWait.split == split)
    return connection.execute(delete(SplitWait).where(place)).rowcount == 1


def waiting(connection: Connection, instrument_id: int) -> list[int]:
    """Return the ids of the series of an instrument that wait for a split."""
    query = select(SplitWait.series_id).join(Series, SplitWait.series_id == Series.id).distinct()
    query = query.where(Series.instrument_id == instrument_id).order_by(SplitWait.series_id)
    return list(connection.scalars(query))


def last_written(connection: Connection, instrument_id: int, split: int) -> dt.datetime | None:
    """Return when a series of an instrument that waits for a split was last written; None when none waits."""
    query = select(func.max(Series.updated_at)).join(SplitWait, SplitWait.series_id == Series.id)
    return connection.execute(query.where(Series.instrument_id == instrument_id, SplitWait.split == split)).scalar()
