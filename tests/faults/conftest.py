"""A plant for each test; the market and the Redis-compatible server are shared while nobody kills them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.plant import Plant, plant
from tests.servers import Market, RedisServer, start_market


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    started = start_market(tmp_path_factory.mktemp("market"))
    yield started
    started.running.end()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A server that the test may kill."""
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.end()


@pytest.fixture
def make_plant(tmp_path: Path, own_redis: RedisServer, market: Market) -> Iterator[Callable[..., Plant]]:
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(plant(tmp_path, own_redis, market, **settings))
