"""``lists``, and ``@name`` wherever a command takes symbols."""

import csv
import json
import zipfile
from pathlib import Path

import pytest

from webapp.database.transactions import reading
from webapp.jobs import queries_batches

from .conftest import Terminal, stored_series


def entries(terminal: Terminal, name: str = "tech") -> list[tuple[str, str]]:
    answer = terminal.type("lists", "show", name, "--json")
    assert answer.exit_code == 0, answer.stderr
    return [(entry["source"], entry["symbol"]) for entry in json.loads(answer.stdout)["entries"]]


def test_a_list_is_made_changed_and_deleted(terminal: Terminal) -> None:
    assert terminal.type("lists", "list").stdout == "There are no lists yet.\n"
    made = terminal.type("lists", "create", "tech", "aapl", "NASDAQ:MSFT", "--title", "Technology", "--section", "US")
    assert (made.stdout, made.stderr) == ("@tech: 2 entries\n", "NASDAQ:MSFT → MSFT\n")
    assert terminal.type("lists", "add", "tech", "MC", "--source", "ibkr", "--currency", "EUR").exit_code == 0
    assert entries(terminal) == [("yahoo", "AAPL"), ("yahoo", "MSFT"), ("ibkr", "MC.STK.SMART.EUR")]
    shown = terminal.type("lists", "show", "tech").stdout.splitlines()
    assert shown[1].split() == ["AAPL", "yahoo", "US"]
    [summary] = json.loads(terminal.type("lists", "list", "--json").stdout)
    assert (summary["total"], summary["sources"], summary["title"]) == (3, {"yahoo": 2, "ibkr": 1}, "Technology")
    assert "Interactive Brokers" in terminal.type("lists", "list").stdout
    assert terminal.type("lists", "remove", "tech", "msft").exit_code == 0
    assert terminal.type("lists", "rename", "tech", "chips").stdout == "@chips: 2 entries\n"
    assert terminal.type("lists", "delete", "chips").stdout == "The list chips is deleted.\n"
    assert json.loads(terminal.type("lists", "list", "--json").stdout) == []


def test_what_cannot_be_done_is_said_and_changes_nothing(terminal: Terminal) -> None:
    terminal.type("lists", "create", "tech", "AAPL")
    for words, told in [
        (("lists", "show", "tec"), "There is no list “tec”. Did you mean @tech?"),
        (("lists", "create", "tech"), "There is a list “tech” already. Choose another name."),
        (("lists", "create", "a b"), "letters, digits"),
        (("lists", "remove", "tech", "AAPL", "MSFT"), "The list “tech” has no MSFT."),
        (("lists", "remove", "tech", "AAPL", "--source", "ibkr"), "The list “tech” has no AAPL."),
        (("lists", "add", "tech", "MSFT", "--means", "MSFT"), "Write it like EURONEXT:MC=MC.PA."),
        (("lists", "add", "tech", "MSFT", "--what", "BID"), "not an option of Yahoo"),
    ]:
        answer = terminal.type(*words)
        assert (answer.exit_code != 0, told in answer.stderr, answer.stdout) == (True, True, "")
    assert entries(terminal) == [("yahoo", "AAPL")]


def test_doubts_are_asked_with_what_may_be_meant(terminal: Terminal) -> None:
    asked = terminal.type("lists", "create", "europe", "EURONEXT:MC", "XETR:SAP", "FOO:BAR")
    assert asked.exit_code == 2
    assert "EURONEXT:MC: “EURONEXT” may be several exchanges of Yahoo Finance. Choose one: MC.PA, MC.AS" in asked.stderr
    assert "FOO:BAR: It is not known how Yahoo Finance writes" in asked.stderr
    means = ("--means", "EURONEXT:MC=MC.PA", "--means", "FOO:BAR=-")
    assert terminal.type("lists", "create", "europe", "EURONEXT:MC", "XETR:SAP", "FOO:BAR", *means).exit_code == 0
    assert entries(terminal, "europe") == [("yahoo", "MC.PA"), ("yahoo", "SAP.DE")]


