"""``init-db``, ``doctor``, ``export``, languages, and the commands as real processes."""

import io
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from sqlalchemy.exc import OperationalError

from webapp.collecting.rescue import CLOCK
from webapp.database import engine
from webapp.database.transactions import explain_failure, writing
from webapp.extensions import db
from webapp.jobs import queries_events

from .conftest import Terminal, finish, stored_series

ROOT = Path(__file__).parents[2]


def test_tables_are_made_once(bare: Terminal) -> None:
    assert bare.type("init-db").stdout.strip() == "The tables are ready."
    assert bare.type("init-db").stdout.strip() == "The tables are up to date already."


def test_without_tables_every_command_says_what_to_do(bare: Terminal) -> None:
    for words in (["jobs", "list"], ["collect", "AAPL", "--period", "1y"], ["series", "list"], ["export", "AAPL"]):
        answer = bare.type(*words)
        assert answer.exit_code == 1
        assert "init-db" in answer.stderr


def test_the_doctor_names_what_is_wrong_without_secrets(bare: Terminal) -> None:
    bare.queue.is_away = True
    answer = bare.type("doctor")
    assert answer.exit_code == 1
    wrong = [line for line in answer.stdout.splitlines() if line.startswith("✗")]
    assert len(wrong) == 2
    assert "init-db" in wrong[0]
    assert "Redis" in wrong[1]
    assert "secret-word" not in answer.output


def test_the_doctor_misses_workers_and_the_clock(terminal: Terminal) -> None:
    terminal.queue.alive = []
    answer = terminal.type("doctor")
    assert answer.exit_code == 1
    assert "✗ No worker is alive." in answer.stdout
    assert "✗ The clock has never run." in answer.stdout


def test_the_doctor_finds_a_healthy_system_healthy(terminal: Terminal) -> None:
    with terminal.app.app_context(), writing() as connection:
        queries_events.process_beat(connection, "clock@test", CLOCK, terminal.context.now())
    answer = terminal.type("doctor")
    assert answer.exit_code == 0
    assert "✗" not in answer.stdout
    assert "celery@test" in answer.stdout
    assert "proxy.example" in answer.stdout
    assert "secret-word" not in answer.output


def test_an_export_goes_to_standard_output_and_nothing_else_does(terminal: Terminal) -> None:
    stored_series(terminal)
    lines = terminal.type("export", "aapl", "--interval", "1d").stdout.splitlines()
    assert lines[:2] == ["time,open,high,low,close,volume", "1970-01-01,10.0,12.0,9.0,11.0,100"]
    assert len(lines) == 6
    table = pq.read_table(io.BytesIO(terminal.type("export", "AAPL", "--format", "parquet").stdout_bytes))
    assert table.num_rows == 5


def test_an_export_may_be_of_some_days_only(terminal: Terminal) -> None:
    stored_series(terminal)
    lines = terminal.type("export", "AAPL", "--start", "1970-01-02", "--end", "1970-01-03").stdout.splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["1970-01-02", "1970-01-03"]
    for words, told in (
        (("--start", "soon"), "--start: “soon” is not a date"),
        (("--start", "1970-01-03", "--end", "1970-01-02"), "--end: The end lies before the start."),
        (("--zone", "Mars"), "is not a time zone"),
    ):
        answer = terminal.type("export", "AAPL", *words)
        assert answer.exit_code == 2
        assert told in answer.stderr
        assert answer.stdout == ""


def test_larger_bars_are_made_for_an_export_and_it_says_of_what(terminal: Terminal, tmp_path: Path) -> None:
    stored_series(terminal)
    answer = terminal.type("export", "AAPL", "--interval", "1wk")
    assert answer.stdout.splitlines()[1:] == [
        "1969-12-29,10.0,12.0,9.0,11.0,400,false",
        "1970-01-05,10.0,12.0,9.0,11.0,100,false",
    ]
    assert answer.stderr == "Made of stored bars of 1d.\n"
    answer = terminal.type("export", "AAPL", "--interval", "1mo", "--output", str(tmp_path / "out.csv"))
    assert answer.stderr.startswith("Made of stored bars of 1d.\n1 bars written")
    assert terminal.type("export", "AAPL", "--interval", "1h").exit_code == 3


