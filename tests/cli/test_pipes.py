"""Commands among other programs: pipes that are closed, disks that are full, signals, and databases that are not there.

Each runs as a process of its own, since what happens at its very end is part of it.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp.cli.speaking import NOT_READY
from webapp.cli.statuses import FAILED, INTERRUPTED, PIPE_CLOSED

from .conftest import Terminal, stored_series
from .test_system import ROOT, environment

FLASK = [sys.executable, "-m", "flask", "--app", "wsgi"]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes and signals")


@pytest.fixture
def environ(terminal: Terminal, tmp_path: Path) -> dict[str, str]:
    """The environment of processes that use the terminal's database, with a long series and some jobs in it."""
    stored_series(terminal, "LONG", bars=20_000)
    terminal.type("collect", "AAPL", "MSFT", "--period", "1y")
    return environment(tmp_path) | {"DATABASE_URL": f"sqlite:///{tmp_path / 'test.db'}"}


def run(environ: dict[str, str], *words: str, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*FLASK, *words], cwd=ROOT, env=environ, stdout=stdout, stderr=subprocess.PIPE, text=True,
        timeout=60, check=False,
    )  # fmt: skip


@pytest.fixture
def closed_pipe() -> Iterator[int]:
    """The writing end of a pipe that nobody reads any more."""
    reading_end, writing_end = os.pipe()
    os.close(reading_end)
    yield writing_end
    os.close(writing_end)


@pytest.mark.parametrize(
    "words",
    [
        ["export", "LONG"],
        ["export", "LONG", "--format", "parquet"],
        ["jobs", "list", "--json"],
        ["jobs", "watch"],
    ],
    ids=" ".join,
)
def test_a_reader_that_has_gone_is_no_error(environ: dict[str, str], closed_pipe: int, words: list[str]) -> None:
    ended = run(environ, *words, stdout=closed_pipe)
    assert (ended.returncode, ended.stderr) == (PIPE_CLOSED, "")


def test_a_reader_that_has_enough_gets_what_it_reads(environ: dict[str, str]) -> None:
    line = " ".join([*FLASK, "export", "LONG"])
    script = f'{line} | head -n 2; echo "${{PIPESTATUS[0]}}"'
    ended = subprocess.run(
        ["/bin/bash", "-c", script], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.stdout.splitlines() == [
        "time,open,high,low,close,volume",
        "1970-01-01,10.0,12.0,9.0,11.0,100",
        str(PIPE_CLOSED),
    ]
    assert ended.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("words", [["export", "LONG"], ["jobs", "list", "--json"]], ids=" ".join)
def test_a_full_disk_is_a_sentence(environ: dict[str, str], words: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = run(environ, *words, stdout=full.fileno())
    assert (ended.returncode, ended.stderr) == (
        FAILED,
        "The output could not be written: the disk is full (No space left on device).\n",
    )


def test_whoever_interrupts_the_watching_leaves_the_jobs_alone(environ: dict[str, str]) -> None:
    watching = subprocess.Popen(
        [*FLASK, "jobs", "watch"], cwd=ROOT, env=environ | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert watching.stdout
        assert watching.stdout.readline() == "1 AAPL: 0 % pending\n"
        watching.send_signal(signal.SIGINT)
        _, said = watching.communicate(timeout=60)
        assert watching.returncode == INTERRUPTED
        assert said == "The jobs go on in the background. See them with: flask --app wsgi jobs list\n"
    finally:
        watching.kill()
        watching.wait()


@pytest.mark.parametrize("words", [["jobs", "list"], ["init-db"], ["export", "AAPL"]], ids=" ".join)
def test_a_database_that_cannot_be_opened_is_a_sentence(tmp_path: Path, words: list[str]) -> None:
    environ = environment(tmp_path) | {"DATABASE_URL": f"sqlite:///{tmp_path / 'gone' / 'moisson.db'}"}
    ended = run(environ, *words)
    assert (ended.returncode, ended.stdout) == (FAILED, "")
    assert ended.stderr.startswith("The database does not answer")
    assert len(ended.stderr.splitlines()) == 1


def test_a_file_that_is_no_database_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "moisson.db").write_text("this is a diary, and long enough to be read as a head of a database " * 10)
    for words in (["jobs", "list"], ["init-db"]):
        ended = run(environment(tmp_path), *words)
        assert (ended.returncode, ended.stdout) == (FAILED, "")
        assert "Traceback" not in ended.stderr
        assert "The database does not answer" in ended.stderr


def test_a_database_without_tables_is_a_sentence(tmp_path: Path) -> None:
    ended = run(environment(tmp_path), "jobs", "list")
    assert (ended.returncode, ended.stdout, ended.stderr) == (FAILED, "", f"{NOT_READY}\n")


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    ended = run(environment(tmp_path) | {"MOISSON_FOLDER": str(tmp_path / "file" / "var")}, "jobs", "list")
    assert (ended.returncode, ended.stdout) == (FAILED, "")
    assert ended.stderr.startswith(f"The folder {tmp_path / 'file' / 'var'} cannot be used (Not a directory).")
