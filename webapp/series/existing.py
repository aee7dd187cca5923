"""A series that must be there: found by its id, or an error that says there is none."""

from sqlalchemy import Connection

from webapp.database.transactions import reading
from webapp.errors import NotFoundError, sentence
from webapp.series import queries_series
from webapp.series.queries_series import SeriesRow


def require_series(series_id: int) -> SeriesRow:
    """Return a series, read in a transaction of its own.

    :raises NotFoundError: when there is none of this id.
    """
    with reading() as connection:
        return require_series_in(connection, series_id)


def require_series_in(connection: Connection, series_id: int) -> SeriesRow:
    """Return a series, read in the caller's transaction.

    :raises NotFoundError: when there is none of this id.
    """
    row = queries_series.get(connection, series_id)
    if row is None:
        raise no_such_series(series_id)
    return row


def no_such_series(series_id: int) -> NotFoundError:
    """Return the error that says so."""
    return NotFoundError(sentence("There is no series %(id)d.", id=series_id))
