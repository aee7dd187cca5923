"""What others read of our files: DuckDB, Polars, pandas and PyArrow see the same instants, types, values and facts."""

import datetime as dt
import zoneinfo
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from tests.stored import Store, label, write_export
from webapp.exporting.files import open_export
from webapp.kernel.bars import Bar
from webapp.kernel.intervals import DAY, HOUR, Interval

NUMBERS = ("open", "high", "low", "close", "volume")
START = label("2024-03-08T00:00:00")
"""Two days before the clocks change in New York."""


@dataclass(frozen=True)
class Seen:
    """What a reader made of a file: bars' starts (epoch seconds), and each column of numbers with its type's name."""

    times: list[int]
    columns: dict[str, list[float]]
    types: frozenset[str]


def bars(step: int, count: int = 96) -> list[Bar]:
    return [
        (START + place * step, 0.1 + place, 0.3 + place, 1e-7, 100 / 3 + place, 5.0, None, None)
        for place in range(count)
    ]


def seconds(times: Sequence[dt.datetime | dt.date]) -> list[int]:
    """Return instants as epoch seconds; what names no zone, and dates, are UTC."""
    moments = [time if isinstance(time, dt.datetime) else dt.datetime.combine(time, dt.time()) for time in times]
    return [int((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()) for moment in moments]


def seen_of(times: Sequence[dt.datetime], values: dict[str, list[float]], types: Sequence[object]) -> Seen:
    return Seen(seconds(times), values, frozenset(map(str, types)))


def by_pandas(path: Path) -> Seen:
    if path.suffix == ".csv":
        frame = pd.read_csv(path, index_col="time", dtype={"volume": "float64"})
        frame.index = pd.to_datetime(frame.index, utc=True)  # offsets change with the clocks
    else:
        frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_feather(path)
    assert frame.index.name == "time"
    values = {name: frame[name].tolist() for name in NUMBERS}
    return seen_of(list(frame.index.to_pydatetime()), values, [frame[name].dtype for name in NUMBERS])


def by_polars(path: Path) -> Seen:
    if path.suffix == ".csv":
        frame = pl.read_csv(path, try_parse_dates=True, schema_overrides={"volume": pl.Float64})
    else:
        frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_ipc(path)
    values = {name: frame[name].to_list() for name in NUMBERS}
    return seen_of(frame["time"].to_list(), values, [frame.schema[name] for name in NUMBERS])


def by_arrow(path: Path) -> Seen:
    if path.suffix == ".csv":
        doubles = dict.fromkeys(NUMBERS, pa.float64())
        table = pyarrow.csv.read_csv(path, convert_options=pyarrow.csv.ConvertOptions(column_types=doubles))
    else:
        table = pq.read_table(path) if path.suffix == ".parquet" else pyarrow.feather.read_table(path)
    values = {name: table.column(name).to_pylist() for name in NUMBERS}
    return seen_of(table.column("time").to_pylist(), values, [table.schema.field(name).type for name in NUMBERS])


def by_duckdb(path: Path) -> Seen:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        if path.suffix == ".csv":
            source = connection.read_csv(str(path), dtype={"volume": "DOUBLE"})
        elif path.suffix == ".parquet":
            source = connection.read_parquet(str(path))
        else:
            source = connection.from_arrow(pyarrow.feather.read_table(path))
        columns = dict(zip(source.columns, source.types, strict=True))
        epochs = connection.execute("SELECT CAST(epoch(time) AS BIGINT) FROM source").fetchall()
        rows = source.project(", ".join(NUMBERS)).fetchall()
    values = {name: [row[place] for row in rows] for place, name in enumerate(NUMBERS)}
    return Seen([time for (time,) in epochs], values, frozenset(str(columns[name]) for name in NUMBERS))


READERS: dict[Callable[[Path], Seen], str] = {
    by_pandas: "float64",
    by_polars: "Float64",
    by_arrow: "double",
    by_duckdb: "DOUBLE",
}
"""Each reader, and what it calls a float of 64 bits."""


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
@pytest.mark.parametrize("interval", [Interval.D1, Interval.H1])
@pytest.mark.parametrize("fmt", ["csv", "parquet", "arrow"])
def test_every_reader_sees_the_same(
    store: Store, tmp_path: Path, fmt: str, interval: Interval, zone: str, read: Callable[[Path], Seen]
) -> None:
    series_id, stored = store.series(interval=interval), bars(DAY if interval is Interval.D1 else HOUR)
    store.put(series_id, stored)
    path = tmp_path / f"bars.{fmt}"
    path.write_bytes(b"".join(open_export(series_id, fmt, zone=zone).chunks))
    seen = read(path)
    assert seen.times == [bar[0] for bar in stored]
    assert seen.columns == {name: [bar[place] for bar in stored] for place, name in enumerate(NUMBERS, start=1)}
    assert seen.types == {READERS[read]}


@pytest.mark.parametrize("fmt", ["parquet", "arrow"])
def test_every_reader_finds_what_the_figures_are(store: Store, tmp_path: Path, fmt: str) -> None:
    series_id = store.series()
    store.facts(series_id, currency="GBp", timezone="Europe/London")
    store.put(series_id, bars(DAY))
    path = tmp_path / f"bars.{fmt}"
    with path.open("wb") as stream:
        write_export(series_id, fmt, "splits", stream)
    schema = pq.read_schema(path) if fmt == "parquet" else pyarrow.feather.read_table(path).schema
    facts = {"symbol": "AAPL", "source": "yahoo", "interval": "1d", "currency": "GBp", "adjustment": "splits"}
    assert facts.items() <= {key.decode(): value.decode() for key, value in schema.metadata.items()}.items()
    if fmt == "parquet":
        assert facts.items() <= pl.read_parquet_metadata(path).items()
        with duckdb.connect() as connection:
            rows = connection.execute("SELECT key, value FROM parquet_kv_metadata(?)", [str(path)]).fetchall()
        assert facts.items() <= {bytes(key).decode(): bytes(value).decode() for key, value in rows}.items()


def test_the_hour_that_comes_twice_is_two_instants_for_every_reader(store: Store, tmp_path: Path) -> None:
    autumn = label("2024-11-03T04:00:00")
    series_id = store.series(interval=Interval.H1)
    stored: list[Bar] = [(autumn + place * HOUR, 1.0, 1.0, 1.0, 1.0, 1.0, None, None) for place in range(6)]
    store.put(series_id, stored)
    assert len({dt.datetime.fromtimestamp(bar[0], zoneinfo.ZoneInfo("America/New_York")).hour for bar in stored}) == 5
    for fmt in ("csv", "parquet", "arrow"):
        path = tmp_path / f"bars.{fmt}"
        path.write_bytes(b"".join(open_export(series_id, fmt, zone="America/New_York").chunks))
        assert {reader.__name__: reader(path).times for reader in READERS} == {
            reader.__name__: [bar[0] for bar in stored] for reader in READERS
        }
