"""The whole stack as a person starts it: with the offline market and a sample, and with the real sources."""

import os
import re
import signal
import sqlite3
import urllib.request
from contextlib import closing
from pathlib import Path

from tests.servers import Running, wait_until
from tests.stack.conftest import StartStack

SOON = 15.0
"""Twice what it takes at most, for a machine that is busy."""


def address(running: Running, what: str) -> str:
    found = re.search(what + r" (http://127\.0\.0\.1:\d+)", running.text)
    assert found, running.text
    return found[1]


def says(running: Running, text: str, timeout: float = 120) -> None:
    wait_until(lambda: text in running.text or not running.is_alive, f"the stack says {text!r}", timeout)
    assert text in running.text, running.text


def processes_of(folder: Path) -> list[str]:
    """Return what runs for an installation; the queue's server, which overwrites its environment, by its folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes().split(b"\0")
            if f"MOISSON_FOLDER={folder}".encode() in environment or (process / "cwd").readlink() == folder / "redis":
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def test_the_demonstration_ends_by_itself_with_status_0_and_the_sample_in_its_database(
    start_stack: StartStack, tmp_path: Path
) -> None:
    running = start_stack("demo", "--once", IB_NIGHTLY_WINDOW="00:00-23:59 UTC")  # which the offline market has not
    assert running.ended(240) == 0, running.text
    assert re.search(r"The first bars were there \d+\.\d s after the command", running.text)
    assert running.text.index("Moisson is at") < running.text.index("The first bars were there")
    with closing(sqlite3.connect(tmp_path / "installation" / "moisson.db")) as database:
        rows = database.execute(
            "SELECT source, symbol, interval, count(*) FROM bar JOIN series ON series.id = bar.series_id "
            "JOIN instrument ON instrument.id = series.instrument_id GROUP BY 1, 2, 3"
        ).fetchall()
    counts = {(source, symbol, interval): count for source, symbol, interval, count in rows}
    pair = "EUR.CASH.IDEALPRO.USD"
    assert counts.keys() == {
        *(("yahoo", symbol, "1d") for symbol in ("AAPL", "MSFT", "MC.PA", "BTC-USD")),
        ("yahoo", "AAPL", "1m"),
        *(("ibkr", symbol, interval) for symbol, interval in (("AAPL", "1d"), (pair, "1m"), ("AAPL", "5s"))),
    }
    assert all(
        count > 2_400 for (source, _, interval), count in counts.items() if (source, interval) == ("yahoo", "1d")
    )
    assert counts["yahoo", "AAPL", "1m"] > 1_000
    assert counts["ibkr", "AAPL", "1d"] > 1_200
    assert counts["ibkr", pair, "1m"] > 4_000
    assert counts["ibkr", "AAPL", "5s"] >= 2_520, "at least a half day"
    assert processes_of(tmp_path / "installation") == []


def test_what_is_killed_comes_back_ctrl_c_ends_all_and_a_second_run_is_refused(
    start_stack: StartStack, tmp_path: Path
) -> None:
    folder = tmp_path / "installation"
    running = start_stack("run")
    says(running, "Press Ctrl-C to end it")
    with urllib.request.urlopen(address(running, "Moisson is at") + "/healthz") as answer:
        assert answer.status == 200
    with urllib.request.urlopen(address(running, "Flower:") + "/") as answer:
        assert answer.status == 200
    refused = start_stack("run")
    assert refused.ended(60) == 2
    assert "Moisson already runs from" in refused.text
    for name, words in (("web", "gunicorn"), ("clock", " clock"), ("worker", " worker "), ("redis", "valkey-server")):
        os.kill(first_of(running.pid, words), signal.SIGKILL)
        says(running, f"{name} ended (killed by SIGKILL)")
    wait_until(lambda: all(first_of(running.pid, words) for words in ("gunicorn", " clock", " worker ", "valkey")))
    running.send(signal.SIGINT)
    assert running.ended(SOON) == 0
    assert processes_of(folder) == []


def test_nothing_outlives_a_supervisor_that_was_killed_outright_and_the_next_one_starts(
    start_stack: StartStack, tmp_path: Path
) -> None:
    folder = tmp_path / "installation"
    running = start_stack("run")
    says(running, "Press Ctrl-C to end it")
    assert len(processes_of(folder)) >= 6
    running.send(signal.SIGKILL)
    wait_until(lambda: processes_of(folder) == [], "nothing is left", 2 * SOON)
    again = start_stack("run")
    says(again, "Press Ctrl-C to end it")
    again.send(signal.SIGTERM)
    assert again.ended(SOON) == 0


def first_of(parent: int, words: str) -> int:
    """Return the process that a parent has started with these words in its command line, 0 when there is none."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            status = (process / "stat").read_text().rpartition(")")[2].split()
            command = (process / "cmdline").read_text().replace("\0", " ") + " "
        except OSError:
            continue
        if int(status[1]) == parent and status[0] != "Z" and words in command:
            return int(process.name)
    return 0
