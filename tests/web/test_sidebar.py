"""«Connexion IBKR» in the sidebar and a job's pacing line: what workers said in Redis, polled with the state panel."""

import dataclasses
import re
from collections.abc import Iterator
from typing import cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from tests.servers import RedisServer
from tests.web.conftest import AwayQueue
from tests.web.factories import Asked, clock_beats, make_gateway, make_series
from tests.web.test_polling import poll_url
from webapp.context import EXTENSION
from webapp.errors import sentence
from webapp.kernel.cached import Cached
from webapp.queue import Queue
from webapp.sources.ibkr.budget.budget import Budget
from webapp.sources.ibkr.budget.rules import PacedRequest, PacingClass, PacingRules
from webapp.sources.ibkr.connection import connection_status
from webapp.sources.ibkr.connection.connection_status import ConnectionState

CONNECTED = ConnectionState(
    gateway="default",
    host="127.0.0.1",
    port=7497,
    client_id=11,
    server_version=176,
    accounts=(connection_status.mask_account("DU1234567"),),
    is_paper=True,
    connected_since=1_700_000_000.0,
    login="login",
    owner="host:1",
    farms={"usfarm": "ok"},
)


class WorkedQueue(AwayQueue):
    """A queue that is there, with a worker."""

    def is_up(self) -> bool:
        return True

    def workers(self) -> list[str] | None:
        return ["celery@test"]

    __hash__ = object.__hash__


@pytest.fixture
def redis(app: Flask, redis_server: RedisServer) -> Iterator[Redis]:
    handle = Redis.from_url(redis_server.url, socket_timeout=5)
    handle.flushall()
    queue = cast("Queue", WorkedQueue())
    app.extensions[EXTENSION] = dataclasses.replace(
        app.extensions[EXTENSION],
        queue=queue,
        redis=handle,
        gateway_snapshots=Cached(fresh=0.0, failed=0.0),  # each look is a new one
    )
    clock_beats()
    yield handle
    handle.close()


def use(redis: Redis, times: int) -> None:
    budget = Budget(redis, PacingRules(), lambda: None)
    for number in range(times):
        budget.acquire(PacedRequest("login", PacingClass.STRICT, f"contract {number}", f"{number}")).release()


def panel(text: str) -> str:
    return " ".join(text.split('id="status"')[1].partition("</section>")[0].split())


def test_a_gateway_that_nobody_uses_is_calmly_not_connected_and_not_polled(client: FlaskClient, redis: Redis) -> None:
    shown = panel(client.get("/").text)
    assert "not connected" in shown
    assert "lamp-off" not in shown
    assert "every" not in shown


def test_a_connection_shows_with_its_account_masked_and_is_polled(client: FlaskClient, redis: Redis) -> None:
    connection_status.publish(redis, CONNECTED)
    use(redis, 3)
    page = client.get("/").text
    shown = panel(page)
    for text in (
        "connected",
        "Paper account",
        "DU•••567",
        "176",
        "all available",
        "Small bars: 3 of 60 requests in 10 min",
    ):
        assert text in shown
    assert "DU1234567" not in page
    assert 'datetime="2023-11-14T22:13:20Z"' in shown
    assert "every 10s" in shown


def test_nothing_is_sent_while_nothing_changed(client: FlaskClient, redis: Redis) -> None:
    connection_status.publish(redis, CONNECTED)
    url = poll_url(client.get("/").text, "status")
    assert client.get(url).status_code == 204
    connection_status.publish(redis, dataclasses.replace(CONNECTED, is_linked=False))
    changed = client.get(url)
    assert changed.status_code == 200
    assert "The gateway has lost its link to IBKR." in changed.text
    assert "disturbed" in changed.text
    connection_status.withdraw(redis, CONNECTED.owner, CONNECTED.gateway)
    assert "not connected" in client.get(poll_url(changed.text, "status")).text


def test_the_last_failure_is_told_in_words(client: FlaskClient, redis: Redis) -> None:
    make_gateway("live", port=7496)
    connection_status.write_failure(
        redis, "live", sentence("Nobody listens at %(place)s.", place="127.0.0.1:7496"), 1_700_000_000.0
    )
    shown = panel(client.get("/").text)
    assert "not reached" in shown
    assert "Nobody listens at 127.0.0.1:7496." in shown


def test_a_saved_gateway_that_does_nothing_takes_no_room(client: FlaskClient, redis: Redis) -> None:
    make_gateway("spare")
    assert "spare" not in panel(client.get("/").text)


def test_a_job_of_ibkr_shows_its_budget_and_others_do_not(client: FlaskClient, redis: Redis) -> None:
    form = {"symbols": "AAPL", "interval": "5s", "period": "1d", "priority": "normal"}
    client.post("/jobs", data=form | {"source": "ibkr"})
    client.post("/jobs", data=form | {"source": "yahoo", "interval": "1d"})
    connection_status.publish(redis, CONNECTED)
    use(redis, 2)
    page = client.get("/jobs/1").text
    card = page.split('id="job-card"')[1]
    assert "Small bars: 2 of 60 requests in 10 min" in card
    assert "Open requests: 0 of 20" in card
    assert "Small bars" not in client.get("/jobs/2").text.split('id="job-card"')[1]
    url = poll_url(page, "job-card")
    assert client.get(url).status_code == 204
    Budget(redis, PacingRules(), lambda: None).acquire(PacedRequest("login", PacingClass.STRICT, "more", "more"))
    assert re.search("Small bars: 3 of 60", client.get(url).text)


@pytest.mark.parametrize(
    "path",
    [
        "/series",
        "/series/{id}",
        "/series/{id}/coverage",
        "/series/{id}/provenance",
        "/series/{id}/deletion",
        "/comparisons",
        "/exports",
        "/exports/new?id={id}",
        "/imports/new",
    ],
)
def test_what_is_of_data_lies_under_data(client: FlaskClient, path: str) -> None:
    page = client.get(path.format(id=make_series(Asked()))).text
    current = re.findall(r'<a href="([^"]*)"\s+aria-current="page">', page)
    assert current == ["/series"]
