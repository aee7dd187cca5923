"""A request that is sent again under its key is done once."""

import datetime as dt
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from tests.api.conftest import BODY, HandQueue, Program, program
from webapp.access import idempotency, tokens
from webapp.access import queries_idempotency as store
from webapp.access.queries_idempotency import Asking, KeptAnswer
from webapp.access.queries_tokens import Scope
from webapp.context import Context, context
from webapp.database.transactions import reading, writing
from webapp.errors import ConflictError, InvalidRequestError
from webapp.jobs import queries_jobs
from webapp.jobs.queries_jobs import JobFilter
from webapp.upkeep.clean_up import clean_up

KEY = {"Idempotency-Key": "9f1c"}
DONE = KeptAnswer(202, "{}")


def count_jobs() -> int:
    with reading() as connection:
        return queries_jobs.count(connection, JobFilter())


def finish_everything() -> None:
    """Let the jobs be over, so that nothing but the key keeps the same from being collected again."""
    with reading() as connection:
        rows = queries_jobs.page(connection, JobFilter())
    with writing() as connection:
        for row in rows:
            connection.exec_driver_sql("UPDATE job SET state = 'succeeded' WHERE id = ?", (row.id,))


def test_the_same_request_gets_the_first_answer_again(client: Program, queue: HandQueue) -> None:
    first = client.post("/api/v1/jobs", json=BODY, headers=KEY)
    finish_everything()
    second = client.post("/api/v1/jobs", json=dict(reversed(BODY.items())), headers=KEY)
    assert (first.status_code, first.data) == (second.status_code, second.data)
    assert first.status_code == 202
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert (count_jobs(), len(queue.sent)) == (2, 2)


def test_another_request_under_the_same_key_is_refused(client: Program) -> None:
    client.post("/api/v1/jobs", json=BODY, headers=KEY)
    answer = client.post("/api/v1/jobs", json=BODY | {"symbols": ["TSLA"]}, headers=KEY)
    assert answer.status_code == 422
    assert answer.get_json()["error"]["fields"] == {
        "Idempotency-Key": "This key was used for another request. Use a new key for a new request."
    }
    assert count_jobs() == 2


def test_another_key_is_another_request(client: Program) -> None:
    client.post("/api/v1/jobs", json=BODY, headers=KEY)
    finish_everything()
    client.post("/api/v1/jobs", json=BODY, headers={"Idempotency-Key": "other"})
    assert count_jobs() == 4


def test_keys_of_two_tokens_have_nothing_to_do_with_each_other(app: Flask, client: Program) -> None:
    client.post("/api/v1/jobs", json=BODY, headers=KEY)
    other = program(app, Scope.WRITE)
    answer = other.post("/api/v1/jobs", json=BODY | {"symbols": ["TSLA"]}, headers=KEY)
    assert answer.status_code == 202


def test_a_refused_request_frees_its_key(client: Program) -> None:
    refused = client.post("/api/v1/jobs", json=BODY | {"symbols": ["no symbol!"]}, headers=KEY)
    assert refused.status_code == 422
    assert client.post("/api/v1/jobs", json=BODY, headers=KEY).status_code == 202


@pytest.mark.parametrize("key", ["", "a b", "é", "x" * 256])
def test_what_is_no_key_is_refused(client: Program, key: str) -> None:
    answer = client.post("/api/v1/jobs", json=BODY, headers={"Idempotency-Key": key})
    assert answer.status_code == 422
    assert list(answer.get_json()["error"]["fields"]) == ["Idempotency-Key"]


def test_two_requests_at_the_same_time_make_one_batch(app: Flask) -> None:
    clients = [program(app, Scope.WRITE)] * 8
    barrier = threading.Barrier(len(clients))

    def send(_: int) -> tuple[int, bytes]:
        client = app.test_client()
        barrier.wait()
        headers = {**KEY, "Authorization": f"Bearer {clients[0].token}"}
        answer = client.post("/api/v1/jobs", json=BODY, headers=headers)
        return answer.status_code, answer.data

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = set(pool.map(send, range(len(clients))))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 202
    with reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM batch").scalar() == 1
    assert count_jobs() == 2


class Once:
    """The service, with a time that the test moves."""

    def __init__(self, app: Flask) -> None:
        self.asking = Asking(tokens.create(context(), "test", [Scope.WRITE]).id, "key", "digest")
        self.now = dt.datetime(2024, 3, 6, 12, tzinfo=dt.UTC)
        self.acted = 0

    def __call__(self, act: Callable[[], KeptAnswer] | None = None, digest: str = "digest") -> bool:
        asking = Asking(self.asking.token_id, "key", digest)
        return idempotency.once(self.context, asking, act or self.act).is_repeated

    @property
    def context(self) -> Context:
        values: dict[str, Any] = {name: getattr(context(), name) for name in Context.__dataclass_fields__}
        return Context(**values | {"now": lambda: self.now})

    def act(self) -> KeptAnswer:
        self.acted += 1
        return DONE


@pytest.fixture
def once(app: Flask) -> Once:
    return Once(app)


def test_a_key_is_free_again_after_24_hours(once: Once) -> None:
    assert once() is False
    once.now += dt.timedelta(hours=23, minutes=59)
    assert once() is True
    once.now += dt.timedelta(minutes=1)
    assert once(digest="another") is False
    assert once.acted == 2


def test_expired_keys_are_cleaned_up(once: Once) -> None:
    once()
    clean_up(once.context, 7)
    with reading() as connection:
        assert store.find(connection, once.asking)
    once.now += dt.timedelta(hours=24)
    clean_up(once.context, 7)
    with reading() as connection:
        assert store.find(connection, once.asking) is None


def test_what_crashes_frees_its_key(once: Once) -> None:
    def crash() -> KeptAnswer:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        once(crash)
    assert once() is False


def take(once: Once) -> None:
    """Take the key as a process does that dies before it has an answer."""
    with writing() as connection:
        assert store.claim(
            connection, once.asking, once.now, expires=once.now + dt.timedelta(days=1), abandoned=once.now
        )


def test_a_request_that_is_not_answered_yet_is_409(once: Once, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "_PATIENCE", 0.2)
    take(once)
    begun = time.monotonic()
    with pytest.raises(ConflictError):
        once()
    assert time.monotonic() - begun < 10
    with pytest.raises(InvalidRequestError):
        once(digest="another")


def test_the_key_of_a_process_that_died_is_free_after_a_minute(once: Once) -> None:
    take(once)
    once.now += dt.timedelta(seconds=61)
    assert once() is False


def test_an_answer_that_comes_too_late_does_not_replace_another(once: Once) -> None:
    def slow() -> KeptAnswer:
        once.now += dt.timedelta(seconds=61)
        assert once() is False
        return KeptAnswer(202, "late")

    once(slow)
    with reading() as connection:
        row = store.find(connection, once.asking)
    assert row
    assert row.answer == DONE
