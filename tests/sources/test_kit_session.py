"""What sources share, by itself: a session over real sockets, its errors, and the turns that it takes."""

import datetime as dt
import email.utils
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis

from tests.servers import RedisServer
from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import ClientTools, SourceError
from webapp.sources.kit.errors import ServiceErrors
from webapp.sources.kit.session import KitSession, escape
from webapp.sources.kit.turns import Turns, open_pace, parse_retry_after
from webapp.sources.manifest import SourceSettings

ERRORS = ServiceErrors("Service", "SERVICE")
NOW = 1_700_000_000.0
PAUSE = 30.0
"""The first cool-down, in seconds; pauses are up to a tenth longer."""


# --- A session ---


@contextmanager
def answering(answer: bytes, *, delay: threading.Event | None = None) -> Iterator[str]:
    """Answer each connection with these bytes, then close it; with ``delay``, not before that is set."""

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.recv(65_536)
                if delay:
                    delay.wait(30)
                connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            if delay:
                delay.set()
            listening.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def respond(status: int, body: bytes, *headers: str, length: int | None = None) -> bytes:
    lines = (f"HTTP/1.1 {status} -", f"Content-Length: {len(body) if length is None else length}", *headers)
    return "\r\n".join((*lines, "Connection: close", "", "")).encode() + body


@pytest.fixture
def redis(redis_server: RedisServer) -> Iterator[Redis]:
    with redis_server.client() as client:
        client.flushall()
        yield client


@pytest.fixture
def ask(redis: Redis, tmp_path: Path) -> Callable[..., bytes | None]:
    def ask(address: str, timeout: float = 10.0) -> bytes | None:
        settings: SourceSettings = {"base_url": address, "requests_per_second": 100.0, "cooldown_seconds": PAUSE}
        tools = ClientTools(redis, tmp_path, lambda: NOW, settings)
        session = KitSession(tools, Turns(open_pace(tools, "service"), ERRORS), ERRORS, timeout)
        try:
            return session.get(f"/daily/{escape('A/B')}.csv", {"from": "2024-01-01"}, "A/B")
        finally:
            session.close()

    return ask


def refuse(ask: Callable[..., bytes | None], answer: bytes) -> SourceError:
    with answering(answer) as address, pytest.raises(SourceError) as caught:
        ask(address)
    return caught.value


def test_the_body_of_a_good_answer_is_returned_as_it_came(ask: Callable[..., bytes | None]) -> None:
    with answering(respond(200, b"a,b\n1,2\n")) as address:
        assert ask(address) == b"a,b\n1,2\n"


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (404, b"no such thing", ErrorKind.UNKNOWN_SYMBOL, "Service does not know “A/B”."),
        (401, b"key?", ErrorKind.NO_PERMISSION, "Service does not let us have this (HTTP 401)."),
        (403, b"", ErrorKind.NO_PERMISSION, "Service does not let us have this (HTTP 403)."),
        (400, b"span too long", ErrorKind.BAD_REQUEST, "Service refuses this request (HTTP 400): span too long"),
        (400, b"<html>", ErrorKind.BAD_REQUEST, "Service refuses this request (HTTP 400): —"),
        (500, b"", ErrorKind.UNAVAILABLE, "Service has a problem of its own (HTTP 500)."),
        (503, b"<html>", ErrorKind.UNAVAILABLE, "Service has a problem of its own (HTTP 503)."),
        (200, b" <!doctype html>", ErrorKind.UNAVAILABLE, "Service answered with a web page instead of data"),
    ],
)
def test_each_other_answer_is_an_error_of_its_kind(
    ask: Callable[..., bytes | None], status: int, body: bytes, kind: ErrorKind, words: str
) -> None:
    error = refuse(ask, respond(status, body))
    assert error.kind is kind
    assert str(error).startswith(words)
    assert error.hint


def test_a_body_that_is_cut_is_a_broken_connection_and_no_answer(ask: Callable[..., bytes | None]) -> None:
    error = refuse(ask, respond(200, b"a,b\n1,", length=8))
    assert error.kind is ErrorKind.UNAVAILABLE
    assert str(error).startswith("The connection to Service failed or broke off")


def test_nobody_there_is_a_broken_connection(ask: Callable[..., bytes | None]) -> None:
    with pytest.raises(SourceError) as caught:
        ask("http://127.0.0.1:9")
    assert caught.value.kind is ErrorKind.UNAVAILABLE
    assert "SERVICE_PROXY" in str(caught.value.hint)


