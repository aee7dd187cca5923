"""Exports: exact text, typed files, names that every system takes, little memory."""

import datetime as dt
import io
import threading
import tracemalloc
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stored import Store, label, write_export
from webapp.errors import InvalidRequestError, NotFoundError
from webapp.exporting.archive import open_file
from webapp.exporting.files import open_export
from webapp.exporting.names import file_name, safe_symbol
from webapp.exporting.rules_exports import ExportRequest
from webapp.kernel.bars import Action, Bar
from webapp.kernel.intervals import DAY, Interval


def text_of(series_id: int, adjust: str = "splits") -> list[str]:
    stream = io.BytesIO()
    write_export(series_id, "csv", adjust, stream)
    return stream.getvalue().decode().splitlines()


def test_minutes_are_written_with_instants_and_unrounded_prices(store: Store) -> None:
    series_id = store.series(interval=Interval.M1)
    start = label("2024-03-01T14:30:00")
    store.put(
        series_id,
        [
            (start, 125.01000213623047, 126.0, 124.5, 125.5, 12345.0, None, None),
            (start + 60, 0.1, 0.30000000000000004, 1e-07, 0.2, 0.5, None, None),
        ],
    )
    assert text_of(series_id) == [
        "time,open,high,low,close,volume",
        "2024-03-01T14:30:00Z,125.01000213623047,126.0,124.5,125.5,12345",
        "2024-03-01T14:31:00Z,0.1,0.30000000000000004,1e-07,0.2,0.5",
    ]


@pytest.mark.parametrize("interval", [Interval.D1, Interval.W1, Interval.MO1])
def test_dated_bars_are_written_with_dates_even_before_1970(store: Store, interval: Interval) -> None:
    series_id = store.series(interval=interval)
    store.put(series_id, [(label(day), 1.0, 1.0, 1.0, 1.0, 0.0, None, None) for day in ("1962-01-02", "2024-02-29")])
    assert [line.split(",")[0] for line in text_of(series_id)[1:]] == ["1962-01-02", "2024-02-29"]


def test_average_and_count_are_written_where_the_source_gives_them(store: Store) -> None:
    series_id = store.series()
    store.put(series_id, [(0, 1.0, 2.0, 0.5, 1.5, 7.0, None, None), (DAY, 1.0, 2.0, 0.5, 1.5, 7.0, 1.25, 3)])
    assert text_of(series_id) == [
        "time,open,high,low,close,volume,wap,count",
        "1970-01-01,1.0,2.0,0.5,1.5,7,,",
        "1970-01-02,1.0,2.0,0.5,1.5,7,1.25,3",
    ]


def test_as_traded_and_fully_adjusted_are_written_on_demand(store: Store) -> None:
    series_id = store.series()
    store.put(
        series_id, [(0, 50.0, 50.0, 50.0, 50.0, 40.0, None, None), (DAY, 49.0, 49.0, 49.0, 49.0, 40.0, None, None)]
    )
    store.act(series_id, Action("split", DAY, 2.0), Action("dividend", DAY, 1.0))
    assert text_of(series_id, "none")[1] == "1970-01-01,100.0,100.0,100.0,100.0,20"
    assert text_of(series_id, "all")[1] == "1970-01-01,49.0,49.0,49.0,49.0,40"


def test_a_last_bar_without_an_average_takes_away_nobody_elses(store: Store) -> None:
    series_id = store.series(source="ibkr")
    prices = (1.0, 1.0, 1.0, 1.0, 1.0)
    store.put(series_id, [(0, *prices, 1.5, 3), (86_400, *prices, None, None)])
    assert text_of(series_id)[1:] == ["1970-01-01,1.0,1.0,1.0,1.0,1,1.5,3", "1970-01-02,1.0,1.0,1.0,1.0,1,,"]


def test_the_farthest_last_day_is_no_limit(store: Store) -> None:
    series_id = store.series(interval=Interval.H1)
    store.put(series_id, many(3))
    request = ExportRequest((series_id,), end=dt.date.max)
    assert len(b"".join(open_file(request, store.now).chunks).splitlines()) == 4


def test_an_empty_series_is_a_header(store: Store) -> None:
    assert text_of(store.series()) == ["time,open,high,low,close,volume"]


def many(count: int) -> list[Bar]:
    return [(60 * n, 1.5 + n % 7, 9.0, 1.0, 2.0 + n % 5, float(n), None, None) for n in range(count)]