def test_an_export_replaces_a_file_whole(terminal: Terminal, tmp_path: Path) -> None:
    stored_series(terminal)
    target = tmp_path / "out.csv"
    target.write_text("old")
    answer = terminal.type("export", "AAPL", "--output", str(target), "--adjust", "all")
    assert (answer.exit_code, answer.stdout) == (0, "")
    assert len(target.read_text().splitlines()) == 6
    assert not list(tmp_path.glob(".out.csv*"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in its folders")
def test_an_export_into_a_pipe_or_over_a_link_leaves_them_what_they_are(terminal: Terminal, tmp_path: Path) -> None:
    stored_series(terminal)
    link, target, pipe = tmp_path / "link.csv", tmp_path / "target.csv", tmp_path / "pipe"
    link.symlink_to(target)
    assert terminal.type("export", "AAPL", "--output", str(link)).exit_code == 0
    assert link.is_symlink()
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert terminal.type("export", "AAPL", "--output", str(pipe)).exit_code == 0
    assert os.read(reader, 4096) == target.read_bytes()
    os.close(reader)
    assert pipe.is_fifo()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_device_that_takes_nothing_is_told_and_stays(terminal: Terminal) -> None:
    stored_series(terminal)
    answer = terminal.type("export", "AAPL", "--output", "/dev/full")
    assert (answer.exit_code, "No space left" in answer.stderr) == (1, True)
    assert Path("/dev/full").is_char_device()


def test_an_export_that_cannot_be_written_says_why(terminal: Terminal, tmp_path: Path) -> None:
    stored_series(terminal)
    answer = terminal.type("export", "AAPL", "--output", str(tmp_path / "no" / "out.csv"))
    assert answer.exit_code == 1
    assert answer.stderr == f"There is no folder {tmp_path / 'no'}. Make it first, or name another file.\n"


@pytest.mark.parametrize("words", [["AAPL", "--format", "xls"], ["AAPL", "--adjust", "some"]])
def test_what_cannot_be_exported_is_bad_input(terminal: Terminal, words: list[str]) -> None:
    assert terminal.type("export", *words).exit_code == 2


@pytest.mark.parametrize("lang", ["C", "C.UTF-8", "en_US.UTF-8", "xx_YY", "", "fr_FR.UTF-8", "fr"])
def test_any_language_of_the_terminal_is_taken(terminal: Terminal, lang: str) -> None:
    answer = terminal.type("jobs", "list", env={"LC_ALL": lang})
    assert answer.exit_code == 0
    if not lang.startswith("fr"):
        assert answer.stdout.strip() == "No such jobs."


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        cwd=ROOT, env=environment(folder), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def environment(folder: Path) -> dict[str, str]:
    """An environment of its own, whatever ``.env`` says; nothing listens at the queue's port."""
    own = {
        "MOISSON_FOLDER": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'moisson.db'}",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "LC_ALL": "C.UTF-8",
        "CLOCK_TICK_SECONDS": "0.2",
    }
    return {**os.environ, **own}


def test_the_commands_work_as_processes(tmp_path: Path) -> None:
    assert run(tmp_path, "init-db").returncode == 0
    collected = run(tmp_path, "collect", "AAPL", "--period", "1y")
    assert collected.returncode == 0
    assert "Job 1: AAPL" in collected.stdout
    assert run(tmp_path, "doctor").returncode == 1
    assert run(tmp_path, "jobs", "show", "2").returncode == 3


def test_a_terminal_is_not_filled_with_binary(tmp_path: Path) -> None:
    assert run(tmp_path, "init-db").returncode == 0
    rows = "(1, 'own', 'AAPL')", "(1, 1, '1d', '', 1, 0, 0)"
    with closing(sqlite3.connect(tmp_path / "moisson.db")) as database:
        database.execute(f"INSERT INTO instrument (id, source, symbol) VALUES {rows[0]}")
        columns = "id, instrument_id, interval, variant, rows, first_bar, last_bar"
        database.execute(f"INSERT INTO series ({columns}) VALUES {rows[1]}")
        database.commit()
    leader, follower = os.openpty()
    words = [sys.executable, "-m", "flask", "--app", "wsgi", "export", "AAPL", "--format", "parquet"]
    refused = subprocess.run(
        words, cwd=ROOT, env=environment(tmp_path), stdout=follower, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(follower)
    os.close(leader)
    assert refused.returncode == 2
    assert "Give a file with --output." in refused.stderr


def test_a_clock_beats_until_it_is_asked_to_stop(tmp_path: Path) -> None:
    assert run(tmp_path, "init-db").returncode == 0
    clock = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "clock"],
        cwd=ROOT, env=environment(tmp_path), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    kill = threading.Timer(60, clock.kill)  # so that a clock that is silent fails the test and does not hang it
    kill.start()
    try:
        assert clock.stderr
        assert any("The clock runs." in line for line in clock.stderr)
        clock.send_signal(signal.SIGTERM)
        _, rest = clock.communicate()
        assert "The clock has stopped." in rest
        assert clock.returncode == 0
    finally:
        kill.cancel()
        clock.kill()
        clock.wait()


def test_a_series_of_a_contract_is_named_by_its_options(terminal: Terminal) -> None:
    contract = ["--source", "ibkr", "--sec-type", "CASH", "--what", "BID"]
    terminal.queue.work = finish
    terminal.type("collect", "EUR.USD", "--period", "1y", *contract)
    assert terminal.type("export", "EUR.USD", *contract).stdout.splitlines()[1].startswith("1970-01-01,")
    assert terminal.type("series", "coverage", "eurusd", *contract).exit_code == 0
    assert terminal.type("series", "coverage", "eurusd", *contract[:4]).exit_code == 3
    assert terminal.type("export", "EUR.USD", *contract[:4], "--what", "ASK").exit_code == 3


def test_the_doctor_reads_the_settings_of_ibkr(terminal: Terminal) -> None:
    answer = terminal.type("doctor")
    assert "✓ ibkr's errors are not taken at their word in its nightly window: 00:15-01:45 America" in answer.stdout
    assert "✓ ibkr is asked at most 4 times a second." in answer.stdout


def test_calendars_are_listed_and_their_days_corrected(terminal: Terminal) -> None:
    assert "XSAU" in terminal.type("calendars", "list").stdout
    assert terminal.type("calendars", "days").stdout.strip() == "No day of a calendar was corrected."
    said = terminal.type("calendars", "correct", "XNYS", "2025-01-07", "closed").stdout.strip()
    assert said == "XNYS is closed on 2025-01-07."
    assert "2025-01-07  closed" in terminal.type("calendars", "days", "XNYS").stdout
    assert '"state": "closed"' in terminal.type("calendars", "days", "--json").stdout
    assert terminal.type("calendars", "correct", "XNYS", "2025-01-07", "usual").exit_code == 0
    assert terminal.type("calendars", "days", "XNYS").stdout.strip() == "No day of a calendar was corrected."
    assert terminal.type("calendars", "correct", "XXXX", "2025-01-07", "closed").exit_code == 2


def test_a_database_that_stays_locked_is_a_sentence(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was a traceback, once our patience with another writer was over."""
    with terminal.app.app_context():
        path = db.engine.url.database
        assert path
        db.engine.dispose()
    monkeypatch.setattr(engine, "_PRAGMAS", (*engine._PRAGMAS, "busy_timeout=50"))  # noqa: SLF001 -- half a minute otherwise
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        for words in (["collect", "AAPL", "--period", "1y"], ["calendars", "correct", "XNYS", "2025-01-07", "closed"]):
            answer = terminal.type(*words)
            assert answer.exit_code == 1
            assert "Another process has been writing" in answer.stderr
            assert "Traceback" not in answer.output
    finally:
        other.close()
    assert terminal.type("collect", "AAPL", "--period", "1y").exit_code == 0


def test_a_database_that_is_away_is_a_sentence_with_its_words() -> None:
    refused = OperationalError("SELECT secret", {}, Exception("connection refused\nIs the server running?"))
    assert str(explain_failure(refused)).startswith("The database does not answer")
    assert "connection refused" in str(explain_failure(refused))
    assert "secret" not in str(explain_failure(refused))
