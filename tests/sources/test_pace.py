import itertools
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import SourceError
from webapp.sources.pace import PROOF, Pace


class Server(Protocol):
    url: str


@dataclass
class Clock:
    """A clock that moves only when told."""

    at: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.at


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


def test_a_cool_down_holds_for_everybody_and_doubles_until_twenty_turns_went_well(redis: Redis) -> None:
    clock = Clock()
    pace, colleague = (Pace(redis, "test", interval=0.01, cooldown=10, clock=clock) for _ in range(2))
    first = pace.cool_down()
    assert 10 <= first <= 11
    turn = colleague.take()
    assert turn.is_cooling_down
    assert turn.wait == pytest.approx(first)
    assert colleague.cooling() == pytest.approx(first)
    assert colleague.cool_down() == pytest.approx(first)  # a second complaint during the pause joins it
    clock.at += first + 1
    second = pace.cool_down()
    assert 20 <= second <= 22
    clock.at += second
    pace.succeeded()
    take_turns(pace, clock, PROOF - 1)
    third = pace.cool_down()
    assert 40 <= third <= 44
    clock.at += third + 1000  # nobody asked meanwhile: that says nothing
    fourth = pace.cool_down()
    assert 80 <= fourth <= 88
    clock.at += fourth
    pace.succeeded()
    take_turns(pace, clock, PROOF)
    assert 10 <= pace.cool_down() <= 11


def take_turns(pace: Pace, clock: Clock, count: int) -> None:
    for _ in range(count):
        turn = pace.take()
        assert not turn.is_refused
        clock.at += turn.wait


def test_turns_of_trials_that_were_refused_do_not_make_the_next_pause_short_again(redis: Redis) -> None:
    clock = Clock()
    pace = Pace(redis, "test", interval=2, cooldown=1, clock=clock)
    for _ in range(PROOF + 1):
        take_turns(pace, clock, 1)
        clock.at += pace.cool_down()
    pace.succeeded()
    assert pace.cool_down() >= 3600


def test_it_is_known_since_when_the_rate_is_lower_than_configured(redis: Redis) -> None:
    clock = Clock()
    pace = Pace(redis, "test", interval=2, cooldown=60, clock=clock)
    assert pace.state().slowed_at == 0
    slowed_at = clock.at
    for _ in range(2):  # the second refusal finds it lowered already
        clock.at += pace.cool_down()
        pace.succeeded()
        assert pace.state().slowed_at == pytest.approx(slowed_at, abs=0.001)
    clock.at += 5 * 3600
    assert pace.state().rate == 0.5
    pace.cool_down()
    assert pace.state().slowed_at == pytest.approx(clock.at, abs=0.001)


def test_an_answer_between_two_refusals_does_not_make_the_next_pause_short_again(redis: Redis) -> None:
    clock = Clock()
    pace = Pace(redis, "test", interval=2, cooldown=60, clock=clock)
    pauses = []
    for _ in range(5):  # 200, 429, 200, 429 …
        clock.at += pace.take().wait
        pace.succeeded()
        clock.at += pace.take().wait
        pauses.append(pace.cool_down())
        clock.at += pauses[-1]
    assert [round(later / earlier) for earlier, later in itertools.pairwise(pauses)] == [2, 2, 2, 2]


def test_what_the_source_asks_for_is_honoured_and_there_is_a_longest_pause(redis: Redis) -> None:
    clock = Clock()
    pace = Pace(redis, "test", interval=0.01, cooldown=10, clock=clock)
    longest = pace.cool_down(retry_after=120)
    assert longest >= 120
    for _ in range(15):
        clock.at += longest
        longest = pace.cool_down()
    assert 3600 <= longest <= 3600 * 1.1


def test_without_redis_nobody_asks(free_port: int) -> None:
    away = Redis(port=free_port, socket_connect_timeout=0.5, retry=Retry(NoBackoff(), 0))  # as impatient as ours
    pace = Pace(away, "test", interval=1, cooldown=60)
    for ask in (pace.take, pace.cool_down, pace.succeeded):
        with pytest.raises(SourceError) as caught:
            ask()
        assert caught.value.kind is ErrorKind.GATEWAY_DOWN
