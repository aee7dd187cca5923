"""Services on the offline market, through the real yfinance: both clocks move together."""

import dataclasses
import datetime as dt
import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPSHandler, ProxyHandler, build_opener

import pytest

from tests.servers import RedisServer
from tests.world import Clock, World
from webapp.context import EXTENSION
from webapp.database.transactions import reading
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import JobState
from webapp.reading.bars import open_bars
from webapp.sandbox.control import RunningSandbox, SandboxClient, running_sandbox
from webapp.series import queries_actions
from webapp.sources.base import ClientTools
from webapp.sources.manifest import SourceSettings
from webapp.sources.registry import open_client

STARTS = dt.datetime(2026, 3, 2, 22, tzinfo=dt.UTC)
"""A Monday at 17:00 in New York: the day is over, and settled."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox"), ("--now", STARTS.isoformat())) as running:
        yield running


@dataclass
class MarketWorld:
    """What collects (``world``), and the market that it collects from."""

    world: World
    running: RunningSandbox
    clock: Clock

    @property
    def yahoo(self) -> SandboxClient:
        return self.running.client

    def go_to(self, day: dt.date) -> None:
        """Let it be the evening of a day."""
        self.clock.at = STARTS.replace(year=day.year, month=day.month, day=day.day)
        self.yahoo.set_now(self.clock.at.isoformat())

    def collect(self, symbol: str, interval: Interval = Interval.D1, **fields: Any) -> JobRow:  # noqa: ANN401 -- a request's fields
        """Collect what a request asks for, and return its job, which has succeeded."""
        [job_id] = self.world.submit(symbol, interval=interval, **fields)
        job = self.world.work(job_id)
        assert job.state is JobState.SUCCEEDED, str(job.message)
        return job

    def requests(self) -> list[tuple[str, str]]:
        """Symbol and interval of all requests for charts so far."""
        return [(entry["symbol"], entry["interval"]) for entry in self.yahoo.log() if "/chart/" in entry["path"]]

    def closes(self, job: JobRow, adjust: str) -> dict[str, float]:
        """The closes of a job's series by date."""
        bars = [bar for page in open_bars(job.series_id, adjust).adjusted(1000) for bar in page]
        return {f"{dt.datetime.fromtimestamp(bar[0], dt.UTC):%Y-%m-%d}": bar[4] for bar in bars}

    def adjusted_closes(self, symbol: str) -> dict[str, float]:
        """The closes by date as the source itself adjusts them, since the listing."""
        host = urlsplit(self.running.proxy)
        context = ssl.create_default_context(cafile=self.running.ca_bundle)
        opener = build_opener(ProxyHandler({"https": host.geturl()}), HTTPSHandler(context=context))
        url = f"https://query2.finance.yahoo.com/v8/finance/chart/{symbol}?range=max&interval=1d"
        with opener.open(url, timeout=20) as answer:
            result = json.load(answer)["chart"]["result"][0]
        adjusted = result["indicators"]["adjclose"][0]["adjclose"]
        days = [f"{dt.datetime.fromtimestamp(stamp, dt.UTC):%Y-%m-%d}" for stamp in result["timestamp"]]
        return dict(zip(days, adjusted, strict=True))

    def actions(self, symbol: str) -> set[tuple[str, str]]:
        """Kind and ex-date of the actions that are applied."""
        with reading() as connection:
            stored = queries_actions.of_instrument(connection, "yahoo", symbol) or []
        return {(action.kind, f"{dt.datetime.fromtimestamp(action.time, dt.UTC):%Y-%m-%d}") for action in stored}


@pytest.fixture
def market_world(
    world: World, running: RunningSandbox, redis_server: RedisServer, tmp_path: Path
) -> Iterator[MarketWorld]:
    running.client.clear()
    settings: SourceSettings = {"proxy": running.proxy, "ca_bundle": running.ca_bundle, "requests_per_second": 1000.0}
    with redis_server.client() as redis:
        redis.flushall()
        tools = ClientTools(redis, tmp_path / "yfinance", lambda: world.clock().timestamp(), settings)
        client = open_client("yahoo", tools)
        context = dataclasses.replace(world.context, open_client=lambda _name: client)
        world.app.extensions[EXTENSION] = context
        world.context = context
        market = MarketWorld(world, running, world.clock)
        market.go_to(STARTS.date())
        yield market
        client.close()
