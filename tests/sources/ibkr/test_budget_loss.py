"""A Redis that lost its memory makes nobody ask too much."""

from collections.abc import Callable, Iterator

import pytest
from redis import Redis

from tests.servers import RedisServer
from tests.sources.ibkr.worlds import LOGIN, Simulation, World, mixed, seconds_to_wait, soft, strict
from webapp.sources.base import SourceError
from webapp.sources.ibkr.budget.budget import Budget
from webapp.sources.ibkr.budget.rules import PacingRules

RULES = PacingRules()


def wait_of(budget: Budget, number: int = 0) -> float:
    """Return how long a strict request has to wait, sent or not."""
    try:
        with budget.acquire(strict(number)) as grant:
            return grant.remaining()
    except SourceError as err:
        return seconds_to_wait(err)


def test_the_very_first_use_begins_fresh(world: World) -> None:
    assert wait_of(world.budget()) == 0


def test_after_a_loss_all_counts_as_used_when_the_last_request_was_sent(world: World) -> None:
    world.last_used = world.time - 200
    budget = world.budget()
    assert wait_of(budget) == pytest.approx(400, abs=1)
    with pytest.raises(SourceError, match="Redis lost its memory"):
        budget.acquire(strict(0))
    state = budget.state(LOGIN)
    assert state.used == 60
    assert state.free_in == pytest.approx(400, abs=1)
    with budget.acquire(soft()) as grant:
        assert grant.remaining() <= 0.25
    world.advance(401)
    assert wait_of(budget) == 0
    assert budget.state(LOGIN).used == 1


def test_after_a_loss_a_use_of_longer_ago_than_a_window_does_not_matter(world: World) -> None:
    world.last_used = world.time - 601
    assert wait_of(world.budget()) == 0


def test_a_process_remembers_its_own_requests_though_nothing_else_does(world: World) -> None:
    first, second = world.budget(last_used=lambda: None), world.budget(last_used=lambda: None)
    assert wait_of(first) == 0
    world.advance(100)
    world.empty_redis()
    assert wait_of(first) == pytest.approx(500, abs=1)
    assert wait_of(second, 1) == pytest.approx(500, abs=1)


def test_a_process_that_comes_later_tells_what_it_remembers_to_those_that_began_fresh(world: World) -> None:
    first, second = world.budget(last_used=lambda: None), world.budget(last_used=lambda: None)
    assert wait_of(first) == 0
    world.advance(100)
    world.empty_redis()
    assert wait_of(second, 1) == 0  # nothing that it could know
    assert wait_of(first, 2) == pytest.approx(500, abs=1)
    assert wait_of(second, 3) == pytest.approx(500, abs=1)


def test_of_two_that_begin_at_once_the_second_finds_what_the_first_began(world: World) -> None:
    slow_answers: list[float | None] = [None]

    def slow() -> float | None:
        """Answer late: the other process began and asked meanwhile, and what it sent is known by now."""
        assert wait_of(second, 1) == 0
        return world.time

    first, second = world.budget(last_used=slow), world.budget(last_used=slow_answers.pop)
    assert wait_of(first) == 0
    assert first.state(LOGIN).used == 2


def test_of_two_that_begin_at_once_the_one_that_knows_of_no_use_does_not_open_what_the_other_closed(
    world: World,
) -> None:
    used = world.time - 100
    knowing = world.budget(last_used=lambda: used)

    def slow() -> float | None:
        assert wait_of(knowing) == pytest.approx(500, abs=1)
        return None

    assert wait_of(world.budget(last_used=slow)) == pytest.approx(500, abs=1)


def test_a_turn_that_redis_forgot_during_the_wait_is_not_used(world: World) -> None:
    budget = world.budget()
    for number in range(5):
        assert wait_of(budget, number) == 0
    with budget.acquire(strict(5)) as grant:
        world.empty_redis()
        world.advance(grant.remaining())
        assert grant.is_fresh()  # by the clock
        assert not grant.confirm()


@pytest.mark.parametrize("key", ["facts", "turns"])
def test_a_single_lost_key_is_noticed(world: World, key: str) -> None:
    budget = world.budget(last_used=lambda: None)
    assert wait_of(budget) == 0
    world.advance(10)
    world.redis.delete(f"moisson:ibkr:budget:{LOGIN}:{key}")
    assert wait_of(budget, 1) == pytest.approx(590, abs=1)


def test_a_turn_given_back_is_no_loss(world: World) -> None:
    budget = world.budget(PacingRules(patience=0))
    with budget.acquire(strict(0)) as grant:
        world.advance(1)
        assert not grant.is_fresh()
    world.last_used = world.time
    assert wait_of(budget, 1) == 0


def test_a_cool_down_noted_in_an_empty_redis_holds(world: World) -> None:
    budget = world.budget()
    pause = budget.report_violation(LOGIN)
    assert wait_of(budget) == pause


def test_requests_that_may_still_be_open_after_a_loss_leave_room_only_below_the_limit_of_tws(world: World) -> None:
    world.last_used = world.time - 10
    rules = PacingRules(max_open=40, soft_per_second=1000, soft_burst=100)
    budget = world.budget(rules)
    for _ in range(10):
        budget.acquire(soft())
    with pytest.raises(SourceError, match="All 40 requests"):
        budget.acquire(soft())
    world.advance(80)
    budget.acquire(soft())


def test_the_usual_limit_of_open_requests_needs_no_room_after_a_loss(world: World) -> None:
    world.last_used = world.time - 10
    budget = world.budget()
    budget.acquire(soft())
    assert budget.state(LOGIN).open == 1


@pytest.mark.parametrize("seed", range(4))
def test_no_rule_is_broken_when_redis_is_emptied_again_and_again(world: World, seed: int) -> None:
    simulation = Simulation(world, RULES, workers=3, seed=seed)
    simulation.run(mixed(180), [(count, world.empty_redis) for count in (3, 20, 58, 61, 100, 101)])
    assert len(simulation.arrivals.entries) == 180
    assert simulation.arrivals.breaches() == []


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("own redis"))
    server.start()
    yield server
    server.end()


def test_a_redis_that_was_restarted_with_an_old_copy_is_not_trusted(own_server: RedisServer) -> None:
    """The copy on disk knows of one request; the one that was sent after it is known from elsewhere."""
    uses: list[float] = []
    last_used: Callable[[], float | None] = lambda: uses[-1] if uses else None  # noqa: E731 -- short, and typed
    with own_server.client() as redis:
        assert wait_of(Budget(redis, RULES, last_used)) == 0
        redis.save()
        seconds = int(redis.time()[0])
        assert wait_of(Budget(redis, RULES, last_used), 1) == 0
    uses.append(seconds)
    own_server.kill()
    own_server.start()
    with own_server.client() as redis:
        assert redis.exists(f"moisson:ibkr:budget:{LOGIN}:turns")
        assert wait_of(Budget(redis, RULES, last_used), 2) > 500


def test_a_restart_of_every_process_but_redis_forgets_nothing(world: World) -> None:
    for number in range(60):
        with world.budget().acquire(strict(number, f"contract {number}")):
            pass
    assert wait_of(world.budget()) == pytest.approx(600, abs=1)


def test_no_memory_is_kept_of_a_use_that_is_refused(redis: Redis, world: World) -> None:
    world.last_used = world.time
    budget = world.budget()
    assert wait_of(budget) > 599
    assert redis.zcard(f"moisson:ibkr:budget:{LOGIN}:turns") == 0