def test_a_list_of_tradingview_is_imported_and_added_to(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("###Chips,NASDAQ:AMD,NASDAQ:NVDA", encoding="utf-8")
    assert terminal.type("lists", "import", "tech", str(file)).stdout == "@tech: 2 entries\n"
    file.write_text("symbol;note\nAMD;again\nMC.PA;cheap", encoding="utf-8")
    assert terminal.type("lists", "import", "tech", str(file)).stdout == "@tech: 3 entries\n"
    assert entries(terminal) == [("yahoo", "AMD"), ("yahoo", "NVDA"), ("yahoo", "MC.PA")]
    assert terminal.type("lists", "export", "tech", "--format", "txt").stdout == "###Chips\nAMD\nNVDA\n###\nMC.PA\n"


@pytest.mark.parametrize("fmt", ["csv", "txt"])
def test_what_is_exported_can_be_imported_again(terminal: Terminal, tmp_path: Path, fmt: str) -> None:
    terminal.type("lists", "create", "tech", "EUR.USD", "--source", "ibkr", "--what", "BID", "--section", "One, or two")
    terminal.type("lists", "add", "tech", "AAPL", "--source", "ibkr", "--note", 'so "called"')
    if fmt == "csv":
        terminal.type("lists", "add", "tech", "AAPL")
    file = tmp_path / "out"
    assert terminal.type("lists", "export", "tech", "--format", fmt, "--output", str(file)).exit_code == 0
    assert terminal.type("lists", "import", "again", str(file), "--source", "ibkr").exit_code == 0
    assert entries(terminal, "again") == entries(terminal)
    if fmt == "csv":
        both = [
            json.loads(terminal.type("lists", "show", name, "--json").stdout)["entries"] for name in ("tech", "again")
        ]
        assert both[0] == both[1]


def test_a_text_is_of_one_source(terminal: Terminal) -> None:
    terminal.type("lists", "create", "tech", "AAPL")
    terminal.type("lists", "add", "tech", "MSFT", "--source", "ibkr")
    refused = terminal.type("lists", "export", "tech", "--format", "txt")
    assert (refused.exit_code, "of one source" in refused.stderr) == (2, True)
    assert terminal.type("lists", "export", "tech", "--format", "txt", "--source", "ibkr").stdout == "MSFT\n"


def test_a_list_is_collected_and_the_batch_says_so(terminal: Terminal) -> None:
    terminal.type("lists", "create", "tech", "AAPL", "MSFT")
    terminal.type("lists", "add", "tech", "MSFT", "--source", "ibkr")
    collected = terminal.type("collect", "@tech", "--period", "1y")
    assert collected.exit_code == 0
    assert "entries of other sources are left out: 1 of 3." in collected.stdout
    assert [line.partition(": ")[2] for line in collected.stdout.splitlines()[-2:]] == ["AAPL", "MSFT"]
    with terminal.app.app_context(), reading() as connection:
        batch = queries_batches.get(connection, 1)
    assert batch
    assert batch.lists == ("tech",)
    unknown = terminal.type("collect", "@tec", "--period", "1y")
    assert (unknown.exit_code, unknown.stderr) == (2, "SYMBOLS: There is no list “tec”. Did you mean @tech?\n")


def test_jobs_and_series_are_filtered_by_a_list(terminal: Terminal) -> None:
    for symbol in ("AAPL", "MSFT"):
        stored_series(terminal, symbol)
        terminal.type("collect", symbol, "--period", "1y")
    terminal.type("lists", "create", "tech", "MSFT")
    assert [
        job["symbol"] for job in json.loads(terminal.type("jobs", "list", "--symbol", "@tech", "--json").stdout)
    ] == ["MSFT"]
    listed = json.loads(terminal.type("series", "list", "--search", "@tech", "--json").stdout)
    assert [series["symbol"] for series in listed] == ["MSFT"]
    assert terminal.type("series", "list", "--search", "@tec").exit_code == 2


def test_the_series_of_a_list_are_exported_together(terminal: Terminal, tmp_path: Path) -> None:
    terminal.type("lists", "create", "tech", "AAPL", "MSFT", "NOPE")
    terminal.type("lists", "add", "tech", "MC", "--source", "ibkr")
    for symbol in ("AAPL", "MSFT"):
        stored_series(terminal, symbol)
    stored_series(terminal, "MC", source="ibkr")
    file = tmp_path / "tech.zip"
    refused = terminal.type("export", "@tech", "--zip", "--output", str(file))
    assert (refused.exit_code, "NOPE" in refused.stderr, file.exists()) == (3, True, False)
    terminal.type("lists", "remove", "tech", "NOPE")
    answer = terminal.type("export", "@tech", "--zip", "--output", str(file))
    assert answer.exit_code == 0, answer.stderr
    with zipfile.ZipFile(file) as archive:
        rows = list(csv.DictReader(archive.read("series.csv").decode().splitlines()))
    assert [(row["source"], row["symbol"], row["rows"]) for row in rows] == [
        ("yahoo", "AAPL", "5"),
        ("yahoo", "MSFT", "5"),
        ("ibkr", "MC", "5"),
    ]
    long = terminal.type("export", "@tech").stdout.splitlines()
    assert (long[0].split(",")[0], len(long)) == ("symbol", 16)
    single = terminal.type("export", "@tech", "--source", "ibkr").stdout.splitlines()
    assert (single[0], len(single)) == ("time,open,high,low,close,volume", 6)


def test_what_a_list_has_not_is_not_exported(terminal: Terminal) -> None:
    terminal.type("lists", "create", "tech", "AAPL")
    assert "AAPL" in terminal.type("export", "@tech").stderr
    elsewhere = terminal.type("export", "@tech", "--source", "ibkr")
    assert (elsewhere.exit_code, elsewhere.stderr) == (3, "The list has no entry of this source.\n")
    unknown = terminal.type("export", "@tec")
    assert (unknown.exit_code, "Did you mean @tech" in unknown.stderr) == (2, True)
