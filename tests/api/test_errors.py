"""Whatever goes wrong under /api/ is said as JSON, in the reader's language, and nothing of it is kept."""

import pytest
from flask import Flask
from sqlalchemy import event

from tests.api.conftest import BODY, Program
from webapp.api.bodies import LARGEST
from webapp.extensions import db

SHAPE = {"code", "message", "fields"}


@pytest.mark.parametrize(
    "path", ["/api/", "/api/v1", "/api/v1/nothing", "/api/v2/jobs", "/api/v1/jobs/x", "/api/v1/jobs/-1"]
)
def test_an_address_that_is_not_there_is_404(nobody: Program, path: str) -> None:
    answer = nobody.get(path)
    assert answer.status_code == 404
    assert answer.get_json()["error"] == {"code": "not_found", "message": "There is nothing at this address."}
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/api/v1/jobs"), ("GET", "/api/v1/plans"), ("PUT", "/api/v1/series")]
)
def test_a_wrong_method_is_405_and_names_the_right_ones(client: Program, method: str, path: str) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == 405
    assert answer.get_json()["error"]["code"] == "method_not_allowed"
    assert answer.headers["Allow"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nonsense", b"\xff\xfe", b"[" * 100_000, b'{"source": ' + b"1" * 5000 + b"}", b'{"a": "\x00'],
)
def test_a_body_that_is_not_json_is_400(client: Program, body: bytes) -> None:
    answer = client.post("/api/v1/jobs", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.get_json()["error"]["code"] == "bad_request"


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"text"', b"NaN"])
def test_a_body_that_is_no_object_is_422(client: Program, body: bytes) -> None:
    answer = client.post("/api/v1/jobs", data=body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.get_json()["error"]["fields"]


def test_a_form_is_415(client: Program) -> None:
    for answer in (client.post("/api/v1/jobs", data=BODY), client.post("/api/v1/jobs")):
        assert answer.status_code == 415
        assert answer.get_json()["error"]["code"] == "not_json"


def test_too_large_a_body_is_413(client: Program) -> None:
    answer = client.post("/api/v1/jobs", data=b" " * (LARGEST + 1), content_type="application/json")
    assert answer.status_code == 413
    assert answer.get_json()["error"]["code"] == "too_large"


def test_another_host_is_refused(client: Program) -> None:
    for path in ("/api/v1/jobs", "/api/v1/openapi.json"):
        answer = client.get(path, headers={"Host": "evil.com"})
        assert answer.status_code == 400
        assert answer.get_json()["error"]["code"] == "bad_request"
        assert "evil.com" not in answer.text


def test_a_crash_is_500_and_shows_nothing(app: Flask, client: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr("webapp.collecting.submit.find", lambda _: 1 / 0)
    answer = client.get("/api/v1/jobs/1")
    assert answer.status_code == 500
    assert set(answer.get_json()["error"]) <= SHAPE
    assert answer.get_json()["error"]["code"] == "internal"
    assert "ZeroDivision" not in answer.text


def test_errors_are_said_in_the_readers_language(client: Program, nobody: Program) -> None:
    def told(language: str) -> list[str]:
        headers = {"Accept-Language": language}
        answers = [
            client.get("/api/v1/jobs/999", headers=headers),
            client.get("/api/v1/nothing", headers=headers),
            client.post("/api/v1/jobs", json={}, headers=headers),
            nobody.get("/api/v1/jobs", headers=headers),
        ]
        return [answer.get_json()["error"]["message"] for answer in answers]

    english, french = told("en"), told("fr-FR,fr;q=0.9")
    assert english[0] == "There is no job 999."
    assert all(one != other for one, other in zip(english, french, strict=True))


def test_pages_keep_their_own_errors(client: Program) -> None:
    assert client.get("/nothing").mimetype == "text/html"
    assert client.get("/apiary").mimetype == "text/html"


def test_nothing_is_kept_by_anybody(client: Program, nobody: Program) -> None:
    for answer in (client.get("/api/v1/jobs"), client.post("/api/v1/jobs", json=BODY), nobody.get("/api/v1/jobs")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers


def test_a_database_that_takes_no_writes_is_told_as_such(client: Program) -> None:
    db.engine.dispose()
    event.listen(db.engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only = ON"))
    answer = client.post("/api/v1/jobs", json=BODY)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "unavailable")
    assert "cannot be written" in answer.get_json()["error"]["message"]
