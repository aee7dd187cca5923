"""How gateways stand, as workers say it in Redis and pages, the doctor and the metrics show it."""

import dataclasses
from collections.abc import Callable, Iterator

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.servers import RedisServer
from tests.world import World
from webapp.context import EXTENSION
from webapp.database.transactions import writing
from webapp.errors import sentence
from webapp.gateways import queries_gateways as store
from webapp.gateways.connections import GatewayState, gateway_states, state_of
from webapp.kernel.gateways import Gateway
from webapp.queue import Queue
from webapp.sources.ibkr.budget.budget import Budget
from webapp.sources.ibkr.budget.rules import PacedRequest, PacingClass, PacingRules
from webapp.sources.ibkr.connection import connection_status
from webapp.sources.ibkr.connection.connection_status import ConnectionState
from webapp.sources.ibkr.manifest import examine
from webapp.upkeep.doctor_gateways import gateway_findings
from webapp.upkeep.metrics import metrics

CONNECTED = ConnectionState(
    gateway="default",
    host="127.0.0.1",
    port=7497,
    client_id=11,
    server_version=176,
    accounts=("DU•••567",),
    is_paper=True,
    connected_since=1_700_000_000.0,
    login="login",
    owner="host:1",
    farms={"usfarm": "ok"},
)
ELSEWHERE = dataclasses.replace(CONNECTED, gateway="live", port=7496, login="other", owner="host:2", is_paper=False)


@pytest.fixture
def redis(world: World, redis_server: RedisServer) -> Iterator[Redis]:
    handle = Redis.from_url(redis_server.url, socket_timeout=5)
    handle.flushall()
    world.context = world.app.extensions[EXTENSION] = dataclasses.replace(world.context, redis=handle)
    yield handle
    handle.close()


def states(world: World) -> dict[str, GatewayState]:
    """Look a little later, so that what was told before is not told again."""
    world.clock.advance(2)
    known = gateway_states(world.context)
    assert known is not None
    return {state.gateway.name: state for state in known}


def use(redis: Redis, login: str, times: int) -> None:
    budget = Budget(redis, PacingRules(), lambda: None)
    for number in range(times):
        budget.acquire(PacedRequest(login, PacingClass.STRICT, f"contract {number}", f"{number}")).release()


def save(name: str, port: int, world: World) -> int:
    with writing() as connection:
        return store.save(connection, Gateway(name, "127.0.0.1", port, 21), world.clock())


def test_a_gateway_that_nobody_uses_is_just_not_connected(world: World, redis: Redis) -> None:
    assert states(world) == {"default": GatewayState(0, world.context.gateway, is_default=True)}


def test_the_connections_of_several_workers_are_told_as_one(world: World, redis: Redis) -> None:
    second = dataclasses.replace(
        CONNECTED, owner="host:2", connected_since=1_700_000_100.0, is_linked=False, farms={"ushmds": "broken"}
    )
    connection_status.publish(redis, CONNECTED)
    connection_status.publish(redis, second)
    held = states(world)["default"].connection
    assert held
    assert held.since.timestamp() == 1_700_000_000.0
    assert (held.workers, held.server_version, held.accounts, held.is_paper) == (2, 176, ("DU•••567",), True)
    assert (held.is_linked, held.broken) == (False, ["ushmds"])


def test_a_failure_is_told_until_somebody_is_connected(world: World, redis: Redis) -> None:
    connection_status.write_failure(redis, "default", sentence("Nobody listens there."), 1_700_000_000.0)
    failed = states(world)["default"]
    assert str(failed.failure) == "Nobody listens there."
    assert failed.failed_at
    connection_status.publish(redis, CONNECTED)
    assert states(world)["default"].failure is None


def test_each_gateway_has_the_budget_of_its_login(world: World, redis: Redis) -> None:
    save("live", 7496, world)
    connection_status.publish(redis, CONNECTED)
    connection_status.publish(redis, ELSEWHERE)
    use(redis, "login", 3)
    use(redis, "other", 1)
    known = states(world)
    assert {name: state.pacing.used for name, state in known.items() if state.pacing} == {"default": 3, "live": 1}
    assert known["default"].pacing
    assert (known["default"].pacing.limit, known["default"].pacing.window_seconds) == (60, 600)


