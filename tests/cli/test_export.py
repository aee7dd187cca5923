"""``export`` of several symbols: one long table, an archive, JSON lines; and what is said of it."""

import csv
import io
import json
import zipfile
from pathlib import Path

import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

from webapp.database.transactions import writing
from webapp.exporting.csv_text import csv_cell
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, HOUR, Interval
from webapp.series import queries_bars, queries_series

from .conftest import Terminal, stored_series

HEAD = ["symbol", "time", "open", "high", "low", "close", "volume"]


def store_hours(terminal: Terminal, symbol: str, timezone: str, *, has_wap: bool = False) -> None:
    with terminal.app.app_context(), writing() as connection:
        series_id = queries_series.ensure(connection, "yahoo", symbol, Interval.H1, "")
        average = (10.5, 7) if has_wap else (None, None)
        bars = [(30 * DAY + n * HOUR, 10.0, 12.0, 9.0, 11.0, 100.0, *average) for n in range(3)]
        queries_bars.upsert(connection, series_id, bars)
        now = terminal.context.now()
        queries_series.extend_range(connection, series_id, 3, bars[0][0], bars[-1][0], now)
        row = queries_series.get(connection, series_id)
        assert row
        queries_series.update_facts(connection, row.instrument_id, InstrumentFacts(timezone=timezone), now)


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_several_symbols_are_one_long_table(terminal: Terminal) -> None:
    stored_series(terminal, "AAPL", bars=2)
    stored_series(terminal, "MSFT", bars=3)
    answer = terminal.type("export", "msft", "AAPL", "MSFT", "--output", "-")
    assert (answer.exit_code, answer.stderr) == (0, "")
    head, *lines = rows(answer.stdout)
    assert head == HEAD
    assert [line[:2] for line in lines] == [
        *(["MSFT", day] for day in ("1970-01-01", "1970-01-02", "1970-01-03")),
        *(["AAPL", day] for day in ("1970-01-01", "1970-01-02")),
    ]
    alone = terminal.type("export", "AAPL").stdout
    assert [line[1:] for line in lines[3:]] == rows(alone)[1:]
    assert rows(terminal.type("export", "AAPL", "--long").stdout) == [HEAD, *lines[3:]]


@pytest.mark.parametrize("fmt", ["parquet", "arrow"])
def test_columns_of_a_long_table_are_those_of_all_its_series(terminal: Terminal, tmp_path: Path, fmt: str) -> None:
    store_hours(terminal, "AAPL", "America/New_York", has_wap=True)
    store_hours(terminal, "MSFT", "America/New_York")
    target = tmp_path / f"out.{fmt}"
    words = ("export", "AAPL", "MSFT", "--interval", "1h", "--zone", "exchange", "--format", fmt)
    assert terminal.type(*words, "--output", str(target)).exit_code == 0
    table = pq.read_table(target) if fmt == "parquet" else pyarrow.ipc.open_file(target).read_all()
    assert table.column_names == [*HEAD, "wap", "count"]
    assert table["symbol"].to_pylist() == ["AAPL"] * 3 + ["MSFT"] * 3
    assert table["wap"].to_pylist() == [10.5] * 3 + [None] * 3
    assert str(table.schema.field("time").type) == "timestamp[us, tz=America/New_York]"
    assert table.schema.metadata[b"interval"] == b"1h"
    assert b"symbol" not in table.schema.metadata
    if fmt == "parquet":
        assert pq.ParquetFile(target).num_row_groups == 1, "short series share a group"
    text = rows(terminal.type(*words[:-1], "csv").stdout)
    assert [line[7:] for line in text] == [["wap", "count"], *[["10.5", "7"]] * 3, *[["", ""]] * 3]
    assert text[1][1] == "1970-01-30T19:00:00-05:00"


def test_exchanges_of_different_times_share_no_column_of_times(terminal: Terminal) -> None:
    store_hours(terminal, "AAPL", "America/New_York")
    store_hours(terminal, "MC.PA", "Europe/Paris")
    words = ("export", "AAPL", "MC.PA", "--interval", "1h", "--zone", "exchange")
    refused = terminal.type(*words, "--format", "parquet")
    assert (refused.exit_code, refused.stdout_bytes) == (2, b"")
    assert "keep different times (America/New_York, Europe/Paris)" in refused.stderr
    times = [line[1] for line in rows(terminal.type(*words).stdout)[1:]]
    assert (times[0], times[3]) == ("1970-01-30T19:00:00-05:00", "1970-01-31T01:00:00+01:00")
    lines = terminal.type(*words, "--json").stdout.splitlines()
    assert [json.loads(line)["time"] for line in lines] == times


