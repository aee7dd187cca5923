"""Nothing and failed never look alike when somebody reads: what was never told is not found, what is empty says so."""

import datetime as dt
import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.cli.conftest import Terminal
from webapp.access import tokens
from webapp.access.queries_tokens import Scope
from webapp.cli import statuses
from webapp.collecting.verbs import JobCommand, Verb, execute
from webapp.context import context
from webapp.database.transactions import writing
from webapp.errors import NotFoundError, sentence
from webapp.job_manager import JobManager
from webapp.jobs import queries_claims
from webapp.jobs.claims import Release
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.job_states import ErrorKind, JobState
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span
from webapp.series import queries_coverage, queries_series

SPAN = Span(19_700 * DAY, 19_730 * DAY)
UNKNOWN = sentence("An unexpected error stopped the job (%(error)s).", error="KeyError")
NOT_FOUND = (
    "There are no 1d bars of NOSUCH from yahoo. Job 1 asked for them and failed: An unexpected error stopped the job "
    "(KeyError)."
)
EMPTY = "There are no bars: the source answered that nothing was traded in what it was asked for."


def submit_job(terminal: Terminal) -> None:
    answer = terminal.type("collect", "NOSUCH", "--start", "2024-01-01", "--end", "2024-01-31")
    assert answer.exit_code == 0


def fail() -> None:
    now = dt.datetime.now(dt.UTC)
    with writing() as connection:
        claim = queries_claims.claim(connection, 1, "worker", now, dt.timedelta(minutes=1))
        assert claim
        told = Release(JobState.FAILED, error_kind=ErrorKind.UNKNOWN_SYMBOL.value, message=UNKNOWN)
        queries_claims.release(connection, claim, told, now)


@pytest.fixture
def failed(terminal: Terminal) -> Terminal:
    """A terminal after a collection of which nothing came."""
    submit_job(terminal)
    with terminal.app.app_context():
        fail()
    return terminal


def reader(terminal: Terminal) -> tuple[FlaskClient, dict[str, str]]:
    with terminal.app.app_context():
        token = tokens.create(context(), "test", [Scope.READ]).text
    return terminal.app.test_client(), {"Authorization": f"Bearer {token}"}


READS: dict[str, Callable[[], object]] = {
    "bars": lambda: JobManager.bars("NOSUCH"),
    "coverage": lambda: JobManager.coverage("NOSUCH"),
    "gaps": lambda: JobManager.gaps("NOSUCH"),
    "actions": lambda: JobManager.actions("NOSUCH"),
}


@pytest.mark.parametrize("name", READS)
def test_python_does_not_find_what_was_never_told(failed: Terminal, name: str) -> None:
    with failed.app.app_context(), pytest.raises(NotFoundError) as caught:
        READS[name]()
    assert str(caught.value) == NOT_FOUND


@pytest.mark.parametrize(
    "words",
    [
        ("export", "NOSUCH"),
        ("export", "NOSUCH", "--source", "yahoo"),
        ("series", "coverage", "NOSUCH"),
        ("series", "origin", "NOSUCH", "--time", "2024-01-02"),
    ],
)
def test_commands_do_not_find_it(failed: Terminal, words: tuple[str, ...]) -> None:
    answer = failed.type(*words)
    assert (answer.exit_code, answer.stdout, answer.stderr) == (statuses.NOT_FOUND, "", f"{NOT_FOUND}\n")


@pytest.mark.parametrize("path", ["bars", "bars?format=csv", "bars?max_points=10", "coverage"])
def test_the_api_does_not_find_it(failed: Terminal, path: str) -> None:
    client, headers = reader(failed)
    answer = client.get(f"/api/v1/series/1/{path}", headers=headers)
    assert (answer.status_code, answer.get_json()["error"]) == (404, {"code": "not_found", "message": NOT_FOUND})


@pytest.mark.parametrize(
    "path",
    [
        "/exports/new?series=1",
        "/ui/series/1/export",
        "/series/1/export.csv",
        "/series/1/export.arrow",
        "/exports/1.zip",
    ],
)
def test_pages_do_not_export_it_and_say_why(failed: Terminal, path: str) -> None:
    path = path if "zip" not in path else f"{path}?format=csv"
    answer = failed.app.test_client().get(path)
    assert answer.status_code == 404
    assert NOT_FOUND in answer.text


def test_its_own_page_says_what_its_job_met_in_the_reader_s_language(failed: Terminal) -> None:
    page = failed.app.test_client().get("/series/1", headers={"Accept-Language": "fr"})
    assert page.status_code == 200
    assert "La collecte 1 les a demandées et a échoué" in page.text
    assert "a échoué\u00a0: Une erreur inattendue a arrêté la collecte (KeyError)." in page.text


def test_the_reason_is_that_of_the_last_job(failed: Terminal) -> None:
    with failed.app.app_context():
        execute(failed.context, 1, JobCommand(Verb.RETRY, "test"))
        with pytest.raises(NotFoundError, match=r"Job 1 asks for them and is not over yet\.$"):
            JobManager.bars("NOSUCH")
        execute(failed.context, 1, JobCommand(Verb.CANCEL, "test"))
        with pytest.raises(NotFoundError, match=r"Job 1 asked for them and was cancelled\.$"):
            JobManager.bars("NOSUCH")


def test_what_is_stored_of_it_is_listed_beside_the_reason(failed: Terminal) -> None:
    with failed.app.app_context():
        with writing() as connection:
            other = queries_series.ensure(connection, "yahoo", "NOSUCH", Interval.M1, "prepost")
            queries_series.extend_range(connection, other, 5, 0, 4 * DAY, dt.datetime.now(dt.UTC))
        with pytest.raises(NotFoundError) as caught:
            JobManager.bars("NOSUCH")
        assert len(JobManager.actions("NOSUCH")) == 0, "something is known of the instrument"
    assert str(caught.value) == f"{NOT_FOUND} What is stored of it: 1m (yahoo)."


def test_what_is_confirmed_empty_stays_empty_and_says_so(failed: Terminal) -> None:
    with failed.app.app_context():
        with writing() as connection:
            queries_coverage.record(connection, 1, Covered(SPAN, Verdict.EMPTY, SPAN.end))
        frame = JobManager.bars("NOSUCH")
        assert (len(frame), frame.attrs["notes"]) == (0, [EMPTY])
        assert list(JobManager.coverage("NOSUCH")["verdict"]) == ["empty"]
        assert len(JobManager.actions("NOSUCH")) == 0
    answer = failed.type("export", "NOSUCH")
    assert (answer.exit_code, answer.stderr) == (0, f"{EMPTY}\n")
    assert answer.stdout == "time,open,high,low,close,volume\n"
    client, headers = reader(failed)
    shown = client.get("/api/v1/series/1/bars", headers=headers)
    assert (shown.status_code, shown.get_json()["bars"], shown.get_json()["notes"]) == (200, [], [EMPTY])
    assert client.get("/series/1/export.csv").status_code == 200
    assert EMPTY in client.get("/series/1").text


def test_what_is_in_doubt_is_not_called_empty(failed: Terminal) -> None:
    with failed.app.app_context():
        with writing() as connection:
            queries_coverage.record_doubt(connection, 1, SPAN, SPAN.end)
        assert "not believed yet" in JobManager.bars("NOSUCH").attrs["notes"][0]
    assert json.loads(failed.type("series", "coverage", "NOSUCH", "--json").stdout)[0]["verdict"] == "doubted"
