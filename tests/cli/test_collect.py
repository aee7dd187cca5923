"""``collect``: says what it will do, does it, and ends with the right status."""

import datetime as dt

import pytest

from webapp.database.transactions import reading, writing
from webapp.errors import sentence
from webapp.jobs import queries_claims, queries_jobs
from webapp.jobs.claims import ChunkRecord, Release
from webapp.kernel.intervals import DAY
from webapp.kernel.job_states import JobState
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span
from webapp.series import queries_coverage

from .conftest import Terminal, finish


def test_it_prints_the_plan_and_then_the_jobs(terminal: Terminal) -> None:
    answer = terminal.type("collect", "aapl,msft", "BRK-B", "--period", "1y")
    assert answer.exit_code == 0
    lines = answer.stdout.splitlines()
    assert lines[0].startswith("6 requests, about 12 seconds; about ")
    assert lines[1:] == ["Job 1: AAPL", "Job 2: MSFT", "Job 3: BRK-B"]


def test_symbols_of_one_instrument_are_one_job_and_that_is_said_once(terminal: Terminal) -> None:
    answer = terminal.type("collect", "AAPL", "AAPL.STK.SMART.USD", "--source", "ibkr", "--period", "1y")
    assert answer.exit_code == 0
    merger, plan, job = answer.stdout.splitlines()
    assert merger == "AAPL, AAPL.STK.SMART.USD are one instrument, AAPL: it is collected once."
    assert plan.startswith("1 request, ")
    assert job == "Job 1: AAPL"


def test_what_a_source_cannot_serve_is_said_with_the_reason(terminal: Terminal) -> None:
    answer = terminal.type("collect", "AAPL", "--interval", "1m", "--period", "max")
    assert answer.exit_code == 0
    assert "Yahoo keeps 1m bars for 29 days only" in answer.stdout


def test_the_same_again_is_the_same_job(terminal: Terminal) -> None:
    terminal.type("collect", "AAPL", "--start", "2024-01-01", "--end", "2024-02-01")
    again = terminal.type("collect", "AAPL", "--start", "2024-01-01", "--end", "2024-02-01")
    assert "Job 1: AAPL (is being collected already)" in again.stdout


def test_without_a_queue_the_jobs_are_kept(terminal: Terminal) -> None:
    terminal.queue.is_away = True
    answer = terminal.type("collect", "AAPL", "--period", "1y")
    assert answer.exit_code == 0
    assert "Job 1: AAPL" in answer.stdout
    assert "The jobs are kept" in answer.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["collect", "AAPL"], "--start: Give a period, or a first day."),
        (["collect", ";;", "--period", "1y"], "SYMBOLS: Give at least one symbol"),
        (["collect", '"><img>', "--period", "1y"], "SYMBOLS: “"),
        (["collect", "AAPL", "--period", "soon"], "period: “soon” is not a period."),
        (["collect", "AAPL", "--start", "2024-02-01", "--end", "2024-01-01"], "--end: The end lies before the start."),
        (["collect", "AAPL", "--start", "yesterday"], "“yesterday” is not a date."),
        (["collect", "AAPL", "--period", "1y", "--source", "nowhere"], "--source: There is no source “nowhere”."),
        (["collect", "AAPL", "--period", "1y", "--interval", "10s"], "interval: Yahoo Finance has no 10s bars."),
        (
            ["collect", "AAPL", "--interval", "1m", "--start", "2019-01-01", "--end", "2019-02-01"],
            "start: Yahoo keeps 1m",
        ),
        (["collect", "AAPL", "--interval", "7m"], "--interval: “7m” is not an interval."),
        (["collect"], "Missing argument"),
    ],
)
def test_bad_input_is_a_sentence_and_status_two(terminal: Terminal, words: list[str], said: str) -> None:
    answer = terminal.type(*words)
    assert answer.exit_code == 2
    assert said in answer.stderr
    assert answer.stdout == ""
    assert terminal.type("jobs", "list").stdout.strip() == "No such jobs."


def test_waiting_ends_with_success_when_all_succeeded(terminal: Terminal) -> None:
    terminal.queue.work = finish
    answer = terminal.type("collect", "AAPL", "MSFT", "--start", "1970-01-01", "--end", "1970-01-05", "--wait")
    assert answer.exit_code == 0
    assert "1 AAPL: 100 % succeeded · 5 bars" in answer.stderr.splitlines()


def test_waiting_ends_with_status_one_when_one_failed(terminal: Terminal) -> None:
    terminal.queue.work = lambda job_id: finish(job_id, JobState.FAILED if job_id == 1 else JobState.SUCCEEDED)
    answer = terminal.type("collect", "NOPE", "MSFT", "--period", "1y", "--wait")
    assert answer.exit_code == 1
    assert "1 NOPE: 0 % failed · There is no NOPE." in answer.stderr.splitlines()
    assert "2 MSFT: 100 % succeeded · 5 bars" in answer.stderr.splitlines()


