"""How fast stored bars are read: charts, CSV, tables and DataFrames, beside what people would write by hand.

``python -m tests.bench.reading`` makes a database of 11 million bars in a folder of its own (a minute), and measures
for some minutes; ``make bench`` runs it. With ``--quick`` it makes do with fewer bars and takes about a minute.
"""

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import text

from tests.bench.beside import ROUNDS, Row, beside, in_turns, is_quick, memory_of, tell, wall
from tests.bench.stock import FIRST, Minutes, minutes, stock
from tests.bench.years import daily_years
from tests.stored import Store
from webapp.exporting.files import open_export
from webapp.extensions import db
from webapp.job_manager import JobManager

_MB = 2**20
_ROUNDS = 3 if is_quick() else ROUNDS
_COLUMNS = "time, open, high, low, close, volume"
_ZOOMS = (10**8, 5_000_000, 1_000_000, 500_000, 250_000, 120_000, 60_000, 58_000, 29_000, 9_500, 2_000)
_GROUPED = (
    "SELECT g.bucket, a.open, g.high, g.low, z.close, g.volume FROM (SELECT time / :step * :step AS bucket,"
    " min(time) AS opens, max(time) AS closes, max(high) AS high, min(low) AS low, sum(volume) AS volume"
    " FROM bar WHERE series_id = :series GROUP BY bucket) g"
    " JOIN bar a ON a.series_id = :series AND a.time = g.opens"
    " JOIN bar z ON z.series_id = :series AND z.time = g.closes ORDER BY g.bucket"
)


@dataclass(frozen=True)
class Bench:
    """Where things are read from."""

    store: Store
    folder: Path
    series: Minutes

    @property
    def query(self) -> str:
        """The statement that reads all bars."""
        return f"SELECT {_COLUMNS} FROM bar WHERE series_id = {self.series.id} ORDER BY time"

    def connect(self) -> sqlite3.Connection:
        """Return a plain connection, set up as the product's own are."""
        connection = sqlite3.connect(self.folder / "bench.db")
        connection.execute("PRAGMA mmap_size=268435456")
        return connection