def test_nothing_is_told_from_an_empty_body(ask: Callable[..., bytes | None]) -> None:
    with answering(respond(204, b"")) as address:
        assert ask(address) is None
    with answering(respond(200, b"")) as address:
        assert ask(address) == b""


def test_no_answer_in_time_is_a_timeout(ask: Callable[..., bytes | None]) -> None:
    with answering(respond(200, b""), delay=threading.Event()) as address, pytest.raises(SourceError) as caught:
        ask(address, timeout=1.0)
    assert caught.value.kind is ErrorKind.TIMEOUT
    assert str(caught.value) == "Service did not answer within 1 seconds."


@pytest.mark.parametrize(
    ("header", "least"),
    [
        ("", PAUSE),
        ("Retry-After: 120", 120.0),
        (f"Retry-After: {email.utils.format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(hours=1))}", 3000.0),
        ("Retry-After: 5", PAUSE),
        ("Retry-After: soon", PAUSE),
    ],
    ids=["none", "seconds", "date", "too few seconds", "nonsense"],
)
def test_too_many_requests_make_all_pause_at_least_as_long_as_the_service_says(
    ask: Callable[..., bytes | None], header: str, least: float
) -> None:
    error = refuse(ask, respond(429, b"", *filter(None, [header])))
    assert error.kind is ErrorKind.RATE_LIMITED
    assert least <= (error.retry_after or 0) <= max(least * 1.25, PAUSE * 1.1)
    with answering(respond(200, b"never sent")) as address, pytest.raises(SourceError) as caught:
        ask(address)
    assert caught.value.kind is ErrorKind.RATE_LIMITED


# --- Turns ---


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("17", 17.0),
        (" 17 ", 17.0),
        ("Tue, 14 Nov 2023 22:14:20 GMT", 60.0),
        ("Tue, 14 Nov 2023 22:00:00 GMT", 0.0),
        ("-5", None),
        ("²", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_a_retry_after_is_seconds_or_a_date(text: str | None, seconds: float | None) -> None:
    assert parse_retry_after(text, NOW) == seconds


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def turns(redis: Redis, tmp_path: Path, slept: list[float]) -> Turns:
    settings: SourceSettings = {"requests_per_second": 1.0, "cooldown_seconds": PAUSE}
    pace = open_pace(ClientTools(redis, tmp_path, lambda: NOW, settings), "service")
    return Turns(pace, ERRORS, sleep=slept.append, now=lambda: NOW)


def test_each_request_waits_for_its_turn_until_the_next_one_is_too_far_off(turns: Turns, slept: list[float]) -> None:
    for _ in range(5):
        turns.wait()
    assert [round(seconds) for seconds in slept] == [1, 2, 3, 4]
    with pytest.raises(SourceError) as caught:
        [turns.wait() for _ in range(3)]
    assert caught.value.kind is ErrorKind.RATE_LIMITED
    assert "all workers together ask Service at a limited rate" in str(caught.value)
    assert (caught.value.retry_after or 0) > 4


def test_who_waits_while_another_is_refused_asks_nothing(redis: Redis, tmp_path: Path) -> None:
    pace = open_pace(ClientTools(redis, tmp_path, lambda: NOW, {"requests_per_second": 1.0}), "service")
    turns = Turns(pace, ERRORS, sleep=lambda _: None)
    turns.wait()

    def refuse_another(_: float) -> None:
        turns.cool_down()

    waiting = Turns(pace, ERRORS, sleep=refuse_another)
    with pytest.raises(SourceError) as caught:
        waiting.wait()
    assert "there were too many requests" in str(caught.value)
    assert "SERVICE_REQUESTS_PER_SECOND" in str(caught.value.hint)


def test_a_good_answer_after_a_refusal_is_noted(turns: Turns, redis: Redis) -> None:
    first = turns.wait()
    turns.note_success(first)
    turns.cool_down("0")
    assert redis.hexists("moisson:pace:service", "trial")
    redis.hset("moisson:pace:service", "until", 0)
    turn = turns.wait()
    assert (first.is_trial, turn.is_trial) == (False, True)
    turns.note_success(turn)
    assert not redis.hexists("moisson:pace:service", "trial")
