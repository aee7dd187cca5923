"""``--json`` and ``--quiet``: every command has them, and nothing but the answer stands on standard output then."""

import json
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.pages import leaves
from webapp.access import tokens
from webapp.access.queries_tokens import Scope
from webapp.cli.speaking import StreamingCommand
from webapp.database.transactions import writing
from webapp.kernel.intervals import DAY
from webapp.kernel.job_states import JobState
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span
from webapp.series import queries_coverage

from .conftest import Terminal, finish, stored_series

LEAVES = {" ".join(words): command for words, command in leaves()}
WORDS = {
    "init-db": [],
    "doctor": [],
    "clock": [],
    "collect": ["AAPL", "MSFT", "--period", "1y"],
    "export": ["AAPL"],
    "jobs list": [],
    "jobs show": ["1"],
    "jobs stats": [],
    "jobs watch": ["2"],
    "jobs cancel": ["1"],
    "jobs pause": ["1"],
    "jobs resume": ["3"],
    "jobs retry": ["4"],
    "jobs priority": ["high", "1"],
    "jobs clone": ["2"],
    "batches list": [],
    "batches show": ["1"],
    "batches cancel": ["1"],
    "batches pause": ["1"],
    "batches resume": ["1"],
    "batches retry": ["1"],
    "series list": [],
    "series coverage": ["AAPL"],
    "series origin": ["AAPL", "--time", "1970-01-02"],
    "calendars list": [],
    "calendars days": [],
    "calendars correct": ["XNYS", "2025-01-07", "closed"],
    "tokens create": ["laptop", "--scope", "read"],
    "tokens list": [],
    "tokens revoke": ["1"],
    "lists list": [],
    "lists show": ["tech"],
    "lists create": ["other", "AAPL"],
    "lists add": ["tech", "MSFT"],
    "lists remove": ["tech", "AAPL"],
    "lists rename": ["tech", "other"],
    "lists import": ["other", str(Path(__file__).with_name("symbols.txt"))],
    "lists export": ["tech"],
    "lists delete": ["tech"],
    "schedules list": [],
    "schedules show": ["1"],
    "schedules create": ["MSFT", "--period", "1mo"],
    "schedules pause": ["1"],
    "schedules resume": ["2"],
    "schedules run": ["1"],
    "schedules delete": ["1"],
    "late": [],
}
"""Of each command, arguments that it does something with: jobs 1 to 4 are pending, done, paused and failed."""
DOING = (
    {"init-db", "clock", "collect", "jobs watch", "jobs clone"}
    | {f"lists {verb}" for verb in ("create", "add", "remove", "rename", "import", "delete")}
    | {f"schedules {verb}" for verb in ("create", "pause", "resume", "run", "delete")}
)
ASKED = {"cancel", "pause", "resume", "retry", "priority", "correct", "revoke"}
"""Commands that are given for what they do, and not for an answer."""