def charts(bench: Bench) -> list[Row]:
    """Ask for the chart's JSON over HTTP at many zooms, in the middle of the series."""
    series, client = bench.series, bench.store.app.test_client()
    worst, largest = 0.0, 0
    middle = FIRST + 30 * series.bars + 1234 * 60
    for bars in _ZOOMS:
        for adjust in ("splits", "all"):
            url = f"/series/{series.id}/candles.json?adjust={adjust}"
            if bars < series.bars:
                url += f"&start={middle - 30 * bars}&end={middle + 30 * bars}"
            answer = client.get(url)
            assert answer.status_code == 200
            assert len(answer.get_json()["time"]) <= 2000
            largest = max(largest, len(answer.data))
            worst = max(worst, wall(lambda url=url: client.get(url), 5))  # type: ignore[misc]  # called at once
    name = f"{series.name} → candles, worst zoom"
    with db.engine.connect() as connection:
        values = {"series": series.id, "step": -(-series.bars // 2000) * 60}
        grouped = wall(lambda: connection.execute(text(_GROUPED), values).all(), 3)
    return [
        Row(name, worst * 1000, "ms", "GROUP BY", grouped * 1000, worst * 1000, 60),
        Row(f"{name}, JSON", largest / 1000, "kB", "", None, largest / 1000, 200),
        Row(f"{name}, made ready once", series.seconds, "s", "", None, series.seconds, None),
    ]


def _export(bench: Bench, fmt: str) -> None:
    with (bench.folder / f"ours.{fmt}").open("wb") as stream:
        stream.writelines(open_export(bench.series.id, fmt).chunks)


def csv_files(bench: Bench) -> list[Row]:
    """Write CSV files in processes of their own, as the command does, and as a web process does, which has threads."""
    rows: list[Row] = []
    for threads in ("0", "1"):
        command = [sys.executable, "-m", "tests.bench.csv_files", str(bench.folder), str(bench.series.id), threads]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        rows += [Row(**told) for told in json.loads(done.stdout)]
    return rows


def frames(bench: Bench) -> list[Row]:
    """Make a DataFrame; two processes share the work, so what is compared is how long one waits."""
    works = {
        "ours": lambda: JobManager.bars(bench.series.symbol, interval="1m"),
        "read_sql, SQLAlchemy engine": lambda: pd.read_sql(bench.query, db.engine),
        "read_sql, sqlite3 connection": lambda: pd.read_sql(bench.query, bench.connect()),
    }
    taken = in_turns(works, _ROUNDS, time.perf_counter)
    bare = None if is_quick() else 0.5  # of few bars, the start of the process that reads them is a third
    return [
        beside(f"{bench.series.name} → DataFrame", taken, "read_sql, SQLAlchemy engine", 0.4),
        beside(f"{bench.series.name} → DataFrame", taken, "read_sql, sqlite3 connection", bare),
    ]


def wide_frame(store: Store) -> list[Row]:
    """Make a wide frame of the closes of many daily series, as everybody waits for it."""
    symbols = daily_years(store, 100 if is_quick() else 500)
    name = f"{len(symbols)} daily series of ten years → wide DataFrame"
    seconds = wall(lambda: JobManager.bars(symbols, field="close"), 5)
    adjusted = wall(lambda: JobManager.bars(symbols, field="close", adjust="all"), 3)
    return [
        Row(name, seconds, "s", "", None, seconds, 2.0),
        Row(f"{name}, dividends taken out", adjusted, "s", "", None, adjusted, None),
    ]


def _fetched_parquet(bench: Bench) -> None:
    names = _COLUMNS.split(", ")
    schema = pa.schema([(names[0], pa.int64()), *((name, pa.float64()) for name in names[1:])])
    with (
        bench.connect() as connection,
        pq.ParquetWriter(bench.folder / "peer.parquet", schema, compression="zstd") as writer,
    ):
        cursor = connection.execute(bench.query)
        while rows := cursor.fetchmany(50_000):
            writer.write_batch(pa.record_batch([pa.array(column) for column in zip(*rows, strict=True)], schema=schema))


def tables(bench: Bench) -> list[Row]:
    """Write Parquet and Arrow files."""
    name = "fetchmany → pyarrow, Parquet"
    works = {"ours": lambda: _export(bench, "parquet"), name: lambda: _fetched_parquet(bench)}
    rows = [beside(f"{bench.series.name} → Parquet", in_turns(works, _ROUNDS), name, None)]
    for fmt, limit in (("parquet", 60.0), ("arrow", 30.0)):
        grown = memory_of(open_export(bench.series.id, fmt).chunks) / _MB
        rows.append(Row(f"{bench.series.name} → {fmt.title()}, memory more", grown, "MB", "", None, grown, limit))
    return rows


def main() -> int:
    """Make the database, measure, and tell."""
    with tempfile.TemporaryDirectory(prefix="moisson-bench-") as name, stock(Path(name)) as store:
        started = time.perf_counter()
        most = 400_000 if is_quick() else 1_000_000
        small, large = minutes(store, most), minutes(store, 10 * most)
        sys.stderr.write(f"{11 * most} bars made in {time.perf_counter() - started:.0f} s\n")
        bench = Bench(store, Path(name), small)
        rows = csv_files(bench) + tables(bench) + frames(bench) + wide_frame(store)
        on_small, on_large = charts(bench), charts(Bench(store, Path(name), large))
        flat = on_large[0].ours / on_small[0].ours
        growth = Row("candles, ten times the bars", on_large[0].ours, "ms", "fewer", on_small[0].ours, flat, 1.5)
        return tell([*on_small, *on_large, growth, *rows])


if __name__ == "__main__":
    sys.exit(main())
