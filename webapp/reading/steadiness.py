"""Whether a series stayed what it was while it was read, by many short transactions that see what others commit."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.catalogue import queries_deletion
from webapp.catalogue.deletion import GRACE
from webapp.context import context
from webapp.errors import ConflictError, sentence
from webapp.series import queries_bar_pages, queries_rebasing
from webapp.series.queries_bar_pages import Reading


class SeriesChangedError(ConflictError):
    """A series was re-based or deleted while it was read: what was read so far does not belong together."""


@dataclass(frozen=True, slots=True)
class Steadiness:
    """What a series was when it was opened; it may be checked after the application context has gone."""

    series_id: int
    rebasings: int
    reading: Reading
    now: Callable[[], dt.datetime]

    def check(self) -> None:
        """Make sure, in a transaction of its own, that all that was read by now belongs together.

        :raises SeriesChangedError: when not; whoever opens the series anew gets it on its new basis.
        """
        with self.reading() as connection:
            rebasings, is_there = queries_rebasing.read_basis(connection, self.series_id)
            is_gone = not is_there and queries_deletion.is_going(connection, self.series_id, self.now() - GRACE)
        if rebasings != self.rebasings or is_gone:
            raise SeriesChangedError(
                sentence(
                    "The series was changed from the ground up while it was read (a split, or deleted). Try again."
                )
            )


def steadiness(connection: Connection, series_id: int) -> Steadiness:
    """Return what a series is now, to be asked later whether it still is."""
    count = queries_rebasing.count_rebasings(connection, series_id)
    return Steadiness(series_id, count, queries_bar_pages.reader(), context().now)
