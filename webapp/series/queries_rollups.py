"""Candles that are kept ready, made of bars by the database, with the marks of what is stale.

Whatever changes bars marks them in the same transaction (``queries_bars``); whoever rebuilds candles takes marks away
in the transaction that writes them. So a kept candle without a mark is right, whoever dies in between.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select, text

from webapp.database.raw_rows import fetched
from webapp.kernel.day_runs import DayRun
from webapp.kernel.intervals import DAY
from webapp.kernel.spans import Span, subtract
from webapp.series.queries_aggregates import CANDLES_OF_BARS, CANDLES_OF_KEPT, Candle, aggregation
from webapp.series.tables import RollupStale, RollupState

_COLUMNS = "time, open, high, low, close, volume, rows"
_MARK = text(
    "INSERT INTO rollup_stale (series_id, start, until)"
    " SELECT id, :start, :until FROM series WHERE id = :series AND interval NOT IN ('1d', '1wk', '1mo')"
    " ON CONFLICT (series_id, start) DO UPDATE SET until = excluded.until WHERE rollup_stale.until < excluded.until"
)


def mark_stale(connection: Connection, series_id: int, span: Span) -> None:
    """Note, in the transaction that changes them, that bars in a span are not as they were.

    Marks begin at whole days, so that a series that nobody looks at has one a day at most.
    """
    values = {"series": series_id, "start": span.start - span.start % DAY, "until": span.end}
    connection.execute(_MARK, values)


def stale_spans(connection: Connection, series_id: int) -> list[Span]:
    """Return the marks of a series by their start; they may overlap."""
    query = select(RollupStale.start, RollupStale.until).where(RollupStale.series_id == series_id)
    return [Span(start, until) for start, until in connection.execute(query.order_by(RollupStale.start))]


def clear_stale(connection: Connection, series_id: int, rebuilt: Span | None = None) -> None:
    """Take the marks of a span away, all of them without one."""
    values = {"series": series_id}
    still_stale = subtract(stale_spans(connection, series_id), [rebuilt]) if rebuilt else []
    connection.execute(text("DELETE FROM rollup_stale WHERE series_id = :series"), values)
    _put_marks(connection, series_id, still_stale)


def _put_marks(connection: Connection, series_id: int, spans: Iterable[Span]) -> None:
    query = text(
        "INSERT INTO rollup_stale (series_id, start, until) VALUES (:series, :start, :until)"
        " ON CONFLICT (series_id, start) DO UPDATE SET until = excluded.until WHERE rollup_stale.until < excluded.until"
    )
    for span in spans:
        connection.execute(query, {"series": series_id, "start": span.start, "until": span.end})


def stored_clock_name(connection: Connection, series_id: int) -> str | None:
    """Return by which clock the kept candles were made; None while none are kept."""
    return connection.execute(select(RollupState.clock).where(RollupState.series_id == series_id)).scalar()


def reset(connection: Connection, series_id: int, clock: str, span: Span) -> None:
    """Drop what is kept of a series, and mark all its bars: they are to be aggregated by this clock."""
    values = {"series": series_id, "clock": clock}
    state = text(
        "INSERT INTO rollup_state (series_id, clock) VALUES (:series, :clock)"
        " ON CONFLICT (series_id) DO UPDATE SET clock = excluded.clock"
    )
    connection.execute(state, values)
    for table in ("rollup", "rollup_stale"):
        connection.execute(text(f"DELETE FROM {table} WHERE series_id = :series"), values)
    _put_marks(connection, series_id, [span])


def rebuild(connection: Connection, series_id: int, run: DayRun, levels: Sequence[int]) -> None:
    """Make the kept candles of a run of days anew: the first level of bars, each other one of the level before."""
    source: int | None = None
    for level in levels:
        days = Span(run.label, run.bucket(run.span.end - 1, DAY) + 1) if level == DAY else run.span
        values = {"series": series_id, "level": level, "first": days.start, "last": days.end}
        connection.execute(
            text("DELETE FROM rollup WHERE series_id = :series AND level = :level AND time >= :first AND time < :last"),
            values,
        )
        candles = CANDLES_OF_BARS if source is None else CANDLES_OF_KEPT
        query = text(
            f"INSERT INTO rollup (series_id, level, {_COLUMNS}) SELECT :series, :level, c.* FROM ({candles}) c"
        )
        by_level = {"level": level} if source is None else {"level": level, "source": source}
        connection.execute(query, aggregation(series_id, run, level, run.span) | by_level)
        source = level


def read_kept(connection: Connection, series_id: int, level: int, span: Span) -> list[Candle]:
    """Return the kept candles of a level that start in a span (of dates for daily ones), ascending."""
    query = text(
        f"SELECT {_COLUMNS} FROM rollup"
        " WHERE series_id = :series AND level = :level AND time >= :start AND time < :until ORDER BY time"
    )
    values = {"series": series_id, "level": level, "start": span.start, "until": span.end}
    return fetched(connection, query, values)


def count_kept_bars(connection: Connection, series_id: int, dates: Span) -> int:
    """Return how many bars the kept daily candles of a span of dates stand for."""
    query = text(
        "SELECT sum(rows) FROM rollup WHERE series_id = :series AND level = :level AND time >= :start AND time < :until"
    )
    values = {"series": series_id, "level": DAY, "start": dates.start, "until": dates.end}
    return int(connection.execute(query, values).scalar() or 0)