def test_larger_bars_stand_beside_stored_ones_and_say_which_are_partial(terminal: Terminal) -> None:
    stored_series(terminal, "AAPL")
    stored_series(terminal, "MSFT", Interval.W1)
    answer = terminal.type("export", "AAPL", "MSFT", "--interval", "1wk")
    assert answer.stderr == "AAPL: Made of stored bars of 1d.\n"
    head, *lines = rows(answer.stdout)
    assert head == [*HEAD, "partial"]
    assert {(line[0], line[-1]) for line in lines} == {("AAPL", "false"), ("MSFT", "false")}
    assert terminal.type("export", "AAPL", "MSFT", "--interval", "1wk", "--quiet").stderr == ""


def test_bars_as_json_lines_are_those_of_the_api(terminal: Terminal) -> None:
    stored_series(terminal, "AAPL", bars=2)
    stored_series(terminal, "MSFT", bars=1)
    first, *_ = [json.loads(line) for line in terminal.type("export", "AAPL", "--json").stdout.splitlines()]
    assert first == {"time": "1970-01-01", "open": 10.0, "high": 12.0, "low": 9.0, "close": 11.0, "volume": 100.0}
    both = [json.loads(line) for line in terminal.type("export", "AAPL", "MSFT", "--json").stdout.splitlines()]
    assert [bar.pop("symbol") for bar in both] == ["AAPL", "AAPL", "MSFT"]
    assert both[0] == first


def test_what_was_written_is_told_as_json(terminal: Terminal, tmp_path: Path) -> None:
    stored_series(terminal, "AAPL", bars=2)
    stored_series(terminal, "MSFT", bars=1)
    target = tmp_path / "out.parquet"
    words = ("export", "AAPL", "MSFT", "--format", "parquet", "--output", str(target))
    made = json.loads(terminal.type(*words, "--json").stdout)
    assert (made["path"], made["format"], made["rows"]) == (str(target), "parquet", 3)
    assert [(series["symbol"], series["made_of"]) for series in made["series"]] == [("AAPL", None), ("MSFT", None)]
    quiet = terminal.type(*words, "--quiet")
    assert (quiet.exit_code, quiet.output) == (0, "")


def test_an_archive_holds_a_file_a_symbol(terminal: Terminal, tmp_path: Path) -> None:
    stored_series(terminal, "AAPL")
    stored_series(terminal, "MSFT", Interval.W1)
    target = tmp_path / "out.zip"
    words = ("export", "AAPL", "MSFT", "--zip", "--interval", "1wk", "--output", str(target))
    assert terminal.type(*words).stderr.endswith(f"7 bars written to {target}.\n")
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["AAPL_1wk_yahoo.csv", "MSFT_1wk_yahoo.csv", "series.csv"]
    streamed = terminal.type("export", "AAPL", "--zip").stdout_bytes
    with zipfile.ZipFile(io.BytesIO(streamed)) as archive:
        assert archive.namelist() == ["AAPL_1d_yahoo.csv", "series.csv"]


def test_when_one_is_missing_nothing_is_written_and_each_is_named(terminal: Terminal, tmp_path: Path) -> None:
    stored_series(terminal, "AAPL")
    target = tmp_path / "out.csv"
    answer = terminal.type("export", "AAPL", "NOPE", "GONE", "--output", str(target))
    assert (answer.exit_code, answer.stdout, target.exists()) == (3, "", False)
    assert [line.split()[6] for line in answer.stderr.splitlines()] == ["NOPE", "GONE"]


@pytest.mark.parametrize(
    "words",
    [
        ["--long", "--zip"],
        ["--json", "--format", "csv"],
        ["--json", "--zip"],
    ],
)
def test_what_does_not_go_together_is_refused(terminal: Terminal, words: list[str]) -> None:
    stored_series(terminal)
    answer = terminal.type("export", "AAPL", *words)
    assert (answer.exit_code, answer.stdout) == (2, "")


def test_a_symbol_is_a_cell_that_no_spreadsheet_computes() -> None:
    assert [csv_cell(symbol) for symbol in ("^GSPC", "=A1", 'A,"1"')] == [b"^GSPC", b"'=A1", b'"A,""1"""']