@pytest.mark.parametrize("fmt", ["parquet", "arrow"])
def test_a_table_holds_the_same_bars_with_their_types(store: Store, fmt: str) -> None:
    series_id = store.series(interval=Interval.M1)
    store.facts(series_id, currency="GBp", timezone="Europe/London")
    bars = many(60_001)
    store.put(series_id, bars)
    stream = io.BytesIO()
    write_export(series_id, fmt, "all", stream)
    stream.seek(0)
    table = pq.read_table(stream) if fmt == "parquet" else pyarrow.feather.read_table(stream)
    assert table.schema.field("time").type == pa.timestamp("us", tz="UTC")
    assert {str(table.schema.field(name).type) for name in ("open", "high", "low", "close", "volume")} == {"double"}
    assert table.column("close").to_pylist() == [bar[4] for bar in bars]
    assert [int(t.timestamp()) for t in table.column("time").slice(59_999).to_pylist()] == [59_999 * 60, 60_000 * 60]
    facts = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    expected = {"symbol": "AAPL", "source": "yahoo", "interval": "1m", "currency": "GBp", "adjustment": "all"}
    assert expected.items() <= facts.items()


@pytest.mark.parametrize("fmt", ["parquet", "arrow"])
def test_a_table_of_days_has_dates_and_counts(store: Store, fmt: str) -> None:
    series_id = store.series()
    store.put(series_id, [(-DAY, 1.0, 2.0, 0.5, 1.5, 7.0, 1.25, 3)])
    stream = io.BytesIO()
    write_export(series_id, fmt, "splits", stream)
    stream.seek(0)
    table = pq.read_table(stream) if fmt == "parquet" else pyarrow.feather.read_table(stream)
    assert table.schema.field("time").type == pa.timestamp("us", tz="UTC")
    assert table.schema.field("count").type == pa.float64()
    (row,) = table.to_pylist()
    assert (str(row["time"]), row["wap"], row["count"]) == ("1969-12-31 00:00:00+00:00", 1.25, 3)


@pytest.mark.parametrize("fmt", ["parquet", "arrow"])
def test_an_empty_table_can_be_read(store: Store, fmt: str) -> None:
    stream = io.BytesIO()
    write_export(store.series(), fmt, "splits", stream)
    stream.seek(0)
    table = pq.read_table(stream) if fmt == "parquet" else pyarrow.feather.read_table(stream)
    assert table.num_rows == 0


def test_a_stream_goes_on_without_the_application_and_beside_a_writer(store: Store) -> None:
    series_id = store.series(interval=Interval.M1)
    store.put(series_id, many(30_000))
    chunks = open_export(series_id, "csv").chunks
    pieces = [next(chunks), next(chunks)]
    store.put(series_id, [(10**9, 1.0, 1.0, 1.0, 1.0, 1.0, None, None)])  # no transaction of ours keeps it waiting
    reader = threading.Thread(target=lambda: pieces.extend(chunks))  # a thread knows no application context
    reader.start()
    reader.join()
    lines = b"".join(pieces).decode().splitlines()
    assert len(lines) == 30_002
    assert lines == [lines[0], *sorted(set(lines[1:]))]


def test_an_export_needs_little_memory(store: Store) -> None:
    series_id = store.series(interval=Interval.M1)
    store.put(series_id, many(100_000))
    tracemalloc.start()
    for chunk in open_export(series_id, "csv").chunks:
        assert len(chunk) < 1_000_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 15_000_000


def test_what_cannot_be_exported_is_said_before_anything_is_sent(store: Store) -> None:
    series_id = store.series()
    with pytest.raises(NotFoundError):
        open_export(4711, "csv")
    for fmt, adjust, field in (("xls", "splits", "format"), ("csv", "some", "adjust")):
        with pytest.raises(InvalidRequestError) as caught:
            open_export(series_id, fmt, adjust)
        assert list(caught.value.fields) == [field]


@pytest.mark.parametrize(
    ("symbol", "safe"),
    [
        ("BRK-B", "BRK-B"),
        ("^GSPC", "%5EGSPC"),
        ("EURUSD=X", "EURUSD%3DX"),
        ("CON", "%43ON"),
        ("con.L", "%63on.L"),
        ("CONN", "CONN"),
        ("LPT1", "%4CPT1"),
        ("A.", "A%2E"),
        ("../x", "..%2Fx"),
    ],
)
def test_a_symbol_is_safe_in_a_file_name(symbol: str, safe: str) -> None:
    assert safe_symbol(symbol) == safe
    assert unquote(safe) == symbol


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
def test_every_symbol_can_be_read_back_from_its_file_name(symbol: str) -> None:
    safe = safe_symbol(symbol)
    assert unquote(safe) == symbol
    assert not set(safe) & set('<>:"/\\|?*~ \n')


def test_a_name_says_what_is_unusual() -> None:
    assert file_name("yahoo", "AAPL", "1d", "", "splits", "csv") == "AAPL_1d_yahoo.csv"
    assert file_name("yahoo", "AAPL", "1m", "prepost", "all", "parquet") == "AAPL_1m_yahoo_prepost_all.parquet"
