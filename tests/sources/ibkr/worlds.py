"""A world with a clock of its own, in Redis and in its workers, and a TWS in it that counts what arrives."""

import heapq
import itertools
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from redis import Redis

from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import SourceError
from webapp.sources.ibkr.budget.budget import Budget
from webapp.sources.ibkr.budget.grant import Grant, Timekeeping
from webapp.sources.ibkr.budget.rules import PacedRequest, PacingClass, PacingRules

LOGIN = "login"
_CLOCK = "test:clock"


class World:
    """Time passes when it is told to, for Redis and for all workers."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.time = 1_800_000_000.0
        self.last_used: float | None = None
        self.set(self.time)

    def set(self, time: float) -> None:
        self.time = time
        microseconds = round(time * 1_000_000)
        self.redis.hset(_CLOCK, mapping={"s": microseconds // 1_000_000, "us": microseconds % 1_000_000})

    def advance(self, seconds: float) -> None:
        self.set(self.time + seconds)

    def empty_redis(self) -> None:
        self.redis.flushall()
        self.set(self.time)

    def budget(self, rules: PacingRules | None = None, last_used: Callable[[], float | None] | None = None) -> Budget:
        """Return the budget as one more process sees it."""
        clock = f"redis.call('HMGET', '{_CLOCK}', 's', 'us')"
        times = Timekeeping(now=lambda: self.time, steady=lambda: self.time, sleep=self.advance, lua=clock)
        return Budget(self.redis, rules or PacingRules(), last_used or (lambda: self.last_used), times)


def seconds_to_wait(refused: SourceError) -> float:
    """Return how long one that was refused for the rules' sake has to wait."""
    assert refused.kind is ErrorKind.RATE_LIMITED
    assert refused.retry_after is not None
    return refused.retry_after


def strict(number: int, contract: str = "AAPL", cost: int = 1) -> PacedRequest:
    return PacedRequest(LOGIN, PacingClass.STRICT, contract, f"{contract} {number}", cost)


def soft(number: int = 0) -> PacedRequest:
    return PacedRequest(LOGIN, PacingClass.SOFT, "AAPL", f"soft {number}")


def mixed(count: int, contracts: Sequence[str] = ("AAPL", "MSFT", "ES")) -> list[PacedRequest]:
    return [strict(number, contracts[number % len(contracts)]) for number in range(count)]


@dataclass
class Arrivals:
    """What a TWS that counts in sliding windows has seen arrive."""

    rules: PacingRules
    entries: list[tuple[float, PacedRequest]] = field(default_factory=list)

    def breaches(self) -> list[str]:
        rules = self.rules
        breaches = _crowds("window", rules.window_requests, rules.window_seconds, self.entries)
        by_contract, by_identity = defaultdict(list), defaultdict(list)
        for time, request in self.entries:
            by_contract[request.contract].append((time, request))
            by_identity[request.identity].append((time, request))
        for each in by_contract.values():
            breaches += _crowds("burst", rules.burst_requests, rules.burst_seconds, each)
        for each in by_identity.values():
            breaches += _crowds("identical", 1, rules.identical_seconds, each)
        return breaches

    @property
    def length(self) -> float:
        times = [time for time, _ in self.entries]
        return max(times) - min(times)


def _crowds(name: str, limit: int, span: float, entries: Iterable[tuple[float, PacedRequest]]) -> list[str]:
    times = sorted(time for time, request in entries for _ in range(1 if name == "identical" else request.cost))
    pairs = zip(times, times[limit:], strict=False)
    return [f"{name}: {limit + 1} within {last - first:.4f} s" for first, last in pairs if last - first <= span]


