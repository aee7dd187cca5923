"""The rate finds what a source allows; in virtual time, with Redis's real scripts and no sleeping."""

import heapq
import itertools
import random
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import pytest
from redis import Redis

from webapp.sources.pace import LEAST_SHARE, Pace

MINUTE, HOUR = 60.0, 3600.0
CONFIGURED = 0.5
ALLOWED = CONFIGURED / 2
LATENCY = 0.3


class Server(Protocol):
    url: str


@pytest.fixture
def redis(redis_server: Server) -> Iterator[Redis]:
    client = Redis.from_url(redis_server.url)
    client.flushall()
    random.seed(1)  # the pauses' spread
    yield client
    client.close()


@dataclass
class Clock:
    """A clock that moves only when told."""

    at: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.at


class Limit(Protocol):
    """What a source allows: tells of each request whether it is answered."""

    def allows(self, now: float) -> bool: ...


@dataclass
class Bucket:
    """So many requests a second, and a few at once after silence."""

    rate: float
    depth: float
    tokens: float = 0.0
    at: float = 0.0

    def allows(self, now: float) -> bool:
        self.tokens = min(self.depth, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@dataclass
class Window:
    """So many answers in any stretch of so many seconds."""

    most: int
    seconds: float
    answered: deque[float] = field(default_factory=deque)

    def allows(self, now: float) -> bool:
        while self.answered and self.answered[0] <= now - self.seconds:
            self.answered.popleft()
        if len(self.answered) >= self.most:
            return False
        self.answered.append(now)
        return True


@dataclass
class Minutes:
    """So many answers in each minute of the clock."""

    most: int
    minute: int = -1
    answered: int = 0

    def allows(self, now: float) -> bool:
        if self.minute != now // MINUTE:
            self.minute, self.answered = int(now // MINUTE), 0
        if self.answered >= self.most:
            return False
        self.answered += 1
        return True


@dataclass
class World:
    """Workers that take chunks from one list and ask for each until it is answered, as a session and a job do."""

    limit: Limit
    clock: Clock
    answers: list[tuple[float, int, int]] = field(default_factory=list)
    """When which chunk was answered to which worker."""
    refusals: list[float] = field(default_factory=list)

    def work(self, paces: list[Pace], seconds: float) -> None:
        """Let a worker with each pace work for so long; chunks go on after those that are answered."""
        end = self.clock.at + seconds
        chunks = itertools.count(max((chunk for _, chunk, _ in self.answers), default=-1) + 1)
        doing = [next(chunks) for _ in paces]
        events = [(self.clock.at + 0.1 * worker, worker, False, False) for worker in range(len(paces))]
        while events[0][0] < end:
            self.clock.at, worker, has_turn, is_trial = heapq.heappop(events)
            pace = paces[worker]
            if not has_turn:
                turn = pace.take()
                heapq.heappush(events, (self.clock.at + turn.wait, worker, not turn.is_refused, turn.is_trial))
            elif cooling := pace.cooling():
                heapq.heappush(events, (self.clock.at + cooling, worker, False, False))
            elif self.limit.allows(self.clock.at):
                if is_trial:
                    pace.succeeded()
                self.answers.append((self.clock.at, doing[worker], worker))
                doing[worker] = next(chunks)
                heapq.heappush(events, (self.clock.at + LATENCY, worker, False, False))
            else:
                self.refusals.append(self.clock.at)
                heapq.heappush(events, (self.clock.at + pace.cool_down(), worker, False, False))
        self.clock.at = end

    def counts(self, start: float, end: float) -> tuple[int, int]:
        """Return how many requests were answered and refused meanwhile."""
        return sum(start <= at < end for at, _, _ in self.answers), sum(start <= at < end for at in self.refusals)


def make_paces(redis: Redis, clock: Clock, workers: int = 2) -> list[Pace]:
    return [Pace(redis, "test", 1 / CONFIGURED, cooldown=60, clock=clock) for _ in range(workers)]


LIMITS: dict[str, Callable[[], Limit]] = {
    "even": lambda: Bucket(ALLOWED, depth=1),
    "bursts of five": lambda: Bucket(ALLOWED, depth=5),
    "bursts of twenty": lambda: Bucket(ALLOWED, depth=20),
    "bursts of sixty": lambda: Bucket(ALLOWED, depth=60),
    "a minute's window": lambda: Window(15, MINUTE),
    "minutes of the clock": lambda: Minutes(15),
}


@pytest.mark.parametrize(("name", "workers"), [*((name, 2) for name in LIMITS), ("minutes of the clock", 4)])
def test_half_the_configured_rate_is_found_within_ten_minutes_and_kept(redis: Redis, name: str, workers: int) -> None:
    clock = Clock()
    start = clock.at
    world = World(LIMITS[name](), clock)
    world.work(make_paces(redis, clock, workers), 10 * MINUTE + HOUR)
    answered, refused = world.counts(start + 10 * MINUTE, clock.at)
    assert refused < 0.02 * (answered + refused)
    assert 0.9 * ALLOWED <= answered / HOUR <= 1.1 * ALLOWED
    assert max(Counter(chunk for _, chunk, _ in world.answers).values()) == 1  # nothing is asked twice
    shares = Counter(worker for _, _, worker in world.answers)
    assert workers > 2 or min(shares.values()) > 0.4 * len(world.answers)  # both workers have their part


def test_a_refusal_halves_the_rate_of_all_down_to_a_floor_and_several_at_once_count_as_one(redis: Redis) -> None:
    clock = Clock()
    pace, colleague = make_paces(redis, clock)
    rates = []
    for _ in range(6):
        pace.cool_down(), colleague.cool_down()  # both had asked
        rates.append(colleague.state().rate)
        clock.at += pace.cooling()
        pace.cool_down()  # again, before anything is answered: the pause was too short
        assert pace.state().rate == pytest.approx(rates[-1])
        clock.at += pace.cooling()
        pace.succeeded()
    assert rates == pytest.approx([CONFIGURED * share for share in (1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 16, 1 / 16)])
    assert rates[-1] == CONFIGURED * LEAST_SHARE


def test_the_slowest_rate_still_gives_turns_although_they_are_far_apart(redis: Redis) -> None:
    clock = Clock()
    [pace] = make_paces(redis, clock, workers=1)
    for _ in range(4):
        clock.at += pace.cool_down()
        pace.succeeded()
    first, second, third = pace.take(), pace.take(), pace.take()
    assert (first.wait, first.is_refused) == (0, False)
    assert second.wait == pytest.approx(1 / (CONFIGURED * LEAST_SHARE), abs=0.1)
    assert [second.is_refused, third.is_refused] == [False, True]


def test_when_the_source_allows_all_again_the_rate_comes_back_slowly_to_the_configured_one(redis: Redis) -> None:
    clock = Clock()
    world, paces = World(LIMITS["a minute's window"](), clock), make_paces(redis, clock)
    world.work(paces, 2 * HOUR)
    world.limit = Bucket(10, depth=100)
    rates = []
    for _ in range(100):
        world.work(paces, MINUTE)
        rates.append(paces[0].state().rate)
    growth = [later - earlier for earlier, later in itertools.pairwise(rates)]
    assert all(0 <= step <= CONFIGURED / 20 + 1e-9 for step in growth)
    assert rates[-1] == CONFIGURED
    start = clock.at
    world.work(paces, 10 * MINUTE)
    answered, refused = world.counts(start, clock.at)
    assert answered == pytest.approx(10 * MINUTE * CONFIGURED, abs=2)
    assert refused == 0


def test_after_the_loss_of_redis_the_configured_rate_is_tried_again(redis: Redis) -> None:
    clock = Clock()
    world, paces = World(LIMITS["even"](), clock), make_paces(redis, clock)
    world.work(paces, HOUR)
    assert paces[0].state().rate < 1.1 * ALLOWED
    redis.flushall()
    assert paces[0].state().rate == CONFIGURED
    start = clock.at
    world.work(paces, 2 * HOUR)
    answered, refused = world.counts(start, clock.at)
    assert refused < 0.02 * (answered + refused)
    assert paces[0].state().rate < 1.1 * ALLOWED


def test_a_lower_configured_rate_is_the_ceiling_at_once(redis: Redis) -> None:
    clock = Clock()
    [pace] = make_paces(redis, clock, workers=1)
    pace.cool_down()
    assert Pace(redis, "test", 10, cooldown=60, clock=clock).state().rate == 0.1
