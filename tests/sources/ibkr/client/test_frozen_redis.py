"""A Redis that accepts and never answers holds up whoever waits for a turn, and nobody else of the process."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.servers import RedisServer, wait_until
from tests.sources.ibkr.client.conftest import NOW, POOL_SETTINGS, SETTINGS, Ask, seconds_of
from tests.sources.ibkr.gateway import ScriptedTws
from webapp.kernel.gateways import Gateway
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import ClientTools, SourceError
from webapp.sources.ibkr.client import IbkrClient
from webapp.sources.ibkr.connection.connection_status import login_key
from webapp.sources.ibkr.runtime import get_runtime

REDIS_PATIENCE = 3.0
"""How long a call to Redis waits for its answer: a loop that makes one itself stands still for as long."""
STANDSTILL = REDIS_PATIENCE / 2
"""What no machine is slow enough for, and what a blocking call exceeds by far."""
PACE: dict[str, str | float | None] = {"soft_per_second": 0.5}  # four at once, and two seconds for the fifth


@pytest.fixture
def own_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("own redis"))
    server.start()
    yield server
    server.thaw()
    server.end()


@pytest.fixture
def another_tws() -> Iterator[ScriptedTws]:
    server = ScriptedTws()
    server.accounts = "DU7654321"
    yield server
    server.end()


async def longest_gap(is_over: Event) -> float:
    """Tick in the loop until the event is set; return the longest time (seconds) between two ticks."""
    longest, last = 0.0, time.monotonic()
    while not is_over.is_set():
        await asyncio.sleep(0.01)
        now = time.monotonic()
        longest, last = max(longest, now - last), now
    return longest


def wait_for_a_turn(redis: Redis, ask: Ask, pool: ThreadPoolExecutor) -> "Future[object]":
    """Use up the burst, and ask once more in a thread; return when that request has a turn and waits for it."""
    for _ in range(4):
        ask(interval=Interval.M1)
    waiting: Future[object] = pool.submit(ask, interval=Interval.M1)
    open_requests = f"moisson:ibkr:budget:{login_key(['DU1234567'])}:open"
    wait_until(lambda: redis.zcard(open_requests) == 1)
    return waiting


def test_the_loop_goes_on_and_other_connections_are_served_while_a_request_asks_a_frozen_redis(
    own_redis: RedisServer, tws: ScriptedTws, another_tws: ScriptedTws, tmp_path: Path
) -> None:
    redis = Redis(port=own_redis.port, socket_timeout=REDIS_PATIENCE, retry=Retry(NoBackoff(), 0))
    tools = ClientTools(redis, tmp_path, lambda: NOW, SETTINGS | PACE)
    quiet = replace(POOL_SETTINGS, beat=60.0)
    client = IbkrClient(tools, quiet)
    another = Gateway("another", "127.0.0.1", another_tws.port)
    loop, is_over = get_runtime(tools, quiet).loop, Event()
    client.check(another)
    with ThreadPoolExecutor(2) as pool:
        waiting = wait_for_a_turn(redis, Ask(client, Gateway("default", "127.0.0.1", tws.port)), pool)
        own_redis.freeze()
        gap = pool.submit(loop.run, lambda: longest_gap(is_over), 60.0)
        answers: list[float] = []
        while not waiting.done():
            answers.append(seconds_of(lambda: client.check(another)))
        is_over.set()
        with pytest.raises(SourceError, match="Redis does not answer") as caught:
            waiting.result()
        assert gap.result() < STANDSTILL
    assert caught.value.kind is ErrorKind.GATEWAY_DOWN
    assert max(answers) < STANDSTILL
    assert len(tws.requests("20")) == 4
    own_redis.thaw()
    client.close()
    redis.close()
