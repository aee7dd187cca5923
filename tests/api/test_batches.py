"""Batches through the API: all jobs that serve one, and an end to wait for."""

import threading
import time
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.api.conftest import BODY, HandTime, Program
from tests.servers import wait_until
from tests.web.factories import finish, start
from webapp.api import batches
from webapp.context import context
from webapp.kernel.job_states import JobState


def submit(client: Program, *symbols: str) -> dict[str, Any]:
    body: dict[str, Any] = client.post("/api/v1/jobs", json=BODY | {"symbols": list(symbols)}).get_json()
    return body


def test_a_batch_shows_all_jobs_that_serve_it(client: Program) -> None:
    first, second = submit(client, "AAPL"), submit(client, "AAPL", "MSFT")
    batch = client.get(f"/api/v1/batches/{second['batch_id']}").get_json()
    assert [job["symbol"] for job in batch["jobs"]] == ["AAPL", "MSFT"]
    assert [job["batch_id"] for job in batch["jobs"]] == [first["batch_id"], second["batch_id"]]
    assert (batch["is_over"], batch["states"], batch["progress"]["percent"]) == (False, {"pending": 2}, 0)
    listed = client.get(f"/api/v1/jobs?batch={second['batch_id']}").get_json()["jobs"]
    assert {job["id"] for job in listed} == {job["id"] for job in batch["jobs"]}


def test_the_end_of_a_batch_can_be_waited_for(client: Program, app: Flask) -> None:
    made = submit(client, "AAPL")
    answers: list[dict[str, Any]] = []
    waiting = app.test_client()

    def wait() -> None:
        path = f"/api/v1/batches/{made['batch_id']}?wait=30"
        answers.append(waiting.get(path, headers={"Authorization": f"Bearer {client.token}"}).get_json())

    thread = threading.Thread(target=wait)
    thread.start()
    wait_until(lambda: batches._WAITERS._value == 1, "the request waits")  # noqa: SLF001 -- nothing else shows it
    with app.app_context():
        finish(start(made["jobs"][0]["id"], context().now()))
    thread.join(30)
    [batch] = answers
    assert (batch["is_over"], batch["states"], batch["progress"]["percent"]) == (True, {"succeeded": 1}, 100)


def test_who_waits_leaves_the_other_threads_to_serve(client: Program) -> None:
    made = submit(client, "AAPL")
    assert batches._WAITERS.acquire(blocking=False)  # noqa: SLF001
    assert batches._WAITERS.acquire(blocking=False)  # noqa: SLF001
    began = time.monotonic()
    try:
        answer = client.get(f"/api/v1/batches/{made['batch_id']}?wait=30")
    finally:
        batches._WAITERS.release(2)  # noqa: SLF001
    assert answer.get_json()["is_over"] is False
    assert time.monotonic() - began < 20


def test_what_is_no_batch_is_not_found(client: Program) -> None:
    assert client.get("/api/v1/batches/99").status_code == 404
    assert client.get("/api/v1/batches/1?wait=31").status_code == 422


def test_batches_are_listed_newest_first_with_what_their_jobs_come_to(client: Program) -> None:
    first, second = submit(client, "AAPL"), submit(client, "AAPL", "MSFT")
    finish(start(first["jobs"][0]["id"], context().now()))
    listed = client.get("/api/v1/batches").get_json()
    assert [row["id"] for row in listed["batches"]] == [second["batch_id"], first["batch_id"]]
    for row in listed["batches"]:
        shown = client.get(row["url"]).get_json()
        assert {name: shown[name] for name in row if name != "url"} == {
            name: value for name, value in row.items() if name != "url"
        }
    assert listed["batches"][0]["states"] == {"pending": 1, "succeeded": 1}
    page = client.get("/api/v1/batches?limit=1").get_json()
    rest = client.get(f"/api/v1/batches?limit=1&cursor={page['next_cursor']}").get_json()
    assert page["batches"] + rest["batches"] == listed["batches"]
    assert rest["next_cursor"] is None


def test_a_batch_is_paused_resumed_cancelled_and_retried(client: Program) -> None:
    made = submit(client, "AAPL", "MSFT")
    ids = [job["id"] for job in made["jobs"]]
    path = f"/api/v1/batches/{made['batch_id']}"
    for verb, state in (("pause", "paused"), ("resumption", "pending")):
        answer = client.post(f"{path}/{verb}")
        assert answer.status_code == 202
        body = answer.get_json()
        assert (body["changed"], body["refused"], body["states"]) == (ids, [], {state: 2})
    finish(start(ids[0], context().now()), JobState.FAILED)
    assert client.post(f"{path}/cancellation").get_json()["changed"] == ids[1:]
    again = client.post(f"{path}/retry").get_json()
    assert (again["changed"], again["states"]) == (ids[:1], {"pending": 1, "cancelled": 1})
    assert client.get(f"/api/v1/jobs/{ids[0]}/events").get_json()["events"][0]["actor"] == "api"


@pytest.mark.parametrize("verb", ["cancellation", "pause", "resumption", "retry"])
def test_what_no_job_of_a_batch_can_do_is_409_with_a_sentence(client: Program, verb: str) -> None:
    made = submit(client, "AAPL")
    finish(start(made["jobs"][0]["id"], context().now()))
    answer = client.post(f"/api/v1/batches/{made['batch_id']}/{verb}")
    assert answer.status_code == 409
    assert answer.get_json()["error"] == {
        "code": "conflict",
        "message": f"There is nothing of the kind to do in batch {made['batch_id']}.",
    }
    assert client.post(f"/api/v1/batches/99/{verb}").status_code == 404


def test_a_batch_is_sent_again_only_when_something_has_changed(client: Program) -> None:
    made = submit(client, "AAPL")
    path = f"/api/v1/batches/{made['batch_id']}"
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    client.post(f"{path}/pause")
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.get_json()["states"]) == (200, {"paused": 1})
    assert again.headers["ETag"] != tag


def test_the_next_change_of_a_batch_can_be_waited_for(client: Program, app: Flask) -> None:
    made = submit(client, "AAPL")
    path = f"/api/v1/batches/{made['batch_id']}"
    tag = client.get(path).headers["ETag"]
    answers: list[TestResponse] = []
    waiting = app.test_client()

    def wait() -> None:
        headers = {"Authorization": f"Bearer {client.token}", "If-None-Match": tag}
        answers.append(waiting.get(f"{path}?wait=30", headers=headers))

    thread = threading.Thread(target=wait)
    thread.start()
    wait_until(lambda: batches._WAITERS._value == 1, "the request waits")  # noqa: SLF001 -- nothing else shows it
    client.post(f"/api/v1/jobs/{made['jobs'][0]['id']}/pause")
    thread.join(30)
    [answer] = answers
    assert (answer.status_code, answer.get_json()["is_over"]) == (200, False)
    assert answer.get_json()["states"] == {"paused": 1}


def test_a_wait_in_which_nothing_changes_is_304(client: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "time", HandTime())
    path = f"/api/v1/batches/{submit(client, 'AAPL')['batch_id']}"
    tag = client.get(path).headers["ETag"]
    assert client.get(f"{path}?wait=30", headers={"If-None-Match": tag}).status_code == 304
    assert client.get(f"{path}?wait=30", headers={"If-None-Match": '"else"'}).status_code == 200
