"""Many series as one ZIP: whole, streamed, and harmless to whoever opens it in a spreadsheet."""

import csv
import io
import tracemalloc
import zipfile

import pandas as pd
import pytest

from tests.stored import NOON, Store
from webapp.errors import NotFoundError
from webapp.exporting.archive import open_archive, open_file
from webapp.exporting.files import open_export
from webapp.exporting.names import safe_symbol, safe_text
from webapp.exporting.preview import preview
from webapp.exporting.rules_exports import ExportRequest
from webapp.kernel.intervals import DAY, Interval

EVIL = "=cmd|' /C calc'!A0"


def days(store: Store, symbol: str, count: int, **facts: str) -> int:
    series_id = store.series(symbol)
    if facts:
        store.facts(series_id, **facts)
    store.put(series_id, [(DAY * n, 1.5, 2.0, 1.0, 1.25 + n % 7, 10.0 + n, None, None) for n in range(count)])
    return series_id


def archive_of(request: ExportRequest) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(io.BytesIO(b"".join(open_file(request, NOON).chunks)))
    assert archive.testzip() is None
    return archive


def manifest_of(archive: zipfile.ZipFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read("series.csv").decode())))


@pytest.mark.parametrize("fmt", ["csv", "parquet", "arrow"])
def test_each_file_is_that_of_the_series_alone(store: Store, fmt: str) -> None:
    ids = (days(store, "AAPL", 30), days(store, "^GSPC", 3))
    archive = archive_of(ExportRequest(ids, fmt))
    assert archive.namelist() == [f"AAPL_1d_yahoo.{fmt}", f"%5EGSPC_1d_yahoo.{fmt}", "series.csv"]
    for series_id, name in zip(ids, archive.namelist(), strict=False):
        assert archive.read(name) == b"".join(open_export(series_id, fmt).chunks)


def test_what_pandas_reads_is_what_is_stored(store: Store) -> None:
    archive = archive_of(ExportRequest((days(store, "AAPL", 30), days(store, "MSFT", 3)), "parquet"))
    frame = pd.read_parquet(io.BytesIO(archive.read("AAPL_1d_yahoo.parquet")))
    assert frame["close"].tolist() == [1.25 + n % 7 for n in range(30)]
    assert frame["volume"].tolist() == [10.0 + n for n in range(30)]


def test_the_list_says_what_each_file_holds(store: Store) -> None:
    full = days(store, "AAPL", 30, name="Apple Inc.", currency="USD", exchange="NasdaqGS", timezone="America/New_York")
    empty = store.silence(store.series("NOTHING", Interval.M1))
    lines = manifest_of(archive_of(ExportRequest((full, empty), adjust="all")))
    assert lines[0] == {
        "file": "AAPL_1d_yahoo_all.csv",
        "symbol": "AAPL",
        "name": "Apple Inc.",
        "source": "yahoo",
        "interval": "1d",
        "variant": "",
        "currency": "USD",
        "exchange": "NasdaqGS",
        "rows": "30",
        "first": "1970-01-01",
        "last": "1970-01-30",
        "adjustment": "all",
        "timezone": "",
    }
    assert (lines[1]["rows"], lines[1]["first"], lines[1]["timezone"]) == ("0", "", "UTC")


def test_no_cell_is_a_formula_and_no_name_leaves_the_folder(store: Store) -> None:
    ids = (
        days(store, EVIL, 2, name="@SUM(1+1)", exchange="+1", currency="-X"),
        days(store, "../../etc/passwd", 1, name="\tTAB"),
        days(store, "nul", 1, name="Société, “Générale”"),
    )
    archive = archive_of(ExportRequest(ids))
    for name in archive.namelist():
        assert not set(name) & set("/\\:*?\"<>|'= \r\n\t"), name
        assert not name.lower().startswith(("nul", "-", "="))
    lines = manifest_of(archive)
    assert [line["symbol"] for line in lines] == [f"'{EVIL}", "../../etc/passwd", "nul"]
    assert [line["name"] for line in lines] == ["'@SUM(1+1)", "'\tTAB", "Société, “Générale”"]
    assert (lines[0]["exchange"], lines[0]["currency"], lines[0]["rows"]) == ("'+1", "'-X", "2")


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\ta", "\ra", "\na"])
def test_a_text_that_begins_a_formula_gets_an_apostrophe(text: str) -> None:
    assert safe_text(text) == f"'{text}"
    assert safe_text(f"a{text}") == f"a{text}"


