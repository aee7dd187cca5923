"""Each of IBKR's rules at its edge, by a clock that passes only when it is told to."""

import pytest
from redis import Redis

from tests.sources.ibkr.worlds import LOGIN, World, mixed, soft, strict
from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import SourceError
from webapp.sources.ibkr.budget.budget import Budget, read_states
from webapp.sources.ibkr.budget.rules import PacedRequest, PacingRules

RULES = PacingRules()
SLACK = pytest.approx(RULES.slack, abs=0.002)


def waits(budget: Budget, requests: list[PacedRequest]) -> list[float]:
    wait_times = []
    for request in requests:
        with budget.acquire(request) as grant:
            wait_times.append(grant.remaining())
    return wait_times


def refused(budget: Budget, request: PacedRequest) -> SourceError:
    with pytest.raises(SourceError) as caught:
        budget.acquire(request)
    assert caught.value.kind is ErrorKind.RATE_LIMITED
    assert caught.value.retry_after is not None
    return caught.value


def spend(world: World, budget: Budget, count: int = 60) -> None:
    """Use up requests at one moment, each for a contract of its own."""
    waits(budget, [strict(0, f"contract {number}") for number in range(count)])


def test_five_of_one_contract_go_at_once_and_the_sixth_waits_for_its_place_in_the_next_two_seconds(
    world: World,
) -> None:
    budget = world.budget()
    wait_times = waits(budget, [strict(number) for number in range(7)])
    assert wait_times[:5] == [0] * 5
    assert [wait - 2 for wait in wait_times[5:]] == [SLACK, SLACK]


def test_the_burst_of_one_contract_does_not_hold_up_another(world: World) -> None:
    budget = world.budget()
    assert waits(budget, [strict(number) for number in range(5)]) == [0] * 5
    assert waits(budget, [strict(5), strict(0, "MSFT")]) == [2 + SLACK.expected, 0]


def test_sixty_go_in_a_window_and_the_next_is_told_how_long_it_waits(world: World) -> None:
    budget = world.budget()
    spend(world, budget)
    error = refused(budget, strict(0))
    assert error.retry_after is not None
    assert error.retry_after - 600 == SLACK
    assert str(error) == (
        "Interactive Brokers allows 60 requests for small bars in 600 seconds, and they are used up: the next is "
        "possible in 601 seconds."
    )
    world.advance(error.retry_after - 0.01)
    assert waits(budget, [strict(0)]) == [pytest.approx(0.01, abs=0.002)]


def test_a_window_slides_each_request_comes_free_by_itself(world: World) -> None:
    budget = world.budget()
    spend(world, budget, 1)
    world.advance(300)
    spend(world, budget, 59)
    world.advance(300 + RULES.slack)
    assert waits(budget, [strict(0)]) == [0]
    assert refused(budget, strict(1)).retry_after == pytest.approx(300, abs=0.5)


def test_bid_ask_counts_twice(world: World) -> None:
    budget = world.budget()
    waits(budget, [strict(0, f"contract {number}", cost=2) for number in range(29)])
    assert budget.state(LOGIN).used == 58
    assert waits(budget, [strict(0)]) == [0]
    refused(budget, strict(0, "MSFT", cost=2))
    assert waits(budget, [strict(0, "ES")]) == [0]
    refused(budget, strict(0, "NQ"))


def test_an_identical_request_waits_fifteen_seconds(world: World) -> None:
    budget = world.budget()
    waits(budget, [strict(0)])
    error = refused(budget, strict(0))
    assert error.retry_after is not None
    assert error.retry_after - 15 == SLACK
    assert "identical" in str(error)
    world.advance(error.retry_after)
    assert waits(budget, [strict(0)]) == [0]


def test_a_login_does_not_hold_up_another(world: World) -> None:
    budget = world.budget()
    spend(world, budget)
    request = strict(0)
    assert waits(budget, [PacedRequest("other", request.pacing_class, request.contract, request.identity)]) == [0]


