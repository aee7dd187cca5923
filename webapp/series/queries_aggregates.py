"""Candles and larger bars, aggregated by the database: of bars, or of shorter candles that are kept ready."""

from collections.abc import Iterable

from sqlalchemy import Connection, text

from webapp.database.raw_rows import fetched
from webapp.kernel.bars import Bar
from webapp.kernel.day_runs import DayRun
from webapp.kernel.intervals import DAY
from webapp.kernel.spans import Span

Candle = tuple[int, float, float, float, float, float, int]
"""``(time, open, high, low, close, volume, rows)``: ``rows`` is how many bars it stands for."""

# Where the candle begins that a row belongs to: ``DayRun.bucket`` as SQL, for the days of one run.
#
# An example: candles of an hour, in a run of New York's days. ``origin`` is the midnight at which the run begins, and
# days are ``length`` = 86,400 seconds. Trading opens 34,200 seconds after midnight (9:30), so candles begin at half
# past: ``phase`` = 34,200 % 3,600 = 1,800. A bar of the third day at 12:10 has time - origin = 2 * 86,400 + 43,800.
# Its day begins at first + 2 * spacing (``first`` is the origin, ``spacing`` the length), and in that day
# (43,800 - 1,800) / 3,600 = 11, so that its candle begins after 11 * 3,600 + 1,800 = 41,400 seconds: at 11:30.
# Candles of a day begin at dates: ``first`` is the first day's date, ``spacing`` 86,400, and a step is the whole day.
#
# Both databases cut towards zero when they divide, so times are counted from the run's start: none is negative.
_START = (
    ":first + (time - :origin) / :length * :spacing + CASE WHEN (time - :origin) % :length < :phase THEN 0"
    " ELSE ((time - :origin) % :length - :phase) / :step * :step + :phase END"
)
# Open and close are looked up by their times, one by one. Neither database has a "first" and a "last" of a group;
# window functions take three times as long, and a join is thousands of look-ups or a scan of the whole series, as
# PostgreSQL's planner happens to guess.
CANDLES_OF_BARS = f"""
SELECT g.start, (SELECT open FROM bar WHERE series_id = :series AND time = g.opens),
    g.high, g.low, (SELECT close FROM bar WHERE series_id = :series AND time = g.closes), g.volume, g.rows
FROM (
    SELECT {_START} AS start, min(time) AS opens, max(time) AS closes,
        max(high) AS high, min(low) AS low, sum(volume) AS volume, count(*) AS rows
    FROM bar WHERE series_id = :series AND time >= :since AND time < :until GROUP BY 1
) g"""
CANDLES_OF_KEPT = f"""
SELECT g.start, (SELECT open FROM rollup WHERE series_id = :series AND level = :source AND time = g.opens),
    g.high, g.low, (SELECT close FROM rollup WHERE series_id = :series AND level = :source AND time = g.closes),
    g.volume, g.rows
FROM (
    SELECT {_START} AS start, min(time) AS opens, max(time) AS closes,
        max(high) AS high, min(low) AS low, sum(volume) AS volume, sum(rows) AS rows
    FROM rollup WHERE series_id = :series AND level = :source AND time >= :since AND time < :until GROUP BY 1
) g"""
# The average price is weighted by volume; without any volume it is the last bar's. It and the count of trades are null
# when a bar has none.
_BARS_OF_BARS = f"""
SELECT g.start, (SELECT open FROM bar WHERE series_id = :series AND time = g.opens),
    g.high, g.low, (SELECT close FROM bar WHERE series_id = :series AND time = g.closes), g.volume,
    CASE WHEN g.volume <> 0 THEN g.money / g.volume
        ELSE (SELECT wap FROM bar WHERE series_id = :series AND time = g.closes) END, g.trades
FROM (
    SELECT {_START} AS start, min(time) AS opens, max(time) AS closes,
        max(high) AS high, min(low) AS low, sum(volume) AS volume,
        CASE WHEN count(wap) = count(*) THEN sum(wap * volume) END AS money,
        CASE WHEN count(count) = count(*) THEN CAST(sum(count) AS BIGINT) END AS trades
    FROM bar WHERE series_id = :series AND time >= :since AND time < :until GROUP BY 1
) g ORDER BY 1"""


def aggregate_candles(
    connection: Connection, series_id: int, runs: Iterable[DayRun], step: int, span: Span
) -> list[Candle]:
    """Return candles of ``step`` seconds (a day at most), ascending, made of the bars that start in a span."""
    query = text(f"{CANDLES_OF_BARS} ORDER BY 1")
    candles: list[Candle] = []
    for run in runs:
        candles += fetched(connection, query, aggregation(series_id, run, step, run.span.intersection(span)))
    return candles


def aggregate_kept(
    connection: Connection, series_id: int, runs: Iterable[DayRun], step: int, level: int
) -> list[Candle]:
    """Return candles of ``step`` seconds (less than a day), ascending, made of the kept ones of whole days."""
    query = text(f"{CANDLES_OF_KEPT} ORDER BY 1")
    candles: list[Candle] = []
    for run in runs:
        candles += fetched(connection, query, aggregation(series_id, run, step, run.span) | {"source": level})
    return candles


def aggregate_bars(connection: Connection, series_id: int, runs: Iterable[DayRun], step: int, span: Span) -> list[Bar]:
    """Return what ``aggregate_candles`` does as bars, with average price and count, where the source gives them."""
    query = text(_BARS_OF_BARS)
    bars: list[Bar] = []
    for run in runs:
        bars += fetched(connection, query, aggregation(series_id, run, step, run.span.intersection(span)))
    return bars


def aggregation(series_id: int, run: DayRun, step: int, span: Span) -> dict[str, int]:
    """Return what the queries are handed for the rows of a run that start in a span."""
    values = {"series": series_id, "since": span.start, "until": span.end}
    values |= {"origin": run.span.start, "length": run.length}
    if step == DAY:
        return values | {"first": run.label, "spacing": DAY, "phase": 0, "step": run.length}
    return values | {"first": run.span.start, "spacing": run.length, "phase": run.opening % step, "step": step}
