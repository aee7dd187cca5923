"""A client of this test's own, with a scripted TWS to talk to."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.sources.ibkr.gateway import ScriptedTws
from webapp.kernel.gateways import Gateway
from webapp.kernel.intervals import Interval
from webapp.kernel.spans import Span
from webapp.sources.base import Answer, ChunkRequest, ClientTools
from webapp.sources.ibkr.client import IbkrClient
from webapp.sources.ibkr.connection.connection_pool import PoolSettings

POOL_SETTINGS = PoolSettings(beat=0.2, opening=2.0, first_pause=0.2, longest_pause=0.2)
NOW = 1795449600.0  # 2026-11-23 16:00 UTC, a Monday
NOV_20 = 1795132800  # a Friday, 00:00 UTC
DAY = 86_400

SETTINGS: dict[str, str | float | None] = {"request_timeout": 1.0, "nightly_window": ""}
MakeClient = Callable[..., IbkrClient]


@pytest.fixture
def make_client(redis: Redis, tmp_path: Path) -> Iterator[MakeClient]:
    """Make clients that are closed at the end; settings of theirs and of the pool may be others than usual."""
    clients: list[IbkrClient] = []

    def make(
        pool_settings: PoolSettings = POOL_SETTINGS, now: Callable[[], float] = lambda: NOW, **settings: str | float
    ) -> IbkrClient:
        client = IbkrClient(ClientTools(redis, tmp_path, now, SETTINGS | settings), pool_settings)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(make_client: MakeClient) -> IbkrClient:
    return make_client()


@pytest.fixture
def tws() -> Iterator[ScriptedTws]:
    server = ScriptedTws()
    yield server
    server.end()


@pytest.fixture
def gateway(tws: ScriptedTws) -> Gateway:
    return Gateway("default", "127.0.0.1", tws.port)


class Ask:
    """Asks a client for a chunk; what is not said is daily bars of AAPL on one Friday."""

    def __init__(self, client: IbkrClient, gateway: Gateway) -> None:
        self.client = client
        self.gateway = gateway

    def __call__(
        self, symbol: str = "AAPL", interval: Interval = Interval.D1, span: Span | None = None, **options: str
    ) -> Answer:
        chunk = span or Span(NOV_20, NOV_20 + DAY)
        return self.client.fetch(ChunkRequest(symbol, interval, chunk, options, self.gateway))


@pytest.fixture
def ask(client: IbkrClient, gateway: Gateway) -> Ask:
    return Ask(client, gateway)


def seconds_of(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started
