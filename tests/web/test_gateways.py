"""The page of IBKR's gateways: what may be saved and tested, and that the site itself contacts nobody."""

import dataclasses
import datetime as dt
import socket
from collections.abc import Iterator
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import AwayQueue
from tests.web.factories import make_gateway, make_job
from webapp.context import EXTENSION, context
from webapp.database.transactions import reading, writing
from webapp.gateways import saved
from webapp.inquiring import queries_inquiries
from webapp.inquiring.inquiries import PATIENCE
from webapp.kernel.job_states import Priority
from webapp.queue import Queue, TaskName

GOOD = {"name": "paper", "host": "127.0.0.1", "port": "4002", "client_id": "21"}
HTMX = {"HX-Request": "true"}
REDIS = ("127.0.0.1", 1)


class DeafQueue(AwayQueue):
    """A queue that takes messages which nobody ever reads."""

    def enqueue(self, task: TaskName, ident: int, priority: Priority = Priority.NORMAL) -> None:
        assert task is TaskName.INQUIRE


@pytest.fixture(autouse=True)
def nobody_is_contacted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let every attempt to reach a machine fail the test, but those to reach Redis, which is away in these tests."""
    reached: list[object] = []

    def note(_self: object, place: tuple[object, ...], *_: object) -> None:
        if place[:2] != REDIS:
            reached.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", note)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *place, **_: note(None, place))
    yield
    assert reached == []


def deaf(app: Flask, **changes: Any) -> None:  # noqa: ANN401 -- any part of the context
    queue = cast("Queue", DeafQueue())
    app.extensions[EXTENSION] = dataclasses.replace(app.extensions[EXTENSION], queue=queue, **changes)


def names() -> list[str]:
    return [row.gateway.name for row in saved.listed(context())]


def test_a_gateway_is_saved_made_the_default_and_deleted(client: FlaskClient) -> None:
    assert client.post("/gateways", data=GOOD).headers["Location"] == "/gateways"
    page = client.get("/gateways").text
    assert "127.0.0.1:4002" in page
    assert "From the settings" in page
    assert names() == ["default", "paper"]
    assert saved.chosen(context(), {}).name == "default"
    client.post("/gateways/1/preference")
    assert saved.chosen(context(), {}).name == "paper"
    client.post("/gateways/0/preference")
    assert saved.chosen(context(), {}).name == "default"
    client.post("/gateways/1/preference")
    client.post("/gateways/1/removal")
    assert (names(), saved.chosen(context(), {}).name) == (["default"], "default")
    assert client.post("/gateways/1/removal").status_code == 404


def test_a_saved_gateway_can_be_changed(client: FlaskClient) -> None:
    gateway_id = make_gateway()
    assert 'value="4002"' in client.get(f"/gateways?edit={gateway_id}").text
    answer = client.post("/gateways", data=GOOD | {"id": str(gateway_id), "port": "7497"}, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/gateways")
    assert saved.chosen(context(), {"gateway": "paper"}).port == 7497
    assert client.get("/gateways?edit=99").status_code == 404


WRONG_HOSTS = [
    *(
        "169.254.169.254",
        ".".join("0000"),
        "[::ffff:169.254.169.254]",
        "::1",
        "[::1]",
        "2130706433",
        "127.1",
        "0x7f.0.0.1",
    ),
    *(
        "localhost:6379",
        "127.0.0.1:22",
        "127.0.0.1@evil.com",
        "evil.com",
        "127.0.0.1.",
        "127.0.0.2",
        "",
        "localhost\x00",
    ),
    *("\uff1127.0.0.1", "10.0.0.1", "http://127.0.0.1", "x" * 300),
]
WRONG_PORTS = ["22", "6379", "0", "-1", "", "4002.0", "04002x", "\uff14\uff10\uff10\uff12", "7497 22", "99999999999"]


@pytest.mark.parametrize("url", ["/gateways", "/gateways/tests"])
@pytest.mark.parametrize("htmx", [False, True])
def test_only_hosts_and_ports_of_the_list_are_taken(app: Flask, client: FlaskClient, url: str, *, htmx: bool) -> None:
    deaf(app)
    for field, wrong in [*(("host", host) for host in WRONG_HOSTS), *(("port", port) for port in WRONG_PORTS)]:
        answer = client.post(url, data=GOOD | {field: wrong}, headers=HTMX if htmx else {})
        assert answer.status_code == 422, wrong
        beside = answer.text.split(f'id="{field}-problem"')[1].split("</p>")[0]
        assert f"IB_ALLOWED_{field.upper()}S adds others." in beside
        assert ("<html" in answer.text) is not htmx
    assert names() == ["default"]
    with reading() as connection:
        assert queries_inquiries.get(connection, 1) is None


def test_a_host_may_be_written_in_capitals(client: FlaskClient) -> None:
    client.post("/gateways", data=GOOD | {"host": " LocalHost "})
    assert saved.chosen(context(), {"gateway": "paper"}).host == "localhost"


@pytest.mark.parametrize(
    ("field", "wrong", "told"),
    [
        ("name", "", "Give a name of at most 40 characters."),
        ("name", "x" * 41, "Give a name"),
        ("name", "a\x07b", "Give a name"),
        ("name", "default", "There is a gateway of this name already."),
        ("name", "taken", "There is a gateway of this name already."),
        ("client_id", "0", "from 1 to 9999"),
        ("client_id", "10000", "from 1 to 9999"),
        ("client_id", "eleven", "from 1 to 9999"),
    ],
)
def test_a_wrong_field_is_told_beside_it(client: FlaskClient, field: str, wrong: str, told: str) -> None:
    make_gateway("taken")
    answer = client.post("/gateways", data=GOOD | {field: wrong}, headers=HTMX)
    assert answer.status_code == 422
    assert told in answer.text.split(f'id="{field}-problem"')[1].split("</p>")[0]


def test_a_gateway_that_a_job_asks_stays(client: FlaskClient) -> None:
    client.post("/gateways", data=GOOD)
    form = {"symbols": "AAPL", "source": "ibkr", "interval": "1d", "period": "1y", "priority": "normal"}
    assert client.post("/jobs", data=form | {"gateway": "paper"}).status_code == 303
    refused = client.post("/gateways/1/removal")
    assert refused.status_code == 409
    assert "Collections that are not over ask the gateway “paper”" in refused.text
    assert client.post("/gateways", data=GOOD | {"id": "1", "name": "other"}).status_code == 409
    assert client.post("/gateways", data=GOOD | {"id": "1", "port": "7497"}).status_code == 303


def test_a_test_is_asked_of_a_worker_and_looked_for_each_second(app: Flask, client: FlaskClient) -> None:
    deaf(app)
    asked = client.post("/gateways/tests", data=GOOD | {"name": ""}, headers=HTMX).text
    assert "A worker is asked to connect to 127.0.0.1:4002" in asked
    assert "every 1s" in asked.split('id="gateway-test"')[1].split(">")[0]
    with writing() as connection:
        facts = {"server_version": "176", "accounts": "DU•••567", "is_paper": "true"}
        rows = [facts, {"name": "usfarm", "state": "ok"}]
        queries_inquiries.write_answer(connection, 1, rows, dt.datetime.now(dt.UTC))
    html = client.get("/ui/gateways/tests/1").text
    assert "every" not in html
    for text in ("Connected.", "Paper account", "DU•••567", "Server version 176.", "usfarm available"):
        assert text in html


def test_without_a_script_a_test_is_a_page_that_keeps_the_form(app: Flask, client: FlaskClient) -> None:
    deaf(app)
    answer = client.post("/gateways/tests", data=GOOD)
    assert answer.headers["Location"] == "/gateways?test=1"
    page = client.get("/gateways?test=1").text
    assert 'value="4002"' in page
    assert "Look again" in page


def test_polling_stops_by_itself_when_nobody_answers(app: Flask, client: FlaskClient) -> None:
    now = dt.datetime.now(dt.UTC)
    deaf(app, now=lambda: now)
    client.post("/gateways/tests", data=GOOD)
    deaf(app, now=lambda: now + PATIENCE)
    late = client.get("/ui/gateways/tests/1").text
    assert "No worker has answered within 20 seconds." in late
    assert "every" not in late
    assert "data-poll" not in late
    assert "Look again" in late


def test_without_a_queue_a_test_says_so_at_once(client: FlaskClient) -> None:
    html = client.post("/gateways/tests", data=GOOD, headers=HTMX).text
    assert "The queue (Redis) does not answer, so no worker can be asked." in html
    assert "every" not in html


def test_at_most_five_tests_are_made_in_a_minute(app: Flask, client: FlaskClient) -> None:
    now = dt.datetime.now(dt.UTC)
    deaf(app, now=lambda: now)
    statuses = [client.post("/gateways/tests", data=GOOD, headers=HTMX).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [409]
    deaf(app, now=lambda: now + dt.timedelta(seconds=61))
    assert client.post("/gateways/tests", data=GOOD, headers=HTMX).status_code == 200


def test_a_question_of_another_kind_is_not_shown(client: FlaskClient) -> None:
    client.post("/gateways/tests", data=GOOD)
    assert client.get("/ui/searches/1").status_code == 404
    assert client.get("/gateways?test=9").status_code == 404


def test_the_sidebar_of_every_page_leads_to_the_gateways(client: FlaskClient) -> None:
    job_id = make_job()
    for url in ("/", "/jobs", f"/jobs/{job_id}", "/series", "/gateways"):
        page = client.get(url).text
        assert 'href="/gateways"' in page
        assert "Not known: the queue (Redis) does not answer." in page
