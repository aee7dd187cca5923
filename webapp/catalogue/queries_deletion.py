"""Deleting series: hidden at once, in one transaction; what is large goes afterwards, a slice at a time.

The row of the series goes and a new one takes its place: empty, with another id, and with the jobs of the old one,
whose history stays. So no query has to know of deleted series, a collection afterwards starts afresh, and nobody can
write into what is gone: an id is never used again.
"""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Connection, String, bindparam, case, cast, delete, insert, literal, select, text, update

from webapp.catalogue.tables import SeriesDeletion
from webapp.coverage.tables import SeriesFigures
from webapp.jobs.tables import Chunk, Job
from webapp.kernel.job_states import ACTIVE
from webapp.kernel.spans import EVER
from webapp.series import queries_bar_pages, queries_bars, queries_series
from webapp.series.queries_series import SeriesRow
from webapp.series.tables import BarFlag, Coverage, Series, SplitWait

_ASIDE = "\x7f"
"""The variant of the successor for as long as both rows are there; no source has one of this name."""
_LEFT_OVER = (
    "DELETE FROM rollup WHERE series_id = :series",
    "DELETE FROM bar_difference WHERE restatement_id IN (SELECT id FROM restatement WHERE series_id = :series)",
    "DELETE FROM restatement WHERE series_id = :series",
    "DELETE FROM rollup_stale WHERE series_id = :series",
    "DELETE FROM rollup_state WHERE series_id = :series",
    "DELETE FROM bar_origin WHERE series_id = :series",
    "DELETE FROM bar_flag WHERE series_id = :series",
    "DELETE FROM split_wait WHERE series_id = :series",
    "DELETE FROM series_figures WHERE series_id = :series",
    "DELETE FROM series_deletion WHERE series_id = :series",
)
_IS_THERE = select(Series.id).where(Series.id == bindparam("series_id"))
_NTH_CANDLE = text("SELECT level, time FROM rollup WHERE series_id = :series ORDER BY level, time LIMIT 1 OFFSET :most")


def hide(connection: Connection, series_id: int, now: dt.datetime) -> SeriesRow | Sequence[int] | None:
    """Let nobody see a series any more, and note that its bars are to be deleted.

    :returns: the series as it was; None when there is none; or the ids of its jobs that are not over: then the
        caller's transaction must not be committed.
    """
    _lock_jobs(connection, series_id)
    queries_series.lock_for_write(connection, series_id)
    row = queries_series.get(connection, series_id)
    if row is None:
        return None
    busy = _hand_over_jobs(connection, row)
    if busy:
        return busy
    for table in (Coverage, SeriesFigures, BarFlag, SplitWait):
        connection.execute(delete(table).where(table.series_id == series_id))
    connection.execute(delete(Series).where(Series.id == series_id))
    connection.execute(insert(SeriesDeletion).values(series_id=series_id, at=now))
    place = (Series.instrument_id == row.instrument_id) & (Series.interval == row.interval.value)
    connection.execute(update(Series).where(place, Series.variant == _ASIDE).values(variant=row.variant))
    return row


def _lock_jobs(connection: Connection, series_id: int) -> None:
    """Lock the jobs before their series, in the order of a worker that commits a chunk: else each waits for the other.

    SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(Job.id).where(Job.series_id == series_id).order_by(Job.id).with_for_update())


def _hand_over_jobs(connection: Connection, row: SeriesRow) -> list[int]:
    """Make the successor and give it the jobs; return those that are not over.

    What they committed is forgotten, so that a retry collects it again.
    """
    values = {"instrument_id": row.instrument_id, "interval": row.interval.value, "variant": _ASIDE, "rows": 0}
    new_id = connection.execute(insert(Series).values(values).returning(Series.id)).scalar_one()
    refresh = case((Job.refresh, "1"), else_="0")
    key = literal(f"{new_id}:") + cast(Job.start, String) + ":" + cast(Job.end, String) + ":" + refresh
    moved = connection.execute(
        update(Job).where(Job.series_id == row.id).values(series_id=new_id, dedupe_key=key).returning(Job.id, Job.state)
    ).all()
    active = {state.value for state in ACTIVE}
    busy = [int(job.id) for job in moved if job.state in active]
    connection.execute(delete(Chunk).where(Chunk.job_id.in_(select(Job.id).where(Job.series_id == new_id))))
    return busy


def hidden(connection: Connection, before: dt.datetime) -> int | None:
    """Return a series that was hidden before a moment and is not deleted yet, the oldest; None without any."""
    query = select(SeriesDeletion.series_id).where(SeriesDeletion.at <= before)
    return connection.execute(query.order_by(SeriesDeletion.at, SeriesDeletion.series_id).limit(1)).scalar()


def is_going(connection: Connection, series_id: int, before: dt.datetime) -> bool:
    """Tell whether bars of a series are being deleted, or are gone: it was hidden before a moment, or is no more."""
    if connection.execute(_IS_THERE, {"series_id": series_id}).scalar() is not None:
        return False
    at = connection.execute(select(SeriesDeletion.at).where(SeriesDeletion.series_id == series_id)).scalar()
    return at is None or at <= before


def delete_slice(connection: Connection, series_id: int, limit: int) -> bool:
    """Delete up to so many bars or candles of a hidden series, or what else there is; tell whether more is left."""
    values = {"series": series_id}
    beyond = queries_bar_pages.nth_time(connection, series_id, EVER, limit)
    if beyond is not None:
        queries_bars.delete_of_removed_series(connection, series_id, before=beyond)
        return True
    candle = connection.execute(_NTH_CANDLE, values | {"most": limit}).first()
    if candle is not None:
        query = text("DELETE FROM rollup WHERE series_id = :series AND (level, time) < (:level, :time)")
        connection.execute(query, values | {"level": candle.level, "time": candle.time})
        return True
    queries_bars.delete_of_removed_series(connection, series_id)
    for statement in _LEFT_OVER:
        connection.execute(text(statement), values)
    return False
