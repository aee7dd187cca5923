"""Reading many bars with little memory: by pages, by groups, and single closes."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Connection, text

from webapp.domain.bars import Bar
from webapp.domain.spans import Span
from webapp.extensions import db

_COLUMNS = "time, open, high, low, close, volume, wap, count"
_PAGE = text(
    f"SELECT {_COLUMNS} FROM bar WHERE series_id = :series AND time >= :start AND time < :end ORDER BY time LIMIT :most"
)
_CLOSE = text("SELECT time, close FROM bar WHERE series_id = :series AND time < :before ORDER BY time DESC LIMIT 1")
# Open and close are found again by their times: neither database has a plain "first" or "last" of a group.
_GROUPS = text(
    "SELECT g.bucket, opening.open, g.high, g.low, closing.close, g.volume FROM ("
    " SELECT time / :step * :step AS bucket, min(time) AS opens, max(time) AS closes,"
    " max(high) AS high, min(low) AS low, sum(volume) AS volume"
    " FROM bar WHERE series_id = :series AND time >= :start AND time < :end GROUP BY bucket"
    ") g JOIN bar opening ON opening.series_id = :series AND opening.time = g.opens"
    " JOIN bar closing ON closing.series_id = :series AND closing.time = g.closes ORDER BY g.bucket"
)

Reading = Callable[[], AbstractContextManager[Connection]]


def reader() -> Reading:
    """Return ``transactions.reading`` bound to the current application's database.

    A stream is read after the request and its application context have gone.
    """
    engine = db.engine

    @contextmanager
    def reading() -> Iterator[Connection]:
        with engine.connect() as connection, connection.begin():
            yield connection

    return reading


def page(connection: Connection, series_id: int, span: Span, most: int) -> list[Bar]:
    """Return the first ``most`` bars of a series that start in ``span``, ascending."""
    values = {"series": series_id, "start": span.start, "end": span.end, "most": most}
    return [tuple(row) for row in connection.execute(_PAGE, values)]


def last_close(connection: Connection, series_id: int, before: int) -> tuple[int, float] | None:
    """Return start and close of the last bar of a series that starts before an instant, or None."""
    row = connection.execute(_CLOSE, {"series": series_id, "before": before}).first()
    return (int(row.time), float(row.close)) if row else None


def groups(connection: Connection, series_id: int, span: Span, step: int) -> list[Bar]:
    """Return the bars of ``span`` merged into buckets of ``step`` seconds that begin on multiples of it, ascending.

    First open, highest, lowest, last close, summed volume; ``wap`` and ``count`` are dropped.
    """
    values = {"series": series_id, "start": span.start, "end": span.end, "step": step}
    return [(*row, None, None) for row in connection.execute(_GROUPS, values)]


def has_wap(connection: Connection, series_id: int) -> bool:
    """Tell whether the source gives average prices: the newest bar has one."""
    query = text("SELECT wap FROM bar WHERE series_id = :series ORDER BY time DESC LIMIT 1")
    return connection.execute(query, {"series": series_id}).scalar() is not None
