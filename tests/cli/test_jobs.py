"""``jobs`` and ``series``: tables for people, JSON for programs, and moves that are refused with a sentence."""

import json

import pytest

from webapp.database.transactions import writing
from webapp.kernel.intervals import DAY
from webapp.kernel.job_states import JobState
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span
from webapp.series import queries_coverage

from .conftest import Terminal, finish, stored_series


def collect(terminal: Terminal, *symbols: str) -> None:
    assert terminal.type("collect", *symbols, "--period", "1y").exit_code == 0


def test_jobs_are_listed_newest_first_and_can_be_picked(terminal: Terminal) -> None:
    collect(terminal, "AAPL", "MSFT")
    terminal.type("jobs", "cancel", "1")
    lines = terminal.type("jobs", "list").stdout.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["2", "MSFT"], ["1", "AAPL"]]
    picked = terminal.type("jobs", "list", "--state", "cancelled", "--symbol", "aapl", "--source", "yahoo", "--json")
    assert [job["id"] for job in json.loads(picked.stdout)] == [1]
    assert len(json.loads(terminal.type("jobs", "list", "--limit", "1", "--json").stdout)) == 1


def test_a_job_is_shown_with_its_log(terminal: Terminal) -> None:
    terminal.queue.work = lambda job_id: finish(job_id, JobState.FAILED)
    collect(terminal, "NOPE")
    shown = terminal.type("jobs", "show", "1").stdout
    assert "NOPE 1d yahoo: 0 % failed · There is no NOPE." in shown
    assert "submitted" in shown
    body = json.loads(terminal.type("jobs", "show", "1", "--json").stdout)
    assert body["error"]["message"] == "There is no NOPE."


def test_a_job_is_paused_resumed_cancelled_and_retried(terminal: Terminal) -> None:
    collect(terminal, "AAPL")
    for move, state in (("pause", "paused"), ("resume", "pending"), ("cancel", "cancelled"), ("retry", "pending")):
        answer = terminal.type("jobs", move, "1")
        assert (answer.exit_code, answer.stdout.strip()) == (0, f"1 AAPL: {state}")


def test_a_move_that_is_refused_does_not_keep_the_others_from_it(terminal: Terminal) -> None:
    collect(terminal, "AAPL", "MSFT")
    answer = terminal.type("jobs", "resume", "1")
    assert answer.exit_code == 1
    assert answer.stderr.strip() == "Job 1 is still at work; it can be paused or cancelled."
    answer = terminal.type("jobs", "cancel", "77", "2")
    assert (answer.exit_code, answer.stderr.strip(), answer.stdout.strip()) == (
        3,
        "There is no job 77.",
        "2 MSFT: cancelled",
    )


@pytest.mark.parametrize("words", [["show", "x"], ["cancel", "x"], ["cancel"], ["list", "--state", "odd"]])
def test_what_is_no_number_or_state_is_bad_input(terminal: Terminal, words: list[str]) -> None:
    assert terminal.type("jobs", *words).exit_code == 2


def test_statistics_are_counted(terminal: Terminal) -> None:
    terminal.queue.work = finish
    collect(terminal, "AAPL")
    shown = terminal.type("jobs", "stats")
    assert "1 series hold 5 bars." in shown.stdout
    assert json.loads(terminal.type("jobs", "stats", "--json").stdout)["day"]["success_rate"] == 1.0
    assert "–" in terminal.type("jobs", "stats").stdout or "100%" in shown.stdout


def test_series_are_listed(terminal: Terminal) -> None:
    assert terminal.type("series", "list").stdout.strip() == "Nothing is stored yet."
    stored_series(terminal)
    assert "AAPL" in terminal.type("series", "list", "--search", "aap").stdout
    (row,) = json.loads(terminal.type("series", "list", "--json").stdout)
    assert (row["rows"], row["first_bar"], row["last_bar"]) == (5, "1970-01-01T00:00:00Z", "1970-01-05T00:00:00Z")