def test_a_turn_that_is_waited_for_is_reserved_and_a_refused_one_is_not(world: World) -> None:
    rules = PacingRules(patience=5)
    first, second = world.budget(rules), world.budget(rules)
    waits(first, [strict(number) for number in range(5)])
    assert waits(second, [strict(number) for number in range(5, 10)]) == [2 + SLACK.expected] * 5
    assert waits(first, [strict(10)]) == [pytest.approx(2 * (2 + RULES.slack), abs=0.002)]
    world.advance(100)
    spend(world, first, 60 - 11)
    for _ in range(3):
        refused(first, strict(99))
    assert first.state(LOGIN).used == 60


def test_a_turn_may_be_given_in_between_turns_that_are_reserved(world: World) -> None:
    rules = PacingRules(window_requests=6)
    budget = world.budget(rules)
    assert waits(budget, [strict(number) for number in range(6)])[5] > 2  # the sixth is two seconds off
    refused(budget, strict(0, "MSFT"))  # although only five have been sent: the window would hold seven


def test_larger_bars_have_a_soft_pace_of_their_own(world: World) -> None:
    budget = world.budget()
    spend(world, budget)
    wait_times = waits(budget, [soft() for _ in range(7)])
    assert wait_times == pytest.approx([0, 0, 0, 0, 0.25, 0.5, 0.75], abs=0.002)
    error = refused(world.budget(PacingRules(patience=0.5)), soft())
    assert error.retry_after == pytest.approx(1.0, abs=0.002)
    assert "4 a second" in str(error)
    world.advance(10)
    assert waits(budget, [soft() for _ in range(4)]) == [0] * 4


def test_only_so_many_are_open_at_once_until_one_is_released(world: World) -> None:
    rules = PacingRules(max_open=3)
    first, second = world.budget(rules), world.budget(rules)
    grants = [first.acquire(soft()), first.acquire(strict(0)), second.acquire(soft())]
    before = world.time
    error = refused(second, soft())
    assert world.time - before >= rules.patience
    assert "All 3 requests" in str(error)
    assert first.state(LOGIN).open == 3
    grants[1].release()
    second.acquire(soft())
    assert first.state(LOGIN).open == 3


def test_a_killed_holder_gives_its_place_back_when_its_lease_ends_unless_it_renews_it(world: World) -> None:
    rules = PacingRules(max_open=2)
    budget = world.budget(rules)
    renewing, _killed = budget.acquire(soft()), budget.acquire(soft())
    world.advance(60)
    renewing.renew()
    refused(budget, soft())
    world.advance(31)
    assert budget.state(LOGIN).open == 1
    with budget.acquire(soft()):
        assert budget.state(LOGIN).open == 2


def test_a_turn_is_fresh_at_its_time_and_for_a_quarter_of_a_second(world: World) -> None:
    budget = world.budget()
    waits(budget, [strict(number) for number in range(5)])
    grant = budget.acquire(strict(5))
    assert not grant.is_fresh()  # it is too early
    world.advance(grant.remaining())
    assert grant.is_fresh()
    world.advance(0.24)
    assert grant.is_fresh()
    world.advance(0.02)
    assert not grant.is_fresh()


def test_a_machine_that_slept_gives_its_turn_back(world: World) -> None:
    rules = PacingRules(window_requests=1, patience=0)
    budget = world.budget(rules)
    with budget.acquire(strict(0)) as grant:
        world.advance(1)
        assert not grant.is_fresh()
    state = budget.state(LOGIN)
    assert (state.used, state.open) == (0, 0)
    with budget.acquire(strict(0)) as grant:
        assert grant.is_fresh()
    assert budget.state(LOGIN).used == 1


def test_a_request_that_may_have_been_sent_keeps_its_turn(world: World) -> None:
    budget = world.budget()
    with pytest.raises(KeyboardInterrupt), budget.acquire(strict(0)):
        raise KeyboardInterrupt
    state = budget.state(LOGIN)
    assert (state.used, state.open) == (1, 0)


