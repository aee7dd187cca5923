"""Deleting series: nobody sees one from the first moment; its bars go afterwards, by the clock, a slice at a time."""

import datetime as dt
import logging
import time
from dataclasses import dataclass

from webapp.catalogue import queries_deletion as store
from webapp.context import Context
from webapp.database.transactions import reading, writing
from webapp.errors import ConflictError, NotFoundError, sentence
from webapp.series.existing import no_such_series, require_series
from webapp.series.queries_series import SeriesRow

log = logging.getLogger(__name__)

GRACE = dt.timedelta(minutes=10)
"""What is being read as a file when its series is deleted stays so long, so that the file does not end early."""
_ROWS_A_TRANSACTION = 50_000
"""So that a writer who waits for us waits a tenth of a second."""


class SeriesBusyError(ConflictError):
    """The series has a job that is not over."""

    def __init__(self, row: SeriesRow, job_id: int) -> None:
        super().__init__(
            sentence(
                "Collection %(job)d of %(symbol)s is not over. Cancel it first, then delete the series.",
                job=job_id,
                symbol=row.symbol,
            )
        )
        self.row = row
        self.job_id = job_id


@dataclass(frozen=True, slots=True)
class Deleted:
    """What became of several series that were to be deleted."""

    done: list[SeriesRow]
    refused: list[SeriesBusyError]


def delete(context: Context, series_id: int) -> SeriesRow:
    """Delete a series with all that is known of it, and return it as it was. The history of its jobs stays.

    :raises NotFoundError: when there is none of this id (any more).
    :raises SeriesBusyError: when one of its jobs is not over; nothing is changed then.
    """
    row = require_series(series_id)
    with writing() as connection:
        hidden = store.hide(connection, series_id, context.now())
        if hidden is None:
            raise no_such_series(series_id)
        if not isinstance(hidden, SeriesRow):
            raise SeriesBusyError(row, max(hidden))
    log.info("series %s (%s, %s, %s) was deleted", row.id, row.source, row.symbol, row.interval)
    return hidden


def delete_each(context: Context, series_ids: list[int]) -> Deleted:
    """Delete several series, each for itself; one that is gone already counts for nothing."""
    done, refused = [], []
    for series_id in series_ids:
        try:
            done.append(delete(context, series_id))
        except SeriesBusyError as busy:
            refused.append(busy)
        except NotFoundError:
            log.info("series %s had been deleted already", series_id)
    return Deleted(done, refused)


def purge(context: Context, seconds: float = 1.0) -> bool:
    """Delete what hidden series have left behind, for about so long; tell whether anything is left to do.

    It goes on where it stopped, whoever died in between; two who do it at once do no harm.
    """
    until = time.monotonic() + seconds
    before = context.now() - GRACE
    while True:
        with reading() as connection:
            series_id = store.hidden(connection, before)
        if series_id is None:
            return False
        with writing() as connection:
            store.delete_slice(connection, series_id, _ROWS_A_TRANSACTION)
        if time.monotonic() > until:
            return True
