"""Reading many bars with little memory: by pages, and single closes."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Connection, text

from webapp.database.raw_rows import fetched, streamed
from webapp.extensions import db
from webapp.kernel.bars import Bar, ShortBar
from webapp.kernel.spans import Span

_COLUMNS = "time, open, high, low, close, volume, wap, count"
_PAGE = text(
    f"SELECT {_COLUMNS} FROM bar WHERE series_id = :series AND time >= :start AND time < :end ORDER BY time LIMIT :most"
)
_CLOSE = text("SELECT time, close FROM bar WHERE series_id = :series AND time < :before ORDER BY time DESC LIMIT 1")
_SHORT = text(
    "SELECT time, open, high, low, close, volume FROM bar"
    " WHERE series_id = :series AND time >= :start AND time < :end ORDER BY time LIMIT :most"
)
_NTH = text(
    "SELECT time FROM bar WHERE series_id = :series AND time >= :start AND time < :end ORDER BY time"
    " LIMIT 1 OFFSET :most"
)
_HAS_WAP = text(
    "SELECT EXISTS (SELECT 1 FROM (SELECT wap, count FROM bar WHERE series_id = :series ORDER BY time DESC LIMIT 1000)"
    " AS newest WHERE wap IS NOT NULL OR count IS NOT NULL)"
)
_ALL = 2**62

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


def page(connection: Connection, series_id: int, span: Span, limit: int = _ALL) -> list[Bar]:
    """Return the first ``limit`` bars of a series that start in ``span``, ascending."""
    return fetched(connection, _PAGE, _values(series_id, span, limit))


def short_page(connection: Connection, series_id: int, span: Span, limit: int = _ALL) -> list[ShortBar]:
    """Return the first ``limit`` bars of a series that start in ``span``, ascending, up to their volume."""
    return fetched(connection, _SHORT, _values(series_id, span, limit))


def short_rows(connection: Connection, series_id: int, span: Span, limit: int) -> Iterator[ShortBar]:
    """Yield what ``short_page`` returns, one by one; to be used up before anything else is asked."""
    return streamed(connection, _SHORT, _values(series_id, span, limit))


def nth_time(connection: Connection, series_id: int, span: Span, count: int) -> int | None:
    """Return the start of the bar after the first ``count`` ones of ``span``, or None when there are not so many."""
    time = connection.execute(_NTH, _values(series_id, span, count)).scalar()
    return None if time is None else int(time)


def _values(series_id: int, span: Span, limit: int) -> dict[str, int]:
    return {"series": series_id, "start": span.start, "end": span.end, "most": limit}


def last_close(connection: Connection, series_id: int, before: int) -> tuple[int, float] | None:
    """Return start and close of the last bar of a series that starts before an instant, or None."""
    row = connection.execute(_CLOSE, {"series": series_id, "before": before}).first()
    return (int(row.time), float(row.close)) if row else None


def has_wap(connection: Connection, series_id: int) -> bool:
    """Tell whether the source gives average prices and counts of trades: one of the newest bars has them.

    A single bar may lack them, because nobody traded; a source that has none has none in ten million bars.
    """
    return bool(connection.execute(_HAS_WAP, {"series": series_id}).scalar_one())
