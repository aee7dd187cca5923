"""What is sent again, when, and how often: played by hand, without a connection and without waiting."""

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any

import pytest
from moisson_client import MoissonError, Retries
from moisson_client.calls import Call, Flow, Lost, Pause, Reply

NOON = dt.datetime(2024, 3, 6, 12, 0, tzinfo=dt.UTC)
RETRIES = Retries(most=3, first=1.0, longest=3.0, patience=60.0, spread=lambda most: most, now=lambda: NOON)
GET, KEYED, PLAIN = Call("GET", "/x"), Call("POST", "/x", key="k"), Call("POST", "/x")
READING = Call("POST", "/x", is_reading=True)
GOOD = Reply(200, {}, b"{}")
UNREACHABLE, BROKEN = Lost("refused", was_sent=False), Lost("broke off", was_sent=True)


def problem(status: int, message: str = "No.", **headers: str) -> Reply:
    body = {"error": {"code": "some", "message": message, "fields": {"end": "Wrong."}}}
    return Reply(status, {name.replace("_", "-"): text for name, text in headers.items()}, json.dumps(body).encode())


def play(flow: Flow[Reply], outcomes: Iterable[Reply | Lost]) -> tuple[list[float], Any]:
    """Answer a flow's calls, one outcome each; return its pauses, and its result or the error that it raised."""
    remaining, pauses = iter(outcomes), []
    outcome: object = None
    try:
        while True:
            step = flow.send(outcome)
            outcome = None
            if isinstance(step, Pause):
                pauses.append(step.seconds)
            else:
                outcome = next(remaining)
    except StopIteration as end:
        result: object = end.value
    except MoissonError as err:
        result = err
    assert list(remaining) == [], "it asked less often than it was to be answered"
    return pauses, result


@pytest.mark.parametrize(
    ("call", "outcomes", "pauses"),
    [
        (GET, [GOOD], []),
        (GET, [BROKEN, BROKEN, BROKEN, GOOD], [1.0, 2.0, 3.0]),
        (GET, [UNREACHABLE, problem(503), GOOD], [1.0, 2.0]),
        (GET, [problem(429, retry_after="7"), GOOD], [7.0]),
        (GET, [problem(503, retry_after="Wed, 06 Mar 2024 12:00:30 GMT"), GOOD], [30.0]),
        (GET, [problem(503, retry_after="Wed, 06 Mar 2024 11:00:00 GMT"), GOOD], [0.0]),
        (GET, [problem(503, retry_after="soon"), GOOD], [1.0]),
        (KEYED, [BROKEN, problem(409), GOOD], [1.0, 2.0]),  # the first one is still being worked on
        (KEYED, [problem(503), GOOD], [1.0]),
        (READING, [BROKEN, GOOD], [1.0]),
        (PLAIN, [UNREACHABLE, GOOD], [1.0]),  # it never left
    ],
)
def test_what_may_arrive_twice_is_sent_again(call: Call, outcomes: list[Reply | Lost], pauses: list[float]) -> None:
    assert play(RETRIES.answered(call), outcomes) == (pauses, GOOD)


@pytest.mark.parametrize(
    ("call", "outcomes", "status", "pauses"),
    [
        (GET, [BROKEN] * 4, 0, [1.0, 2.0, 3.0]),
        (GET, [problem(404)], 404, []),
        (GET, [problem(500)], 500, []),
        (GET, [problem(409)], 409, []),
        (GET, [problem(429, retry_after="61")], 429, []),  # longer than anybody waits
        (KEYED, [problem(409)], 409, []),  # the state of the thing does not allow it
        (KEYED, [problem(422)], 422, []),
        (PLAIN, [BROKEN], 0, []),  # it may have arrived
        (PLAIN, [problem(503)], 503, []),
    ],
)
def test_what_helps_nobody_is_not_sent_again(
    call: Call, outcomes: list[Reply | Lost], status: int, pauses: list[float]
) -> None:
    taken, error = play(RETRIES.answered(call), outcomes)
    assert taken == pauses
    assert isinstance(error, MoissonError)
    assert error.status == status
    if status:
        assert (str(error), error.code, error.fields) == ("No.", "some", {"end": "Wrong."})
    else:
        assert str(error) == "The server did not answer: broke off."
        assert error.code == "unreachable"


def test_pauses_are_spread_so_that_clients_do_not_come_all_at_once() -> None:
    pauses = {play(Retries(most=1, first=1.0).answered(GET), [BROKEN, GOOD])[0][0] for _ in range(20)}
    assert len(pauses) > 1
    assert all(0.5 <= pause <= 1.0 for pause in pauses)


@pytest.mark.parametrize("content", [b"", b"<html>Bad gateway</html>", b'{"error": "no"}', b"[]", b"\xff"])
def test_an_error_that_is_none_of_the_server_s_is_said_as_such(content: bytes) -> None:
    _, error = play(RETRIES.answered(GET), [Reply(502, {}, content)])
    assert str(error) == "The server answered with the status 502 and said nothing that can be understood."
