"""Address, token, version, and what a broken connection looks like: the real clients on a transport of the test's."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from moisson_client import AsyncClient, Client, MoissonError, Retries

URL, TOKEN = "http://server.test:8000", "moisson_abc_secret"
DESCRIPTION = {"info": {"title": "Moisson", "version": "1.1"}}
QUICK = Retries(spread=lambda _: 0.0)
Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MOISSON_URL", "MOISSON_TOKEN"):
        monkeypatch.delenv(name, raising=False)


class Server:
    """Answers by path, and remembers what it was asked."""

    def __init__(self, info: object = DESCRIPTION, **answers: object) -> None:
        self.info, self.answers = info, answers
        self.asked: list[httpx.Request] = []
        self.failures: list[Exception] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if self.failures:
            raise self.failures.pop(0)
        if request.url.path.endswith("openapi.json"):
            return httpx.Response(200, json=self.info)
        return httpx.Response(200, json=self.answers[request.url.path.rpartition("/")[2]])

    def blocking(self, **named: Any) -> Client:  # noqa: ANN401 -- a client's arguments
        return Client(URL, TOKEN, retries=QUICK, transport=httpx.MockTransport(self), **named)

    def awaited(self) -> AsyncClient:
        return AsyncClient(URL, TOKEN, retries=QUICK, transport=httpx.MockTransport(self))


def page(*jobs: dict[str, object], cursor: str | None = None) -> dict[str, object]:
    return {"jobs": list(jobs), "next_cursor": cursor}


def test_a_token_goes_with_each_request_and_is_shown_nowhere() -> None:
    server = Server(jobs=page())
    with server.blocking(language="fr") as client:
        client.get_active_jobs()
        assert TOKEN not in repr(client) + repr(client._connection)  # noqa: SLF001 -- what a debugger shows
        assert repr(client) == f"Client('{URL}')"
    assert {request.headers["Authorization"] for request in server.asked} == {f"Bearer {TOKEN}"}
    assert {request.headers["Accept-Language"] for request in server.asked} == {"fr"}


def test_address_and_token_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOISSON_URL", f"{URL}/")
    monkeypatch.setenv("MOISSON_TOKEN", TOKEN)
    with Client() as client:
        assert repr(client) == f"Client('{URL}')"
    with Client("http://other.test") as client:
        assert repr(client) == "Client('http://other.test')"


@pytest.mark.parametrize("make", [Client, AsyncClient])
@pytest.mark.parametrize(
    ("url", "token", "message"),
    [
        (None, TOKEN, "Where is the server? Give its address (url=…), or set MOISSON_URL."),
        ("server:8000", TOKEN, "“server:8000” is not an address. Write it like http://127.0.0.1:8000."),
        (URL, None, "A token is needed."),
        (URL, "moisson abc", "This is not a token:"),
        (URL, "moisson_é", "This is not a token:"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_sent(
    make: Callable[[str | None, str | None], object], url: str | None, token: str | None, message: str
) -> None:
    with pytest.raises(MoissonError) as caught:
        make(url, token)
    assert str(caught.value).startswith(message)
    assert caught.value.code == "settings"


@pytest.mark.parametrize(
    ("info", "message"),
    [
        ({"info": {"title": "Moisson", "version": "1"}}, "The server is older than this client:"),
        ({"info": {"title": "Moisson", "version": "1.0.9"}}, "The server is older than this client:"),
        ({"info": {"title": "Moisson", "version": "2.0"}}, "The server is newer than this client:"),
        ({"info": {"title": "Petstore", "version": "1.1"}}, "What answers at this address is not a Moisson."),
        ({}, "What answers at this address is not a Moisson."),
        ([], "The answer is not one of a Moisson:"),
    ],
)
def test_a_server_that_does_not_fit_is_asked_nothing_else(info: object, message: str) -> None:
    server = Server(info, jobs=page())
    with server.blocking() as client, pytest.raises(MoissonError) as caught:
        client.get_active_jobs()
    assert str(caught.value).startswith(message)
    assert len(server.asked) == 1


@pytest.mark.parametrize("version", ["1.1", "1.2", "1.10.3"])
def test_a_version_that_fits_is_looked_at_once(version: str) -> None:
    server = Server({"info": {"title": "Moisson", "version": version}}, jobs=page())
    with server.blocking() as client:
        client.get_active_jobs()
        client.get_active_jobs()
    assert [request.url.path.rpartition("/")[2] for request in server.asked] == ["openapi.json", "jobs", "jobs"]


FAILURES = [
    (httpx.ConnectError("refused"), f"{URL} cannot be reached (refused)"),
    (httpx.ConnectTimeout("late"), f"{URL} cannot be reached in time"),
    (httpx.ReadTimeout("late"), f"{URL} was silent for too long"),
    (httpx.RemoteProtocolError("cut"), f"the connection to {URL} broke off (cut)"),
]


@pytest.mark.parametrize(("failure", "message"), FAILURES)
def test_a_connection_that_fails_is_tried_again_and_then_said(failure: Exception, message: str) -> None:
    server = Server(jobs=page())
    server.failures = [failure] * 5
    with server.blocking() as client:
        assert client.get_active_jobs() == []
        server.failures = [failure] * 6
        with pytest.raises(MoissonError) as caught:
            client.get_active_jobs()
    assert str(caught.value) == f"The server did not answer: {message}."
    assert caught.value.code == "unreachable"


@pytest.mark.parametrize(("failure", "message"), FAILURES)
def test_the_awaited_client_does_the_same(failure: Exception, message: str) -> None:
    async def ask() -> None:
        server = Server(jobs=page())
        server.failures = [failure] * 5
        async with server.awaited() as client:
            assert await client.get_active_jobs() == []
            server.failures = [failure] * 6
            with pytest.raises(MoissonError, match="did not answer") as caught:
                await client.get_active_jobs()
        assert message in str(caught.value)

    with start_blocking_portal() as portal:  # a browser's loop may run in this thread
        portal.call(ask)


def test_a_submission_that_is_sent_again_carries_the_same_key() -> None:
    job = {"id": 5, "symbol": "AAPL", "state": "pending", "url": "", "is_repeated": True}
    server = Server(jobs={"batch_id": 3, "jobs": [job], "notes": []})
    with server.blocking() as client:
        server.failures = []
        first = client.submit("AAPL", period="1y")
        server.failures = [httpx.ReadError("cut")]
        second = client.submit("AAPL", period="1y", what=None)  # type: ignore[arg-type]  # says nothing
    assert (first.id, first.job_ids, first.repeated) == (3, (5,), frozenset({5}))
    assert second == first
    keys = [request.headers.get("Idempotency-Key") for request in server.asked if request.method == "POST"]
    assert len(keys) == 3
    assert keys[1] == keys[2] != keys[0]
    assert json.loads(server.asked[-1].content)["options"] == {}


def test_all_jobs_are_read_page_by_page() -> None:
    pages = [page({"id": 3}, {"id": 2}, cursor="2"), page({"id": 1})]
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("openapi.json"):
            return httpx.Response(200, json=DESCRIPTION)
        asked.append(str(request.url.query, "ascii"))
        return httpx.Response(200, json=pages[len(asked) - 1])

    with Client(URL, TOKEN, transport=httpx.MockTransport(answer)) as client:
        assert [job["id"] for job in client.get_active_jobs()] == [3, 2, 1]
    assert asked == ["state=active&limit=200", "state=active&limit=200&cursor=2"]


def test_an_interrupted_verb_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(jobs=page())
    server.failures = [httpx.ConnectError("refused")]

    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("moisson_client.client.time.sleep", interrupt)
    with server.blocking() as client:
        flow = client.verbs.get_active_jobs()
        with pytest.raises(KeyboardInterrupt):
            client.run(flow)
    assert flow.gi_frame is None  # type: ignore[attr-defined]  # a generator's
