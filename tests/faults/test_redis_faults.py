"""Directed faults of the server behind the queue: restarted again and again, away for long, refusing writes."""

import contextlib
import time
from collections.abc import Callable, Iterator

import pytest
from redis import Redis

from tests.faults.story import check
from tests.faults.test_directed import SLOW, begin
from tests.faults.test_kills import fetched_again
from tests.plant import Plant, succeeded
from tests.servers import Running, wait_until
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import JobState

MakePlant = Callable[..., Plant]


def test_row_12_three_restarts_in_a_row_with_a_running_job(make_plant: MakePlant) -> None:
    plant = make_plant(**SLOW)
    worker, ids = begin(plant, "prefork")
    for _ in range(3):
        plant.redis.end()
        plant.redis.start()
        time.sleep(1)  # between the faults: the worker has just come back
    more = plant.submit("MSFT", interval=Interval.D1, period="1y")
    if not worker.is_alive:
        plant.worker("two")
    found = plant.wait(*ids, *more)
    assert succeeded(found), [(job.symbol, str(job.message)) for job in found]
    assert sum(fetched_again(plant, job.symbol) for job in found) <= 1
    check(plant)


@pytest.mark.slow
@pytest.mark.parametrize("pool", ["prefork", "threads"])
@pytest.mark.one_pool
def test_row_15_a_worker_outlives_a_redis_that_is_away_for_long(make_plant: MakePlant, pool: str) -> None:
    plant = make_plant(**SLOW)
    worker, ids = begin(plant, pool)
    plant.redis.kill()
    time.sleep(20)  # the length of the fault
    assert worker.is_alive, worker.text[-2000:]
    plant.redis.start()
    more = plant.submit("MSFT", interval=Interval.D1, period="1y")
    assert succeeded(plant.wait(*ids, *more))
    assert worker.is_alive
    check(plant)


def cut_all(client: Redis) -> None:
    client.client_kill_filter(skipme=True, _type="normal")


@contextlib.contextmanager
def refusing(plant: Plant, option: str, value: str, normal: str) -> Iterator[None]:
    """Let the server refuse, also those who are connected already, until the end of the block."""
    with plant.redis.client() as client:
        client.config_set(option, value)
        cut_all(client)
        yield
        client.config_set(option, normal)
        cut_all(client)


REFUSALS = pytest.mark.parametrize(
    ("option", "value", "normal"),
    [
        ("maxmemory", "1", "0"),
        ("min-replicas-to-write", "1", "0"),
        pytest.param("requirepass", "secret", "", marks=pytest.mark.slow),
    ],
)


@REFUSALS
def test_row_16_a_redis_that_refuses(make_plant: MakePlant, option: str, value: str, normal: str) -> None:
    plant = make_plant(**SLOW)
    worker, running = begin(plant, "prefork")
    with refusing(plant, option, value, normal):
        began = time.monotonic()
        ids = plant.submit("MSFT", interval=Interval.D1, period="1y")
        assert time.monotonic() - began < 2
        assert plant.job(ids[0]).state is JobState.PENDING
        time.sleep(4)  # the length of the fault: several ticks of the clock
        assert plant.job(ids[0]).state is JobState.PENDING
        assert plant.job(running[0]).is_active
        assert _is_at_work(worker)
    found = plant.wait(*running, *ids)
    assert succeeded(found), [(job.symbol, str(job.message)) for job in found]
    assert _is_at_work(worker)
    check(plant)


def _is_at_work(worker: Running) -> bool:
    assert worker.is_alive, worker.text[-3000:]
    return True


def test_row_16_a_worker_that_starts_without_the_password_works_when_it_is_right(make_plant: MakePlant) -> None:
    plant = make_plant()
    with refusing(plant, "requirepass", "secret", ""):
        ids = plant.submit("AAPL", interval=Interval.D1, period="1y")
        words = ("celery", "-A", "worker", "worker", "--loglevel=info", "--without-gossip", "--without-mingle")
        worker = plant.begin("worker-early", *words)
        plant.clock()
        wait_until(lambda: "uthentication" in worker.text or not worker.is_alive, "the worker was refused")
        time.sleep(2)  # it may try again, or end
        assert plant.job(ids[0]).state is JobState.PENDING
    if not worker.is_alive:
        plant.worker("two")
    assert succeeded(plant.wait(*ids))
    check(plant)
