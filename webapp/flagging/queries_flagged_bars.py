"""The bars around a suspicious one, at its own source and at the other, and taking one out of its series or back."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from webapp.database.raw_rows import fetched
from webapp.kernel.bars import Bar
from webapp.kernel.spans import Span
from webapp.series import queries_bars

_COLUMNS = "time, open, high, low, close, volume, wap, count"
_BEFORE = text(f"SELECT {_COLUMNS} FROM bar WHERE series_id = :series AND time < :time ORDER BY time DESC LIMIT :most")
_AFTER = text(f"SELECT {_COLUMNS} FROM bar WHERE series_id = :series AND time > :time ORDER BY time LIMIT :most")
# The moment of the last write says which splits the bars contain, and nothing came from the source now. It moves by a
# microsecond all the same, so that whoever keeps what was made of the bars sees that they are others.
_COUNT = text(
    "UPDATE series SET rows = rows + :more, updated_at = updated_at + 1,"
    " first_bar = (SELECT min(time) FROM bar WHERE series_id = :series),"
    " last_bar = (SELECT max(time) FROM bar WHERE series_id = :series) WHERE id = :series"
)


def before(connection: Connection, series_id: int, time: int, limit: int) -> list[Bar]:
    """Return the last ``limit`` bars that start before an instant, ascending."""
    return fetched(connection, _BEFORE, {"series": series_id, "time": time, "most": limit})[::-1]


def after(connection: Connection, series_id: int, time: int, limit: int) -> list[Bar]:
    """Return the first ``limit`` bars that start after an instant, ascending."""
    return fetched(connection, _AFTER, {"series": series_id, "time": time, "most": limit})


def bar_at(connection: Connection, series_id: int, time: int) -> Bar | None:
    """Return a stored bar, or None."""
    bars = queries_bars.read(connection, series_id, Span(time, time + 1))
    return bars[0] if bars else None


def take_out(connection: Connection, series_id: int, time: int) -> None:
    """Take a bar out of its series."""
    gone = queries_bars.delete_at(connection, series_id, time)
    connection.execute(_COUNT, {"series": series_id, "more": -gone})


def put_back(connection: Connection, series_id: int, bar: Bar) -> None:
    """Put a bar back into its series."""
    added = queries_bars.upsert(connection, series_id, [bar])
    connection.execute(_COUNT, {"series": series_id, "more": added})


def closes(connection: Connection, series_ids: Sequence[int], time: int) -> dict[int, float]:
    """Return the closes of the bars of several series that start at an instant, by series."""
    bars = {series_id: bar_at(connection, series_id, time) for series_id in series_ids}
    return {series_id: bar[4] for series_id, bar in bars.items() if bar is not None}
