"""An embedded Redis, and a world whose time passes only when it is told to."""

from collections.abc import Iterator
from typing import Protocol

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.sources.ibkr.worlds import World


class Server(Protocol):
    url: str


@pytest.fixture
def redis(redis_server: Server) -> Iterator[Redis]:
    client = Redis.from_url(redis_server.url)
    client.flushall()
    yield client
    client.close()


@pytest.fixture
def away(free_port: int) -> Iterator[Redis]:
    """A Redis that does not answer."""
    client = Redis(port=free_port, socket_connect_timeout=0.5, retry=Retry(NoBackoff(), 0))
    yield client
    client.close()


@pytest.fixture
def world(redis: Redis) -> World:
    return World(redis)
