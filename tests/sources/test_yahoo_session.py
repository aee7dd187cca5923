"""What "too many requests" does wherever Yahoo says it, with the real session against the offline market."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from yfinance.exceptions import YFRateLimitError

from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import ErrorKind
from webapp.kernel.spans import Span
from webapp.sandbox.control import RunningSandbox, running_sandbox
from webapp.sources.base import ChunkRequest, ClientTools, SourceError
from webapp.sources.pace import Pace
from webapp.sources.yahoo.client import YahooClient
from webapp.sources.yahoo.session import PacedSession

CRUMB = "https://query1.finance.yahoo.com/v1/test/getcrumb"
COOKIE = "https://fc.yahoo.com"
CHART = "https://query2.finance.yahoo.com/v8/finance/chart/AAPL?range=5d&interval=1d"
TOO_MANY, GOOD = 429, 200


class Server(Protocol):
    url: str


class Clock:
    """A clock that moves only when told, or when somebody sleeps."""

    at = 1_700_000_000.0

    def __call__(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def redis(redis_server: Server) -> Iterator[Redis]:
    client = Redis.from_url(redis_server.url)
    client.flushall()
    yield client
    client.close()


@pytest.fixture
def pace(redis: Redis, clock: Clock) -> Pace:
    return Pace(redis, "test", interval=2, cooldown=30, clock=clock)


@pytest.fixture
def session(pace: Pace, clock: Clock, running: RunningSandbox) -> PacedSession:
    running.client.clear()
    environment = running.environment
    proxy, bundle = environment["HTTPS_PROXY"], environment["CURL_CA_BUNDLE"]
    return PacedSession(pace, clock.sleep, impersonate="chrome", proxy=proxy, verify=bundle)


@pytest.mark.parametrize("url", [CRUMB, COOKIE, CHART])
def test_too_many_requests_make_all_pause_whatever_was_asked(
    session: PacedSession, pace: Pace, running: RunningSandbox, url: str
) -> None:
    running.client.fault(status=TOO_MANY, times=1)
    with pytest.raises(SourceError) as caught:
        session.get(url)
    assert caught.value.kind is ErrorKind.RATE_LIMITED
    assert 30 <= (caught.value.retry_after or 0) <= 33
    assert pace.take().is_cooling_down
    assert pace.state().rate == 0.25


def test_without_a_crumb_the_data_are_asked_after_one_pause(
    session: PacedSession, pace: Pace, clock: Clock, running: RunningSandbox
) -> None:
    running.client.fault(status=TOO_MANY, match={"path": "/v1/test/getcrumb"})
    with pytest.raises(SourceError):
        session.get(CRUMB)
    clock.at += pace.cooling()
    assert session.get(CRUMB).status_code == TOO_MANY  # yfinance goes on without it
    assert session.get(CHART).status_code == GOOD


def test_a_good_answer_is_kept_although_redis_goes_away_just_then(
    session: PacedSession, pace: Pace, clock: Clock, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.at += pace.cool_down()

    def lose(*_: object) -> int:
        raise RedisConnectionError

    monkeypatch.setattr(redis, "hdel", lose)
    assert session.get(CHART).status_code == GOOD


def test_yfinances_own_complaint_begins_the_configured_pause(
    pace: Pace, redis: Redis, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def complain(*_: object, **__: object) -> None:
        raise YFRateLimitError

    monkeypatch.setattr("yfinance.data.YfData.get", complain)
    client = YahooClient(ClientTools(redis, tmp_path, clock, {}), pace)
    with pytest.raises(SourceError) as caught:
        client.fetch(ChunkRequest("AAPL", Interval.D1, Span(0, 86_400), {}))
    assert 30 <= (caught.value.retry_after or 0) <= 33
    assert pace.take().is_cooling_down
