"""Figures of series that are counted now and then: keeping them, and which are due."""

import datetime as dt
from collections.abc import Collection
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, func, or_, select, text
from sqlalchemy.dialects import postgresql, sqlite

from webapp.coverage.tables import SeriesFigures
from webapp.series.tables import Series


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted of a series; see ``figure_tables.SeriesFigures``."""

    series_id: int
    counted_at: dt.datetime
    recount_at: dt.datetime
    sessions: int | None
    missing: int | None
    closings: list[int]
    candles: int
    confirmed: int | None = None
    """How many of the sessions the source called empty."""
    vanishes_at: int | None = None
    """Until when (epoch seconds) the source serves the oldest bar that is still missing; None: for good."""

    @property
    def completeness(self) -> float | None:
        """The share (0 to 1) of the sessions expected so far that are no gaps; None when nobody knows, or of none."""
        if not self.sessions or self.missing is None:
            return None
        return 1 - self.missing / self.sessions


def save(connection: Connection, figures: Figures) -> None:
    """Keep the figures of a series, in the place of older ones."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    first, second = (*figures.closings, None, None)[:2]
    values = asdict(figures) | {"completeness": figures.completeness, "due_at": first, "later_at": second}
    inserted = dialect.insert(SeriesFigures).values(values)
    changed = {name: inserted.excluded[name] for name in values if name != "series_id"}
    newer = SeriesFigures.counted_at <= inserted.excluded.counted_at
    connection.execute(
        inserted.on_conflict_do_update(index_elements=[SeriesFigures.series_id], set_=changed, where=newer)
    )


def read(connection: Connection, series_ids: Collection[int]) -> dict[int, Figures]:
    """Return the figures of those series that were counted."""
    names = Figures.__dataclass_fields__
    query = select(*(getattr(SeriesFigures, name) for name in names)).where(SeriesFigures.series_id.in_(series_ids))
    return {row.series_id: Figures(*row) for row in connection.execute(query)}


def forget(connection: Connection, instrument_id: int) -> None:
    """Drop the figures of an instrument's series, which are right no longer; the clock counts them anew."""
    mine = select(Series.id).where(Series.instrument_id == instrument_id)
    connection.execute(delete(SeriesFigures).where(SeriesFigures.series_id.in_(mine)))


def due(connection: Connection, now: dt.datetime, quiet_since: dt.datetime, limit: int) -> list[int]:
    """Return series that hold bars and were never counted, or not since they changed, or long ago; those first.

    One that is being written to (it changed after ``quiet_since``) is counted at the end of its job.
    """
    changed = (SeriesFigures.counted_at < Series.updated_at) & (Series.updated_at < quiet_since)
    query = (
        select(Series.id)
        .outerjoin(SeriesFigures, SeriesFigures.series_id == Series.id)
        .where(Series.rows > 0, or_(SeriesFigures.series_id.is_(None), SeriesFigures.recount_at <= now, changed))
        .order_by(func.coalesce(SeriesFigures.counted_at, 0, type_=SeriesFigures.counted_at.type), Series.id)
    )
    return [int(row.id) for row in connection.execute(query.limit(limit))]


def candles_kept(connection: Connection, series_id: int) -> int:
    """Return how many candles of a series are kept ready."""
    query = text("SELECT count(*) FROM rollup WHERE series_id = :series")
    return int(connection.execute(query, {"series": series_id}).scalar_one())