def earliest_turn(request: PacedRequest, sent: Sequence[tuple[float, PacedRequest]], rules: PacingRules) -> float:
    """Return the first moment, not before the last one, at which the raw rules allow a strict request.

    ``sent`` are moments and requests, ascending. Of any span of a rule's length no more than its limit may be full; a
    request that costs two counts twice, except as identical to another. A span that is just over holds no longer.
    """
    everything = [time for time, past in sent for _ in range(past.cost)]
    contract = [time for time, past in sent if past.contract == request.contract for _ in range(past.cost)]
    identical = [time for time, past in sent if past.identity == request.identity]
    limits = (
        (everything, rules.window_requests, rules.window_seconds, request.cost),
        (contract, rules.burst_requests, rules.burst_seconds, request.cost),
        (identical, 1, rules.identical_seconds, 1),
    )
    moment = everything[-1] if everything else 0.0
    for times, limit, span, cost in limits:
        room = limit - min(cost, limit)
        if len(times) > room:
            moment = max(moment, times[-room - 1] + span)
    return moment


def shortest_time(requests: Sequence[PacedRequest], rules: PacingRules) -> float:
    """Return the seconds from the first to the last request if each goes at the first moment that the raw rules allow.

    The contract with most left goes first.
    """
    unsent: dict[str, list[PacedRequest]] = defaultdict(list)
    for request in requests:
        unsent[request.contract].append(request)
    sent: list[tuple[float, PacedRequest]] = []
    while any(unsent.values()):
        turns = {name: earliest_turn(queue[0], sent, rules) for name, queue in unsent.items() if queue}
        name = min(turns, key=lambda each: (turns[each], -len(unsent[each])))
        sent.append((turns[name], unsent[name].pop(0)))
    return sent[-1][0]


@dataclass(order=True)
class _Step:
    at: float
    number: int
    worker: int = field(compare=False)
    grant: Grant | None = field(compare=False, default=None)
    request: PacedRequest | None = field(compare=False, default=None)


class Simulation:
    """Workers that share asks in a world, with chance in how late they send and how long the way takes."""

    def __init__(self, world: World, rules: PacingRules, workers: int, seed: int) -> None:
        self.arrivals = Arrivals(rules)
        self.world = world
        self._rules = rules
        self._budgets = [world.budget(rules) for _ in range(workers)]
        self._random = random.Random(seed)  # noqa: S311 -- chance in a test
        self._numbers = itertools.count()
        self._steps: list[_Step] = []
        self._pending: list[PacedRequest] = []

    def run(self, requests: Sequence[PacedRequest], accidents: Sequence[tuple[int, Callable[[], None]]] = ()) -> None:
        """Send all asks; an accident happens when so many have arrived."""
        pending = list(accidents)
        self._pending = list(reversed(requests))
        for worker in range(len(self._budgets)):
            self._push(self.world.time, worker)
        while self._steps:
            if pending and len(self.arrivals.entries) >= pending[0][0]:
                pending.pop(0)[1]()
            step = heapq.heappop(self._steps)
            self.world.set(max(self.world.time, step.at))
            if step.grant is not None and step.request is not None:
                self._send(step, step.grant, step.request)
            else:
                self._acquire(step)

    def _push(self, at: float, worker: int, grant: Grant | None = None, request: PacedRequest | None = None) -> None:
        heapq.heappush(self._steps, _Step(at, next(self._numbers), worker, grant, request))

    def _acquire(self, step: _Step) -> None:
        if not self._pending:
            return
        request = self._pending.pop()
        try:
            grant = self._budgets[step.worker].acquire(request)
        except SourceError as err:
            self._pending.append(request)
            self._push(self.world.time + seconds_to_wait(err), step.worker)
            return
        late = self._random.uniform(0, self._rules.freshness * 1.05)
        self._push(self.world.time + grant.remaining() + late, step.worker, grant, request)

    def _send(self, step: _Step, grant: Grant, request: PacedRequest) -> None:
        with grant:
            if grant.confirm() and grant.is_fresh():
                way = self._random.uniform(0, self._rules.slack - self._rules.freshness)
                self.arrivals.entries.append((self.world.time + way, request))
                self.world.last_used = self.world.time
            else:
                self._pending.append(request)
        self._push(self.world.time, step.worker)
