"""What Yahoo does now and then, on the offline market, through the real client: what may be believed of it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import RedisServer
from tests.world import Clock, days
from webapp.kernel.intervals import DAY, Interval
from webapp.sandbox.control import RunningSandbox, SandboxClient, running_sandbox
from webapp.sources.base import Answer, ChunkRequest, Client, ClientTools
from webapp.sources.manifest import SourceSettings
from webapp.sources.registry import open_client

MONDAY = dt.datetime(2026, 3, 2, 18, tzinfo=dt.UTC)
CHARTS = {"path": "/chart/"}
WEEK = days(dt.date(2026, 2, 23), dt.date(2026, 3, 2))


@dataclass
class Place:
    """The offline market and a client in front of it, both at one moment."""

    market: SandboxClient
    client: Client
    clock: Clock

    def move(self, now: dt.datetime) -> None:
        self.clock.at = now
        self.market.set_now(now.isoformat().replace("+00:00", "Z"))

    def ask(self, interval: Interval = Interval.D1, symbol: str = "AAPL") -> Answer:
        request = ChunkRequest(symbol, interval, WEEK)
        return self.client.fetch(request).checked(request, self.clock().timestamp())


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox"), ("--now", "2026-03-02T18:00:00Z")) as running:
        yield running


@pytest.fixture
def place(sandbox: RunningSandbox, redis_server: RedisServer, tmp_path: Path) -> Iterator[Place]:
    settings: SourceSettings = {"proxy": sandbox.proxy, "ca_bundle": sandbox.ca_bundle, "requests_per_second": 100.0}
    clock = Clock(MONDAY)
    sandbox.client.clear()
    with redis_server.client() as redis:
        redis.flushall()
        client = open_client("yahoo", ClientTools(redis, tmp_path, lambda: clock().timestamp(), settings))
        place = Place(sandbox.client, client, clock)
        place.move(MONDAY)
        yield place
        client.close()


def test_the_preliminary_row_of_an_evening_is_left_to_the_next_look(place: Place) -> None:
    place.move(dt.datetime(2026, 3, 2, 22, tzinfo=dt.UTC))  # an hour after the close, with half an hour to settle
    place.market.fault(preliminary=True, times=1, match=CHARTS)
    early, final = place.ask(), place.ask()
    assert (len(early.bars), early.known_until) == (5, WEEK.end - DAY)
    assert (len(final.bars), final.known_until) == (6, WEEK.end)
    assert list(final.bars[:5]) == list(early.bars)


def test_a_week_that_is_over_is_had_on_saturday_once_its_friday_is_final(place: Place) -> None:
    place.move(dt.datetime(2026, 2, 28, 9, tzinfo=dt.UTC))
    place.market.fault(preliminary=True, times=1, match=CHARTS)
    early, final = place.ask(Interval.W1), place.ask(Interval.W1)
    assert list(early.bars) == []
    assert [bar[0] for bar in final.bars] == [WEEK.start]


def test_blank_rows_are_holes_of_the_answer(place: Place) -> None:
    place.market.fault(nulls=2, times=1, match=CHARTS)
    answer, whole = place.ask(), place.ask()
    assert len(answer.holes) == answer.blank_rows == 2
    assert {hole.seconds for hole in answer.holes} == {DAY}
    assert [bar for bar in whole.bars if bar[0] not in {hole.start for hole in answer.holes}] == list(answer.bars)
    assert (whole.holes, whole.blank_rows) == ([], 0)


def test_rows_that_lack_one_field_keep_the_rest_and_say_so(place: Place) -> None:
    place.move(dt.datetime(2026, 3, 2, 22, tzinfo=dt.UTC))
    place.market.fault(null_fields=5, times=1, match=CHARTS)  # open, high, low, close, volume, one each
    answer, whole = place.ask(), place.ask()
    assert answer.blank_rows == 5
    rest = {bar[0]: bar for bar in whole.bars}
    assert len(answer.incomplete) == 4  # without a close there is no bar
    for bar in answer.bars:
        assert sum(ours != theirs for ours, theirs in zip(bar, rest[bar[0]], strict=True)) <= 1
        assert bar[3] <= min(bar[1], bar[4]) <= max(bar[1], bar[4]) <= bar[2]
        assert bar[4] == rest[bar[0]][4]


def test_weeks_and_half_hours_have_the_holes_of_the_rows_they_are_made_of(place: Place) -> None:
    place.market.fault(nulls=1, times=2, match=CHARTS)
    assert [hole.seconds for hole in place.ask(Interval.W1).holes] == [DAY]
    assert [hole.seconds for hole in place.ask(Interval.M30).holes] == [15 * 60]