def test_a_violation_that_is_reported_all_the_same_stops_everybody_and_widens_the_rules(world: World) -> None:
    first, second = world.budget(), world.budget()
    waits(first, [strict(number) for number in range(5)])
    waiting = first.acquire(strict(5))
    pause = second.report_violation(LOGIN)
    assert pause - 660 == SLACK
    assert first.report_violation(LOGIN) == pause  # reported by each of the requests that were under way
    error = refused(first, strict(0, "MSFT"))
    assert error.retry_after == pause
    assert "pacing violation" in str(error)
    assert refused(first, soft()).retry_after == 15
    world.advance(waiting.remaining())
    assert not waiting.confirm()
    waiting.release()
    world.advance(30)
    assert waits(first, [soft() for _ in range(5)])[-1] == pytest.approx(0.5, abs=0.002)  # half the soft pace
    world.advance(pause)
    state = first.state(LOGIN)
    assert (state.cooling, state.used, state.is_widened) == (0, 0, True)
    spend(world, first)
    assert refused(first, strict(0)).retry_after == pytest.approx(660, abs=0.5)
    world.advance(pause)
    state = first.state(LOGIN)
    assert (state.free_in, state.is_widened) == (0, False)
    assert first.report_violation(LOGIN) == pause  # the rules were the usual ones again, so this is a first one


def test_a_second_violation_widens_further(world: World) -> None:
    budget = world.budget()
    first = budget.report_violation(LOGIN)
    world.advance(first + 1)
    assert budget.report_violation(LOGIN) - 720 == SLACK


def test_the_page_sees_the_budget_of_each_login(world: World, redis: Redis) -> None:
    assert read_states(redis) == []
    budget = world.budget()
    untouched = budget.state(LOGIN)
    assert (untouched.used, untouched.limit, untouched.free_in, untouched.max_open) == (0, 60, 0, 20)
    waits(budget, mixed(15))
    budget.acquire(soft())
    state = budget.state(LOGIN)
    assert (state.used, state.open, state.free_in, state.cooling, state.window_seconds) == (15, 1, 0, 0, 600)
    request = soft()
    waits(budget, [PacedRequest("another", request.pacing_class, request.contract, request.identity)])
    assert [each.login for each in read_states(redis)] == ["another", LOGIN]
    redis.delete("moisson:ibkr:budget:another:facts")
    assert [(each.login, each.limit) for each in read_states(redis)] == [(LOGIN, 60)]


def test_without_redis_nobody_asks(away: Redis) -> None:
    budget = Budget(away, RULES, lambda: None)
    attempts = (
        lambda: budget.acquire(soft()),
        lambda: budget.report_violation(LOGIN),
        lambda: budget.state(LOGIN),
        lambda: read_states(away),
    )
    for attempt in attempts:
        with pytest.raises(SourceError) as caught:
            attempt()
        assert caught.value.kind is ErrorKind.GATEWAY_DOWN
        assert caught.value.hint


def test_everything_in_redis_goes_away_by_itself(world: World, redis: Redis) -> None:
    world.budget().acquire(strict(0))
    keys = [key for key in redis.keys("moisson:ibkr:budget:*") if redis.ttl(key) < 0]
    assert keys == []


def test_a_turn_that_one_rule_pushes_into_anothers_way_is_pushed_on(world: World) -> None:
    """The identical rule asks for 15 seconds; there the window is full of turns that are reserved already."""
    rules = PacingRules(window_seconds=5, window_requests=3, burst_seconds=15, burst_requests=1, patience=30)
    budget = world.budget(rules)
    waits(budget, [strict(0, "X"), strict(0, "Y"), strict(0, "Z")])
    world.advance(6)
    reserved = waits(budget, [strict(1, "X"), strict(1, "Y"), strict(1, "Z")])
    assert reserved == pytest.approx([9 + rules.slack] * 3, abs=0.002)
    same = strict(0, "X")
    wait_times = waits(budget, [PacedRequest(LOGIN, same.pacing_class, "another contract", same.identity)])
    assert wait_times == pytest.approx([14 + 2 * rules.slack], abs=0.003)