def test_a_single_login_stays_the_defaults_when_its_connection_was_closed(world: World, redis: Redis) -> None:
    save("live", 7496, world)
    use(redis, "login", 2)
    known = states(world)
    assert known["default"].pacing
    assert known["live"].pacing is None
    use(redis, "other", 1)
    assert states(world)["default"].pacing is None


def test_a_pause_after_a_violation_is_told_with_its_end(world: World, redis: Redis) -> None:
    connection_status.publish(redis, CONNECTED)
    use(redis, "login", 1)
    Budget(redis, PacingRules(), lambda: None).report_violation("login")
    pacing = states(world)["default"].pacing
    assert pacing
    assert pacing.cooling_until
    assert pacing.cooling_until > world.clock()


def test_a_job_is_told_of_its_own_gateway(world: World, redis: Redis) -> None:
    save("live", 7496, world)
    connection_status.publish(redis, ELSEWHERE)
    named, usual = state_of(world.context, {"gateway": "live"}), state_of(world.context, {})
    assert named
    assert named.connection
    assert usual
    assert usual.gateway.name == "default"
    assert state_of(world.context, {"gateway": "gone"}) is None


def test_redis_is_asked_once_a_second(world: World, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    real: Callable[[Redis], list[ConnectionState]] = connection_status.list_connections

    def counting(handle: Redis) -> list[ConnectionState]:
        asked.append(1)
        return real(handle)

    monkeypatch.setattr(connection_status, "list_connections", counting)
    for _ in range(5):
        gateway_states(world.context)
    assert len(asked) == 1
    world.clock.advance(1)
    gateway_states(world.context)
    assert len(asked) == 2


def test_without_redis_nothing_is_known_and_it_is_not_asked_each_time(world: World) -> None:
    away = Redis(port=1, socket_connect_timeout=0.5, retry=Retry(NoBackoff(), 0))  # as impatient as ours
    world.context = world.app.extensions[EXTENSION] = dataclasses.replace(world.context, redis=away)
    assert gateway_states(world.context) is None
    assert state_of(world.context, {}) is None


def findings(world: World) -> dict[str, bool]:
    world.clock.advance(2)
    return {str(text): is_good for is_good, text in gateway_findings(world.context)}


def test_the_doctor_says_how_the_gateway_stands_and_no_account(world: World, redis: Redis) -> None:
    idle = findings(world)
    assert idle["The gateway “default” is at 127.0.0.1:7497."]
    assert idle["No worker is connected to it now; one connects when a collection needs it."]
    connection_status.write_failure(redis, "default", sentence("Nobody listens there."), 1_700_000_000.0)
    failed = findings(world)
    assert failed["It was not reached at 2023-11-14 22:13:20 (UTC)."] is False
    assert failed["Nobody listens there."] is False
    connection_status.publish(redis, dataclasses.replace(CONNECTED, is_linked=False))
    connected = findings(world)
    assert connected["Workers are connected to it: 1, server version 176."]
    assert connected["It has lost its link to IBKR. Collections wait and go on by themselves."] is False
    assert "567" not in "".join(connected)


def test_the_doctor_reads_the_nightly_window() -> None:
    [(good_window, _)] = examine({"nightly_window": "00:15-01:45 America/New_York"})
    [(no_window, _)] = examine({"nightly_window": ""})
    assert good_window
    assert no_window
    [(is_good, told)] = examine({"nightly_window": "at night"})
    assert not is_good
    assert "IB_NIGHTLY_WINDOW is “at night”" in str(told)


def test_the_metrics_tell_the_budgets_by_gateway(world: World, redis: Redis) -> None:
    connection_status.publish(redis, CONNECTED)
    use(redis, "login", 3)
    queue = Queue(world.app.extensions["celery"], redis)
    told = {metric.name: metric.samples for metric in metrics(dataclasses.replace(world.context, queue=queue))}
    [used], [limit] = told["moisson_pacing_budget_used"], told["moisson_pacing_budget_limit"]
    assert (used.value, used.labels) == (3, (("gateway", "default"),))
    assert limit.value == 60
    assert not any("login" in str(samples) for samples in told.values())
