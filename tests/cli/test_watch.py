"""``jobs watch`` and ``batches``: jobs until they are over, and jobs that were submitted together."""

import json
from collections.abc import Callable, Iterator

import pytest

from webapp.kernel.job_states import JobState

from .conftest import Terminal, finish


@pytest.fixture
def waiting(terminal: Terminal) -> Terminal:
    """A terminal with a batch of two jobs and one of one, which nobody works on."""
    terminal.type("collect", "AAPL", "NOPE", "--period", "1y")
    terminal.type("collect", "MSFT", "--period", "1y")
    return terminal


def work_while_waiting(monkeypatch: pytest.MonkeyPatch, *steps: Callable[[], None]) -> None:
    remaining: Iterator[Callable[[], None]] = iter(steps)
    monkeypatch.setattr("webapp.cli.waiting.time.sleep", lambda _seconds: next(remaining)())


def test_a_batch_is_watched_until_all_are_over(waiting: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    work_while_waiting(monkeypatch, lambda: finish(1), lambda: finish(2, JobState.FAILED))
    answer = waiting.type("jobs", "watch", "--batch", "1")
    assert (answer.exit_code, answer.stderr) == (1, "")
    assert answer.stdout.splitlines() == [
        "1 AAPL: 0 % pending",
        "2 NOPE: 0 % pending",
        "1 AAPL: 100 % succeeded · 5 bars",
        "2 NOPE: 0 % failed · There is no NOPE.",
    ]


def test_only_success_of_all_is_success(waiting: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    work_while_waiting(monkeypatch, lambda: finish(3))
    assert waiting.type("jobs", "watch", "3").exit_code == 0
    assert waiting.type("jobs", "watch", "3", "3", "--quiet").output == ""
    assert waiting.type("jobs", "cancel", "1").exit_code == 0
    assert waiting.type("jobs", "watch", "1", "3").exit_code == 1


def test_without_numbers_what_is_at_work_is_watched(waiting: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting.type("jobs", "cancel", "1")
    waiting.type("jobs", "pause", "2")
    work_while_waiting(monkeypatch, lambda: finish(3))
    answer = waiting.type("jobs", "watch", "--json")
    assert answer.exit_code == 0
    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [(line["id"], line["state"], line["rows_written"]) for line in lines] == [
        (3, "pending", 0),
        (3, "succeeded", 5),
    ]
    nothing = waiting.type("jobs", "watch")
    assert (nothing.exit_code, nothing.stdout, nothing.stderr) == (0, "", "No job is at work.\n")


def test_whoever_stops_watching_stops_no_job(waiting: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    work_while_waiting(monkeypatch, interrupt)
    answer = waiting.type("jobs", "watch", "1")
    assert (answer.exit_code, answer.stdout) == (130, "1 AAPL: 0 % pending\n")
    assert "The jobs go on in the background." in answer.stderr
    assert [job["state"] for job in json.loads(waiting.type("jobs", "list", "--json").stdout)] == ["pending"] * 3


def test_in_a_terminal_there_is_a_table_that_moves(waiting: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    work_while_waiting(monkeypatch, lambda: finish(1), lambda: finish(2))
    monkeypatch.setattr("webapp.cli.waiting._is_terminal", lambda _stream: True)
    answer = waiting.type("jobs", "watch", "1", "2")
    assert (answer.exit_code, answer.stderr) == (0, "")
    rows = [line for line in answer.stdout.splitlines() if "1d  yahoo" in line]
    assert ["100%" in row for row in rows] == [True, True]


def test_what_cannot_be_watched_is_said(waiting: Terminal) -> None:
    assert waiting.type("jobs", "watch", "1", "--batch", "1").exit_code == 2
    for words in (["1", "77"], ["--batch", "77"]):
        answer = waiting.type("jobs", "watch", *words)
        assert (answer.exit_code, answer.stdout) == (3, "")
        assert "77" in answer.stderr


def test_batches_are_listed_with_what_became_of_their_jobs(waiting: Terminal) -> None:
    with waiting.app.app_context():
        finish(1)
    lines = waiting.type("batches", "list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["batch", "2", "1"]
    assert lines[2].split(None, 5)[4:] == ["2", "1 pending, 1 succeeded"]
    shown = waiting.type("batches", "show", "1").stdout
    assert "AAPL" in shown
    assert "NOPE" in shown
    assert "MSFT" not in shown
    assert json.loads(waiting.type("batches", "list", "--limit", "1", "--json").stdout)[0]["id"] == 2


def test_a_batch_is_asked_as_one(waiting: Terminal) -> None:
    for verb, state in (("pause", "paused"), ("resume", "pending"), ("cancel", "cancelled")):
        answer = waiting.type("batches", verb, "1", "--reason", "lunch")
        assert (answer.exit_code, answer.stdout.splitlines()) == (0, [f"1 AAPL: {state}", f"2 NOPE: {state}"])
    again = waiting.type("batches", "retry", "1")
    assert (again.exit_code, again.stderr) == (0, "There is nothing of the kind to do in batch 1.\n")
    assert "pending" in waiting.type("jobs", "show", "3").stdout


def test_before_anything_is_collected_there_are_no_batches(terminal: Terminal) -> None:
    assert terminal.type("batches", "list").stdout == "No batches yet.\n"
