"""An option that a source does not have is refused in the same words, whoever asks: page, API, command, notebook."""

from typing import cast

import pytest
from markupsafe import escape

from tests.cli.conftest import Terminal
from webapp.access import tokens
from webapp.access.queries_tokens import Scope
from webapp.context import context
from webapp.errors import InvalidRequestError
from webapp.job_manager import JobManager
from webapp.sources.choices import SourceOptions
from webapp.sources.option_fields import OPTIONS

FORM = {"symbols": "AAPL", "interval": "1h", "period": "1mo", "priority": "normal"}
FOREIGN = pytest.mark.parametrize(
    ("source", "name", "sentence"),
    [
        ("yahoo", "what", "“what” is not an option of Yahoo Finance. It has: prepost."),
        ("yahoo", "sec_type", "“sec_type” is not an option of Yahoo Finance. It has: prepost."),
        ("ibkr", "prepost", "“prepost” is not an option of Interactive Brokers. It has: sec_type, exchange, currency"),
    ],
)
VALUES: dict[str, str | bool] = {"what": "BID", "sec_type": "CASH", "prepost": True}


@FOREIGN
def test_a_page_refuses_it(terminal: Terminal, source: str, name: str, sentence: str) -> None:
    terminal.app.config["WTF_CSRF_ENABLED"] = False
    typed = FORM | {"source": source, name: "y" if VALUES[name] is True else str(VALUES[name])}
    answer = terminal.app.test_client().post("/jobs", data=typed, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert str(escape(sentence)) in answer.text


@FOREIGN
def test_the_api_refuses_it(terminal: Terminal, source: str, name: str, sentence: str) -> None:
    with terminal.app.app_context():
        token = tokens.create(context(), "test", [Scope.WRITE]).text
    body = {"source": source, "symbols": ["AAPL"], "interval": "1h", "period": "1mo", "options": {name: VALUES[name]}}
    answer = terminal.app.test_client().post("/api/v1/jobs", json=body, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 422
    assert answer.get_json()["error"]["fields"]["options"].startswith(sentence)


@FOREIGN
def test_the_command_refuses_it(terminal: Terminal, source: str, name: str, sentence: str) -> None:
    value = [] if VALUES[name] is True else [str(VALUES[name])]
    words = ("collect", "AAPL", "--source", source, "--interval", "1h", "--period", "1mo")
    answer = terminal.type(*words, f"--{name.replace('_', '-')}", *value)
    assert answer.exit_code == 2
    assert f"options: {sentence}" in answer.stderr


@FOREIGN
def test_the_notebook_refuses_it(terminal: Terminal, source: str, name: str, sentence: str) -> None:
    options = cast("SourceOptions", {name: VALUES[name]})
    with terminal.app.app_context(), pytest.raises(InvalidRequestError) as caught:
        JobManager.submit("AAPL", source=source, interval="1h", period="1mo", **options)
    assert list(caught.value.fields) == ["options"]
    assert str(caught.value.fields["options"]).startswith(sentence)


def test_a_script_may_name_the_options_of_a_source_that_was_installed(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(cast("dict[str, tuple[str, ...]]", OPTIONS), "yahoo", ("prepost", "feed"))
    options = cast("SourceOptions", {"feed": "delayed"})
    with terminal.app.app_context():
        batch = JobManager.submit("AAPL", period="1y", **options)
        assert [job["symbol"] for job in JobManager.get_active_jobs()] == ["AAPL"]
    assert len(batch.job_ids) == 1
