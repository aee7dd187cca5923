"""Real client libraries on the offline market answer by the contract, for each interval that their source offers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import RedisServer
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.spans import Span
from webapp.sandbox.control import RunningSandbox, running_sandbox
from webapp.sources.base import ChunkRequest, Client, ClientTools, SeriesQuery
from webapp.sources.contract import NOW, find_answer_problems, find_error_problems
from webapp.sources.manifest import SourceSettings
from webapp.sources.registry import MANIFESTS, open_client


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox"), ("--now", "2026-03-02T18:00:00Z")) as running:
        yield running


@pytest.fixture
def client(sandbox: RunningSandbox, redis_server: RedisServer, tmp_path: Path) -> Iterator[Client]:
    settings: SourceSettings = {"proxy": sandbox.proxy, "ca_bundle": sandbox.ca_bundle, "requests_per_second": 100.0}
    with redis_server.client() as redis:
        redis.flushall()
        opened = open_client("yahoo", ClientTools(redis, tmp_path, lambda: NOW, settings))
        yield opened
        opened.close()


@pytest.mark.parametrize("interval", MANIFESTS["yahoo"].offer.intervals)
def test_answers_of_yahoo_keep_the_contract(client: Client, interval: Interval) -> None:
    offer = MANIFESTS["yahoo"].offer
    span = Span(int(NOW) // DAY * DAY - 5 * max(interval.seconds, DAY), int(NOW) // DAY * DAY + DAY)
    [chunk] = offer.cut(SeriesQuery(offer.example, interval), span)
    assert list(find_answer_problems(client, ChunkRequest(offer.example, interval, chunk), NOW)) == []


def test_what_yahoo_does_not_know_is_an_error_of_the_contract(client: Client) -> None:
    week = Span(int(NOW) // DAY * DAY - 7 * DAY, int(NOW) // DAY * DAY)
    assert list(find_error_problems(client, ChunkRequest("NOSUCHTHING", Interval.D1, week))) == []