def test_a_name_is_no_option_of_a_command() -> None:
    assert safe_symbol("-rf") == "%2Drf"


def test_files_whose_names_differ_in_case_alone_do_not_replace_each_other(store: Store) -> None:
    ids = (days(store, "abc", 1), days(store, "ABC", 1))
    assert archive_of(ExportRequest(ids)).namelist()[:2] == ["abc_1d_yahoo.csv", f"ABC_1d_yahoo_{ids[1]}.csv"]


def test_an_archive_may_hold_a_single_series(store: Store) -> None:
    opened = open_archive(ExportRequest((days(store, "AAPL", 1),)), NOON)
    assert opened.filename == "moisson_1_series_2024-03-06.zip"
    names = zipfile.ZipFile(io.BytesIO(b"".join(opened.chunks))).namelist()
    assert names == ["AAPL_1d_yahoo.csv", "series.csv"]


def test_a_series_that_is_not_there_is_said_before_anything_is_sent(store: Store) -> None:
    with pytest.raises(NotFoundError):
        open_file(ExportRequest((days(store, "AAPL", 1), 4711)), NOON)


def test_an_archive_needs_little_memory_and_begins_at_once(store: Store) -> None:
    series_id = store.series(interval=Interval.M1)
    store.put(series_id, [(60 * n, 1.5, 9.0, 1.0, 2.0 + n % 5, float(n), None, None) for n in range(30_000)])
    second = days(store, "MSFT", 10)
    tracemalloc.start()
    opened = open_file(ExportRequest((series_id, second)), NOON)
    assert next(opened.chunks).startswith(b"PK")
    assert opened.tally.rows == 0
    for chunk in opened.chunks:
        assert len(chunk) < 300_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert opened.tally.rows == 30_010
    assert peak < 10_000_000


@pytest.mark.parametrize(("fmt", "is_archive"), [("csv", False), ("csv", True), ("parquet", False), ("arrow", True)])
def test_a_preview_tells_rows_and_about_the_size(store: Store, fmt: str, is_archive: bool) -> None:  # noqa: FBT001 -- a parameter
    series_id = store.series(interval=Interval.M1)
    bars = [(60 * n, 1.5, 9.0, 1.0, 2.0 + n % 5, float(n), None, None) for n in range(8_000)]
    store.put(series_id, bars)  # type: ignore[arg-type]  # a bar's last two may be None
    request = ExportRequest((series_id, days(store, "MSFT", 10)) if is_archive else (series_id,), fmt)
    shown = preview(request)
    size = len(b"".join(open_file(request, NOON).chunks))
    assert shown.rows == 8_000 + 10 * is_archive
    assert shown.size is not None
    assert 0.6 * size < shown.size < 1.6 * size
    assert shown.head == ["time", "open", "high", "low", "close", "volume"]
    assert shown.lines[1] == ["1970-01-01T00:01:00Z", "1.5", "9.0", "1.0", "3.0", "1"]
    assert (len(shown.lines), shown.is_large, shown.is_about) == (5, False, False)


def test_a_preview_of_nothing_says_so(store: Store) -> None:
    shown = preview(ExportRequest((store.silence(store.series()),)))
    assert (shown.rows, shown.size, shown.lines) == (0, None, [])
    assert ["the source answered that nothing was traded" in str(remark) for remark in shown.remarks] == [True]
