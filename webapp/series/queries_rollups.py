"""Candles: made of bars by the database, and those that are kept ready, with the marks of what is stale.

Whoever changes bars calls ``mark`` in the same transaction; whoever rebuilds candles takes marks away in the
transaction that writes them. So a kept candle without a mark is right, whoever dies in between.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select, text

from webapp.database.raw_rows import fetched
from webapp.kernel.bars import Bar
from webapp.kernel.day_runs import DayRun
from webapp.kernel.intervals import DAY
from webapp.kernel.spans import Span, subtract
from webapp.series.tables import RollupStale, RollupState

Candle = tuple[int, float, float, float, float, float, int]
"""``(time, open, high, low, close, volume, rows)``: ``rows`` is how many bars it stands for."""

_COLUMNS = "time, open, high, low, close, volume, rows"
_MARK = text(
    "INSERT INTO rollup_stale (series_id, start, until)"
    " SELECT id, :start, :until FROM series WHERE id = :series AND interval NOT IN ('1d', '1wk', '1mo')"
    " ON CONFLICT (series_id, start) DO UPDATE SET until = excluded.until WHERE rollup_stale.until < excluded.until"
)
# Both databases cut towards zero when they divide, so times are counted from the run's start: none is negative.
_IN_DAY = "(time - :origin) % :length"
_DATE = f":label + (time - :origin) / :length * {DAY}"
_PLACE = (
    f"time - {_IN_DAY} + CASE WHEN {_IN_DAY} < :phase THEN 0 ELSE ({_IN_DAY} - :phase) / :step * :step + :phase END"
)


def _groups(bucket: str, level: int | None) -> str:
    """Return the query of candles. Open and close are looked up by their times, one by one.

    Neither database has a "first" and a "last" of a group; window functions take three times as long, and a join is
    thousands of look-ups or a scan of the whole series, as PostgreSQL's planner happens to guess.
    """
    table, rows, key = "bar", "count(*)", "series_id = :series"
    if level is not None:
        table, rows, key = "rollup", "sum(rows)", f"series_id = :series AND level = {level:d}"
    return (
        f"SELECT g.bucket, (SELECT open FROM {table} WHERE {key} AND time = g.opens), g.high, g.low,"
        f" (SELECT close FROM {table} WHERE {key} AND time = g.closes), g.volume, g.rows FROM ("
        f"SELECT {bucket} AS bucket, min(time) AS opens, max(time) AS closes,"
        f" max(high) AS high, min(low) AS low, sum(volume) AS volume, {rows} AS rows"
        f" FROM {table} WHERE {key} AND time >= :start AND time < :until GROUP BY 1) g"
    )


def _whole_groups(bucket: str) -> str:
    """Return the query of bars with their average price, weighted by volume, and their count of trades.

    Each is null when a bar has none; without any volume the average is the last bar's.
    """
    key = "series_id = :series"
    return (
        f"SELECT g.bucket, (SELECT open FROM bar WHERE {key} AND time = g.opens), g.high, g.low,"
        f" (SELECT close FROM bar WHERE {key} AND time = g.closes), g.volume,"
        f" CASE WHEN g.volume <> 0 THEN g.money / g.volume ELSE"
        f" (SELECT wap FROM bar WHERE {key} AND time = g.closes) END, g.trades FROM ("
        f"SELECT {bucket} AS bucket, min(time) AS opens, max(time) AS closes,"
        " max(high) AS high, min(low) AS low, sum(volume) AS volume,"
        " CASE WHEN count(wap) = count(*) THEN sum(wap * volume) END AS money,"
        " CASE WHEN count(count) = count(*) THEN CAST(sum(count) AS BIGINT) END AS trades"
        f" FROM bar WHERE {key} AND time >= :start AND time < :until GROUP BY 1) g ORDER BY 1"
    )


def mark(connection: Connection, series_id: int, span: Span) -> None:
    """Note, in the transaction that changes them, that bars in a span are not as they were.

    Marks begin at whole days, so that a series that nobody looks at has one a day at most.
    """
    values = {"series": series_id, "start": span.start - span.start % DAY, "until": span.end}
    connection.execute(_MARK, values)


def stale(connection: Connection, series_id: int) -> list[Span]:
    """Return the marks of a series by their start; they may overlap."""
    query = select(RollupStale.start, RollupStale.until).where(RollupStale.series_id == series_id)
    return [Span(start, until) for start, until in connection.execute(query.order_by(RollupStale.start))]


def settle(connection: Connection, series_id: int, done: Span | None = None) -> None:
    """Take the marks of a span away, all of them without one."""
    values = {"series": series_id}
    left = subtract(stale(connection, series_id), [done]) if done else []
    connection.execute(text("DELETE FROM rollup_stale WHERE series_id = :series"), values)
    _put_marks(connection, series_id, left)


def _put_marks(connection: Connection, series_id: int, spans: Iterable[Span]) -> None:
    query = text(
        "INSERT INTO rollup_stale (series_id, start, until) VALUES (:series, :start, :until)"
        " ON CONFLICT (series_id, start) DO UPDATE SET until = excluded.until WHERE rollup_stale.until < excluded.until"
    )
    for span in spans:
        connection.execute(query, {"series": series_id, "start": span.start, "until": span.end})


def clock_of(connection: Connection, series_id: int) -> str | None:
    """Return by which clock the kept candles were made; None while none are kept."""
    return connection.execute(select(RollupState.clock).where(RollupState.series_id == series_id)).scalar()


def restart(connection: Connection, series_id: int, clock: str, span: Span) -> None:
    """Drop what is kept of a series, and mark all its bars: they are to be merged by this clock."""
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
    made_of = None
    for level in levels:
        days = Span(run.label, run.bucket(run.span.end - 1, DAY) + 1) if level == DAY else run.span
        values = {"series": series_id, "level": level, "first": days.start, "last": days.end}
        connection.execute(
            text("DELETE FROM rollup WHERE series_id = :series AND level = :level AND time >= :first AND time < :last"),
            values,
        )
        made = _groups(_DATE if level == DAY else _PLACE, made_of)
        connection.execute(
            text(
                f"INSERT INTO rollup (series_id, level, {_COLUMNS}) SELECT :series, :level, made.* FROM ({made}) made"
            ),
            values | _values(series_id, run, level, run.span),
        )
        made_of = level


def grouped(connection: Connection, series_id: int, runs: Iterable[DayRun], step: int, span: Span) -> list[Candle]:
    """Return candles of ``step`` seconds (a day at most), ascending, made of the bars that start in a span."""
    return _read(connection, series_id, runs, step, span, None)


def grouped_whole(connection: Connection, series_id: int, runs: Iterable[DayRun], step: int, span: Span) -> list[Bar]:
    """Return what ``grouped`` does as bars, with average price and count, where the source gives them."""
    query = text(_whole_groups(_DATE if step == DAY else _PLACE))
    found: list[Bar] = []
    for run in runs:
        found += fetched(connection, query, _values(series_id, run, step, run.span.intersection(span)))
    return found


def merged(connection: Connection, series_id: int, runs: Iterable[DayRun], step: int, level: int) -> list[Candle]:
    """Return candles of ``step`` seconds (less than a day), ascending, made of kept ones of whole days."""
    return _read(connection, series_id, runs, step, None, level)


def _read(
    connection: Connection, series_id: int, runs: Iterable[DayRun], step: int, span: Span | None, level: int | None
) -> list[Candle]:
    query = text(_groups(_DATE if step == DAY else _PLACE, level) + " ORDER BY 1")
    found: list[Candle] = []
    for run in runs:
        part = run.span.intersection(span) if span else run.span
        found += fetched(connection, query, _values(series_id, run, step, part))
    return found


def _values(series_id: int, run: DayRun, step: int, span: Span) -> dict[str, int]:
    by_day = {"series": series_id, "start": span.start, "until": span.end, "origin": run.span.start}
    by_day |= {"length": run.length}
    return by_day | ({"label": run.label} if step == DAY else {"step": step, "phase": run.opening % step})


def kept(connection: Connection, series_id: int, level: int, span: Span) -> list[Candle]:
    """Return the kept candles of a level that start in a span (of dates for daily ones), ascending."""
    query = text(
        f"SELECT {_COLUMNS} FROM rollup"
        " WHERE series_id = :series AND level = :level AND time >= :start AND time < :until ORDER BY time"
    )
    values = {"series": series_id, "level": level, "start": span.start, "until": span.end}
    return fetched(connection, query, values)


def bars_in(connection: Connection, series_id: int, dates: Span) -> int:
    """Return how many bars the kept daily candles of a span of dates stand for."""
    query = text(
        "SELECT sum(rows) FROM rollup WHERE series_id = :series AND level = :level AND time >= :start AND time < :until"
    )
    values = {"series": series_id, "level": DAY, "start": dates.start, "until": dates.end}
    return int(connection.execute(query, values).scalar() or 0)
