"""Batches through the API: all jobs that serve one, and an end to wait for."""

import threading
import time
from typing import Any

from flask import Flask

from tests.api.conftest import BODY, Program
from tests.servers import wait_until
from tests.web.factories import finish, start
from webapp.api import batches
from webapp.context import context


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
