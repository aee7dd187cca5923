"""Series of which their sources will delete what is missing, by the deadline."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, Select, func, select

from webapp.coverage.tables import SeriesFigures
from webapp.series.queries_series import PLAIN, SeriesRow, series_of
from webapp.series.tables import Series


@dataclass(frozen=True, slots=True)
class VanishingSeries:
    """A series, and until when (epoch seconds) its source serves the oldest bar that is missing.

    An instant that has passed is when bars began to be lost.
    """

    series: SeriesRow
    vanishes_at: int


_DEADLINES = (
    select(Series.id, SeriesFigures.vanishes_at)
    .join(SeriesFigures, SeriesFigures.series_id == Series.id)
    .order_by(SeriesFigures.vanishes_at, Series.id)
)


def page(connection: Connection, before: float, *, limit: int = 100, offset: int = 0) -> list[VanishingSeries]:
    """Return the series whose deadline lies before an instant (epoch seconds), the most urgent first."""
    return _read(connection, _DEADLINES.where(SeriesFigures.vanishes_at < before).limit(limit).offset(offset))


def read(connection: Connection, series_ids: Collection[int]) -> list[VanishingSeries]:
    """Return those of some series that have a deadline, the most urgent first."""
    return _read(connection, _DEADLINES.where(Series.id.in_(series_ids), SeriesFigures.vanishes_at.is_not(None)))


def count(connection: Connection, before: float) -> int:
    """Return how many there are."""
    query = select(func.count()).select_from(Series).join(SeriesFigures, SeriesFigures.series_id == Series.id)
    return int(connection.execute(query.where(SeriesFigures.vanishes_at < before)).scalar_one())


def _read(connection: Connection, query: Select[int, int | None]) -> list[VanishingSeries]:
    deadlines = {series_id: deadline for series_id, deadline in connection.execute(query) if deadline is not None}
    rows = {row.id: series_of(row) for row in connection.execute(PLAIN.where(Series.id.in_(deadlines)))}
    return [
        VanishingSeries(rows[series_id], deadline) for series_id, deadline in deadlines.items() if series_id in rows
    ]