def test_each_change_is_one_line_and_nothing_is_said_twice(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = iter([None, lambda: finish(1), None])

    def pause(_seconds: float) -> None:
        step = next(looks)
        if step:
            step()

    monkeypatch.setattr("webapp.cli.waiting.time.sleep", pause)
    answer = terminal.type("collect", "AAPL", "--period", "1y", "--wait")
    assert answer.exit_code == 0
    assert [line for line in answer.stderr.splitlines() if line.startswith("1 AAPL")] == [
        "1 AAPL: 0 % pending",
        "1 AAPL: 100 % succeeded · 5 bars",
    ]


def test_an_interrupted_wait_says_that_the_jobs_go_on(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("webapp.cli.waiting.time.sleep", interrupted)
    answer = terminal.type("collect", "AAPL", "--period", "1y", "--wait")
    assert answer.exit_code == 130
    assert "The jobs go on in the background." in answer.stderr
    assert "pending" in terminal.type("jobs", "list").stdout


def test_bars_are_drawn_where_somebody_can_see_them(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal.queue.work = finish
    monkeypatch.setattr("webapp.cli.waiting._is_terminal", lambda _stream: True)
    answer = terminal.type("collect", "AAPL", "--period", "1y", "--wait")
    assert answer.exit_code == 0
    assert "AAPL" in answer.stderr
    assert "100%" in answer.stderr


def test_what_is_there_already_is_not_asked_for(terminal: Terminal) -> None:
    terminal.queue.work = finish
    words = ("collect", "AAPL", "--start", "1970-01-01", "--end", "1970-01-05")
    assert terminal.type(*words).exit_code == 0
    with terminal.app.app_context(), writing() as connection:
        queries_coverage.record(connection, 1, Covered(Span(0, 5 * DAY), Verdict.HAVE, 0))
    assert terminal.type(*words).stdout.splitlines()[0] == "Nothing is missing: 5 bars are there."


def test_a_job_that_waits_says_until_when_and_why(terminal: Terminal) -> None:
    terminal.type("collect", "AAPL", "--period", "1y")
    due = dt.datetime(2100, 1, 1, 14, 32, 10, tzinfo=dt.UTC)
    now = dt.datetime.now(dt.UTC)
    with terminal.app.app_context(), writing() as connection:
        claim = queries_claims.claim(connection, 1, "worker", now, dt.timedelta(minutes=1))
        assert claim
        done = ChunkRecord(Span(0, DAY), rows=3, blanks=0, chunks_left=1, reached=DAY, seconds=0.1)
        queries_claims.commit_chunk(connection, claim, done, now)
        reason = sentence("Yahoo asks us to slow down.")
        queries_claims.release(connection, claim, Release(JobState.WAITING, due_at=due, message=reason), now)
    shown = terminal.type("jobs", "show", "1").stdout.splitlines()[0]
    expected = "waits until 14:32:10 (UTC) · 3 bars · up to 1970-01-02 · Yahoo asks us to slow down."
    assert shown == f"AAPL 1d yahoo: 50 % {expected}"


def test_more_jobs_than_lines_are_summed_up(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal.queue.work = lambda job_id: finish(job_id, JobState.FAILED if job_id == 7 else JobState.SUCCEEDED)
    monkeypatch.setattr("webapp.cli.waiting._is_terminal", lambda _stream: True)
    symbols = [f"S{n}" for n in range(1, 61)]
    answer = terminal.type("collect", *symbols, "--period", "1y", "--wait")
    assert answer.exit_code == 1
    shown = answer.stderr.splitlines()
    assert any(line.startswith("60/60") for line in shown)
    assert any(line.startswith("S7 ") for line in shown)
    assert not any(line.startswith("S8 ") for line in shown)


def test_a_contract_is_collected_with_its_own_options(terminal: Terminal) -> None:
    words = ["collect", "--source", "ibkr", "--period", "1y", "--sec-type"]
    pair = terminal.type(*words, "CASH", "EUR.USD", "--what", "BID")
    assert pair.exit_code == 0, pair.stderr
    future = terminal.type(*words, "FUT", "ES", "--expiry", "203003", "--all-hours", "--exchange", "CME")
    assert future.exit_code == 0, future.stderr
    with terminal.app.app_context(), reading() as connection:
        rows = [queries_jobs.get(connection, job_id) for job_id in (1, 2)]
    assert [(row.symbol, row.variant) for row in rows if row] == [
        ("EUR.CASH.IDEALPRO.USD", "BID"),
        ("ES.FUT.CME.USD.203003", "TRADES-all"),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--source", "ibkr", "--sec-type", "FUT"], "expiry: Give the month or the last trading day"),
        (["--source", "ibkr", "--gateway", "gone"], "gateway: There is no gateway “gone”."),
        (["--source", "ibkr", "--prepost"], "options: “prepost” is not an option of Interactive Brokers."),
        (["--sec-type", "CASH"], "options: “sec_type” is not an option of Yahoo Finance. It has: prepost."),
        (["--all-hours"], "options: “rth” is not an option of Yahoo Finance."),
    ],
)
def test_an_option_that_is_wrong_is_named(terminal: Terminal, words: list[str], said: str) -> None:
    answer = terminal.type("collect", "AAPL", "--period", "1y", *words)
    assert answer.exit_code == 2
    assert said in answer.stderr
