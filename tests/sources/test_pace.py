import threading
import time
from collections.abc import Iterator
from typing import Protocol

import pytest
from redis import Redis

from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import SourceError
from webapp.sources.pace import Pace


class Server(Protocol):
    url: str


@pytest.fixture
def redis(redis_server: Server) -> Iterator[Redis]:
    client = Redis.from_url(redis_server.url)
    client.flushall()
    yield client
    client.close()


def test_turns_are_evenly_spaced_among_all_who_ask(redis: Redis) -> None:
    paces = [Pace(redis, "test", interval=0.05, cooldown=60) for _ in range(4)]
    turns: list[float] = []

    def ask(pace: Pace) -> None:
        for _ in range(5):
            turn = pace.take()
            assert not turn.is_refused
            turns.append(time.monotonic() + turn.wait)

    threads = [threading.Thread(target=ask, args=(pace,)) for pace in paces]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(turns) == 20
    assert max(turns) - min(turns) >= 19 * 0.05 - 0.03


def test_a_turn_that_is_too_far_off_is_refused_and_takes_no_place(redis: Redis) -> None:
    pace = Pace(redis, "test", interval=2.0, cooldown=60, patience=3.0)
    assert [pace.take().is_refused for _ in range(4)] == [False, False, True, True]
    assert 3.0 < pace.take().wait <= 4.0


def test_a_cool_down_holds_for_everybody_and_doubles_until_a_success(redis: Redis) -> None:
    pace, other = (Pace(redis, "test", interval=0.01, cooldown=10) for _ in range(2))
    first = pace.cool_down()
    assert 10 <= first <= 11
    turn = other.take()
    assert turn.is_cooling_down
    assert 9 < turn.wait <= first
    assert 9 < other.cooling() <= first
    assert other.cool_down() <= first  # a second complaint during the pause joins it
    redis.hset("moisson:pace:test", "until", 0)
    assert 20 <= pace.cool_down() <= 22
    redis.hset("moisson:pace:test", "until", 0)
    pace.succeeded()
    assert 10 <= pace.cool_down() <= 11


def test_what_the_source_asks_for_is_honoured_and_there_is_a_longest_pause(redis: Redis) -> None:
    pace = Pace(redis, "test", interval=0.01, cooldown=10)
    assert pace.cool_down(retry_after=120) >= 120
    for _ in range(15):
        redis.hset("moisson:pace:test", "until", 0)
        longest = pace.cool_down()
    assert 3600 <= longest <= 3600 * 1.1


def test_without_redis_nobody_asks(free_port: int) -> None:
    pace = Pace(Redis(port=free_port, socket_connect_timeout=0.5), "test", interval=1, cooldown=60)
    for ask in (pace.take, pace.cool_down, pace.succeeded):
        with pytest.raises(SourceError) as caught:
            ask()
        assert caught.value.kind is ErrorKind.GATEWAY_DOWN
