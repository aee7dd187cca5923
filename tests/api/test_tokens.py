"""Who may ask: bearer tokens with scopes, and nothing else."""

import dataclasses
import datetime as dt
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.api.conftest import BODY, HandQueue, Program, program
from tests.web.factories import Asked, make_job, make_series
from webapp.access import tokens
from webapp.access.queries_tokens import Scope
from webapp.context import EXTENSION, context
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError, NotFoundError

WITH_BODY = ("jobs", "plans", "calendar-days", "job-commands", "clone", "frames", "collections", "frame")
READING_POSTS = {"/api/v1/plans", "/api/v1/frames", "/api/v1/collections/frame"}


def calls(app: Flask) -> Iterator[tuple[str, str]]:
    """Yield method and path of every endpoint that needs a token."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/") and not rule.rule.endswith("openapi.json"):
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                yield method, _path(rule)


def _path(rule: Rule) -> str:
    built = rule.build({name: "2024-03-01T00:00:00Z" if name == "time" else 1 for name in rule.arguments})
    assert built
    return str(built[1])


def scope_of(method: str, path: str) -> Scope:
    return Scope.READ if method == "GET" or path in READING_POSTS else Scope.WRITE


def test_every_endpoint_refuses_who_has_no_token(app: Flask, nobody: Program) -> None:
    found = list(calls(app))
    assert len(found) >= 11
    for method, path in found:
        answer = nobody.open(path, method=method, json=BODY if method == "POST" else None)
        assert answer.status_code == 401, path
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="moisson"'
        assert answer.get_json()["error"]["code"] == "not_authenticated"


@pytest.mark.parametrize("scope", list(Scope))
def test_every_endpoint_refuses_a_token_without_its_scope(app: Flask, scope: Scope) -> None:
    limited = program(app, scope)
    make_series(Asked())
    make_job()
    for method, path in calls(app):
        has_body = method == "PATCH" or path.endswith(
            (
                "jobs",
                "plans",
                "calendar-days",
                "job-commands",
                "clone",
                "frames",
                "collections",
                "frame",
                "lists",
                "schedules",
            )
        )
        answer = limited.open(path, method=method, json=BODY if has_body else None)
        if scope_of(method, path) is scope:
            assert answer.status_code in (200, 202, 404, 409, 422), path
        else:
            assert answer.status_code == 403, path
            assert answer.get_json()["error"]["code"] == "forbidden"
            assert f'scope="{scope_of(method, path)}"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer moisson_0123456789ab_" + "x" * 43,
        "Bearer moisson__",
        "Bearer " + "x" * 4000,
        "Bearer é",
        "Basic dXNlcjpwYXNz",
        "Digest username=1",
    ],
)
def test_what_is_no_good_token_is_refused(nobody: Program, header: str) -> None:
    answer = nobody.get("/api/v1/jobs", headers={"Authorization": header})
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_the_right_prefix_with_another_secret_is_refused(app: Flask, client: Program) -> None:
    assert client.token
    forged = client.token[:-1] + ("A" if client.token[-1] != "A" else "B")
    assert program(app).get("/api/v1/jobs", headers={"Authorization": f"Bearer {forged}"}).status_code == 401


def test_a_revoked_token_is_refused_at_once(client: Program) -> None:
    assert client.get("/api/v1/jobs").status_code == 200
    tokens.revoke(context(), tokens.every()[0].id)
    assert client.get("/api/v1/jobs").status_code == 401


def test_a_cookie_and_a_form_token_open_nothing(app: Flask, nobody: Program, queue: HandQueue) -> None:
    nobody.get("/")
    nobody.set_cookie("token", "anything")
    assert nobody.get("/api/v1/jobs").status_code == 401
    assert nobody.post("/api/v1/jobs", json=BODY).status_code == 401
    assert queue.sent == []


def test_no_csrf_token_is_asked_for_here_but_still_by_the_forms(client: Program, nobody: Program) -> None:
    assert client.post("/api/v1/jobs", json=BODY).status_code == 202
    assert client.post("/jobs", data={}).status_code == 400
    assert nobody.post("/jobs", data={}).status_code == 400


def test_the_token_itself_is_kept_nowhere(app: Flask) -> None:
    made = tokens.create(context(), "notebook", [Scope.READ])
    with reading() as connection:
        kept = connection.exec_driver_sql("SELECT * FROM api_token").all()
    secret = made.text.split("_", 2)[2]
    assert len(secret) == 43
    assert secret not in repr(kept)


def test_two_tokens_have_nothing_in_common(app: Flask) -> None:
    first, second = (tokens.create(context(), "same", [Scope.READ]) for _ in range(2))
    assert first.text.split("_")[1] != second.text.split("_")[1]
    assert first.text.split("_", 2)[2] != second.text.split("_", 2)[2]


def test_the_last_use_is_noted_once_a_minute(app: Flask, client: Program) -> None:
    now = [dt.datetime(2024, 3, 6, 12, tzinfo=dt.UTC)]
    app.extensions[EXTENSION] = dataclasses.replace(context(), now=lambda: now[0])
    noted = []
    for seconds in (0, 30, 31):
        now[0] += dt.timedelta(seconds=seconds)
        client.get("/api/v1/jobs")
        noted.append(tokens.every()[0].last_used_at)
    assert noted[0] == noted[1] == dt.datetime(2024, 3, 6, 12, tzinfo=dt.UTC)
    assert noted[2] == now[0]


@pytest.mark.parametrize("name", ["", " ", "x" * 81, "a\nb"])
def test_a_token_needs_a_name(app: Flask, name: str) -> None:
    with pytest.raises(InvalidRequestError):
        tokens.create(context(), name, [Scope.READ])


def test_a_token_needs_a_scope(app: Flask) -> None:
    with pytest.raises(InvalidRequestError):
        tokens.create(context(), "name", [])


def test_the_commands_make_list_and_revoke_tokens(app: Flask) -> None:
    run = app.test_cli_runner()
    made = run.invoke(args=["tokens", "create", "notebook", "--scope", "read", "--scope", "write"])
    text = made.stdout.strip()
    assert (made.exit_code, text.split("_")[0]) == (0, "moisson")
    listed = run.invoke(args=["tokens", "list"]).stdout
    assert "notebook" in listed
    assert "read, write" in listed
    assert text not in listed
    assert run.invoke(args=["tokens", "revoke", "1"]).exit_code == 0
    assert tokens.every()[0].revoked_at
    assert run.invoke(args=["tokens", "revoke", "7"]).exit_code == 3
    assert run.invoke(args=["tokens", "create", "nobody"]).exit_code == 2
    with pytest.raises(NotFoundError):
        tokens.revoke(context(), 7)


def test_an_empty_list_says_so(app: Flask) -> None:
    assert "no tokens" in app.test_cli_runner().invoke(args=["tokens", "list"]).stdout