def test_coverage_is_shown(terminal: Terminal) -> None:
    stored_series(terminal)
    assert json.loads(terminal.type("series", "coverage", "AAPL", "--json").stdout) == []
    with terminal.app.app_context(), writing() as connection:
        queries_coverage.record(connection, 1, Covered(Span(0, DAY), Verdict.HAVE, 0))
        queries_coverage.record(connection, 1, Covered(Span(2 * DAY, 3 * DAY), Verdict.EMPTY, 0))
    known = [line.split("  ")[-1] for line in terminal.type("series", "coverage", "AAPL").stdout.splitlines()]
    assert known == ["known", "bars", "not asked yet", "empty, says the source"]
    missing = terminal.type("series", "coverage", "NOPE")
    assert (missing.exit_code, missing.stderr.strip()) == (
        3,
        "There are no 1d bars of NOPE from yahoo. Collect them first.",
    )


def test_a_batch_is_moved_as_a_whole_with_a_reason_in_the_log(terminal: Terminal) -> None:
    collect(terminal, "AAPL", "MSFT")
    answer = terminal.type("jobs", "cancel", "--batch", "1", "--reason", "wrong  symbols")
    assert (answer.exit_code, answer.stdout.splitlines()) == (0, ["1 AAPL: cancelled", "2 MSFT: cancelled"])
    assert "cancelled  (cli)  Reason: wrong symbols" in terminal.type("jobs", "show", "2").stdout
    again = terminal.type("jobs", "cancel", "--batch", "1")
    assert (again.exit_code, again.stderr.strip()) == (0, "There is nothing of the kind to do in batch 1.")


def test_of_a_batch_only_what_failed_is_retried(terminal: Terminal) -> None:
    terminal.queue.work = lambda job_id: finish(job_id, JobState.FAILED if job_id == 2 else JobState.SUCCEEDED)
    collect(terminal, "AAPL", "NOPE", "MSFT")
    terminal.queue.work = lambda _job_id: None
    answer = terminal.type("jobs", "retry", "--batch", "1")
    assert (answer.exit_code, answer.stdout.strip(), answer.stderr) == (0, "2 NOPE: pending", "")


def test_a_priority_is_changed(terminal: Terminal) -> None:
    collect(terminal, "AAPL", "MSFT")
    assert terminal.type("jobs", "priority", "high", "1", "2").exit_code == 0
    assert "priority_changed  (cli)  Now high." in terminal.type("jobs", "show", "1").stdout
    terminal.type("jobs", "cancel", "1")
    over = terminal.type("jobs", "priority", "low", "1")
    assert (over.exit_code, over.stderr.strip()) == (1, "Job 1 is over; its priority no longer matters.")


def test_a_job_is_cloned(terminal: Terminal) -> None:
    collect(terminal, "AAPL")
    again = terminal.type("jobs", "clone", "1")
    assert (again.exit_code, again.stdout.strip()) == (0, "1 AAPL: pending")
    assert "no new one was made" in again.stderr
    terminal.type("jobs", "cancel", "1")
    assert terminal.type("jobs", "clone", "1").stdout.strip().endswith(" AAPL: pending")
    one, two = json.loads(terminal.type("jobs", "list", "--json").stdout)
    assert {name: one[name] for name in ("symbol", "start", "end")} == {
        name: two[name] for name in ("symbol", "start", "end")
    }


def test_what_is_delivered_without_a_queue_is_kept_and_said(terminal: Terminal) -> None:
    collect(terminal, "AAPL")
    terminal.type("jobs", "pause", "1")
    terminal.queue.is_away = True
    answer = terminal.type("jobs", "resume", "1")
    assert (answer.exit_code, answer.stdout.strip()) == (0, "1 AAPL: pending")
    assert "The queue (Redis) does not answer." in answer.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["cancel", "1", "--batch", "1"],
        ["priority", "urgent", "1"],
        ["cancel", "1", "--reason", "x" * 201],
        ["cancel", "9" * 30],
    ],
)
def test_what_is_asked_wrongly_is_bad_input(terminal: Terminal, words: list[str]) -> None:
    collect(terminal, "AAPL")
    assert terminal.type("jobs", *words).exit_code == 2