@pytest.fixture
def busy(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal with jobs, a series and a token."""
    results: dict[int, Callable[[int], None]] = {2: finish, 4: lambda job_id: finish(job_id, JobState.FAILED)}
    terminal.queue.work = lambda job_id: results[job_id](job_id) if job_id in results else None
    for symbol in ("ONE", "TWO", "THREE", "FOUR"):
        assert terminal.type("collect", symbol, "--period", "1y").exit_code == 0
    assert terminal.type("jobs", "pause", "3").exit_code == 0
    assert terminal.type("lists", "create", "tech", "AAPL").exit_code == 0
    for _ in range(2):
        assert terminal.type("schedules", "create", "AAPL", "--period", "1mo").exit_code == 0
    assert terminal.type("schedules", "pause", "2").exit_code == 0
    series_id = stored_series(terminal)
    with terminal.app.app_context():
        with writing() as connection:
            queries_coverage.record(connection, series_id, Covered(Span(0, DAY), Verdict.HAVE, 0))
            queries_coverage.record(connection, series_id, Covered(Span(3 * DAY, 5 * DAY), Verdict.HAVE, 0))
        tokens.create(terminal.context, "old", [Scope.READ])
    clock = sys.modules["webapp.cli.clock"]  # the package's attribute of that name is the command
    assert terminal.type("calendars", "correct", "XNYS", "2025-01-09", "closed").exit_code == 0
    monkeypatch.setattr(clock, "run_clock", lambda *_: None)
    monkeypatch.setattr(clock, "signal", types.SimpleNamespace(signal=lambda *_: None, SIGTERM=15, SIGINT=2))
    return terminal


def test_every_command_is_tried_here() -> None:
    assert set(WORDS) == set(LEAVES)


@pytest.mark.parametrize("name", WORDS)
def test_with_json_standard_output_holds_json_and_nothing_else(busy: Terminal, name: str) -> None:
    answer = busy.type(*name.split(), *WORDS[name], "--json")
    assert "Traceback" not in answer.output
    if isinstance(LEAVES[name], StreamingCommand):
        records = [json.loads(line) for line in answer.stdout.splitlines()]
        assert records
        assert all(isinstance(record, dict) for record in records)
    else:
        assert json.loads(answer.stdout) or name == "late", "nothing is late here"


@pytest.mark.parametrize("name", WORDS)
def test_quiet_says_nothing_but_what_was_asked_for(busy: Terminal, name: str) -> None:
    plain, quiet = (busy.type(*name.split(), *WORDS[name], *option) for option in ((), ("--quiet",)))
    does_something = name in DOING or name.rsplit(maxsplit=1)[-1] in ASKED
    if does_something:
        assert quiet.stdout == ""
    elif name != "tokens create":
        assert quiet.stdout == plain.stdout
    if quiet.exit_code == 0:
        assert quiet.stderr == ""


def api(terminal: Terminal, path: str, body: dict[str, object] | None = None) -> Any:  # noqa: ANN401 -- JSON
    with terminal.app.app_context():
        token = tokens.create(terminal.context, "test", [Scope.READ, Scope.WRITE]).text
    client, headers = terminal.app.test_client(), {"Authorization": f"Bearer {token}"}
    answer = client.post(path, json=body, headers=headers) if body else client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def typed(terminal: Terminal, *words: str) -> Any:  # noqa: ANN401 -- JSON
    return json.loads(terminal.type(*words, "--json").stdout)


def test_records_are_those_of_the_api(busy: Terminal) -> None:
    for job_id in ("1", "2", "3", "4"):
        shown = typed(busy, "jobs", "show", job_id)
        assert shown.pop("events") == api(busy, f"/api/v1/jobs/{job_id}/events")["events"]
        assert shown == api(busy, f"/api/v1/jobs/{job_id}")
    assert typed(busy, "jobs", "list") == api(busy, "/api/v1/jobs")["jobs"]
    listed, served = typed(busy, "batches", "list"), api(busy, "/api/v1/batches")["batches"]
    assert [batch | {"url": f"/api/v1/batches/{batch['id']}"} for batch in listed] == served
    batch = api(busy, "/api/v1/batches/2")
    assert batch.pop("notice") is None, "what keeps it, for who waits"
    assert typed(busy, "batches", "show", "2") == batch
    assert typed(busy, "series", "list") == api(busy, "/api/v1/series")["series"]
    coverage = api(busy, "/api/v1/series/5/coverage")
    spans = typed(busy, "series", "coverage", "AAPL")
    assert [span["verdict"] for span in spans] == ["have", "unknown", "have"]
    assert [spans[0], spans[2]] == coverage["spans"]
    assert all(gap.items() <= spans[1].items() for gap in coverage["gaps"])


def test_a_submission_is_the_api_s_with_its_jobs_and_its_plan(busy: Terminal) -> None:
    words = ("collect", "NEW", "ONE", "--start", "2024-01-01", "--end", "2024-02-01")
    body: dict[str, object] = {
        "source": "yahoo",
        "symbols": ["NEW", "ONE"],
        "interval": "1d",
        "start": "2024-01-01",
        "end": "2024-02-01",
    }
    plan = api(busy, "/api/v1/plans", body)
    made = typed(busy, *words)
    assert made["plan"] == plan
    assert (made["batch_id"], made["notes"], [job["symbol"] for job in made["jobs"]]) == (5, [], ["NEW", "ONE"])
    assert all(api(busy, job["url"]).items() <= job.items() for job in made["jobs"])
    again = typed(busy, *words)
    assert [job["is_repeated"] for job in again["jobs"]] == [True, True]


def test_a_submission_that_is_waited_for_shows_how_its_jobs_ended(busy: Terminal) -> None:
    busy.queue.work = lambda job_id: finish(job_id, JobState.FAILED if job_id == 6 else JobState.SUCCEEDED)
    answer = busy.type("collect", "NEW", "NOPE", "--period", "1y", "--wait", "--json")
    assert answer.exit_code == 1
    assert [job["state"] for job in json.loads(answer.stdout)["jobs"]] == ["succeeded", "failed"]
    assert "6 NOPE: 0 % failed · There is no NOPE." in answer.stderr.splitlines()


def test_of_several_jobs_those_that_refused_are_named(busy: Terminal) -> None:
    answer = busy.type("jobs", "cancel", "1", "2", "77", "--json")
    outcome = json.loads(answer.stdout)
    assert (answer.exit_code, [job["state"] for job in outcome["jobs"]]) == (3, ["cancelled"])
    assert outcome["refused"] == [
        {"id": 2, "message": "Job 2 has succeeded; there is nothing left to do.", "is_missing": False},
        {"id": 77, "message": "There is no job 77.", "is_missing": True},
    ]
    assert answer.stderr.splitlines() == [refusal["message"] for refusal in outcome["refused"]]


def test_an_error_leaves_standard_output_empty(busy: Terminal) -> None:
    answer = busy.type("jobs", "show", "77", "--json")
    assert (answer.exit_code, answer.stdout, answer.stderr) == (3, "", "There is no job 77.\n")
