"""Processes killed outright in the middle of the work: it goes on by itself, with nothing lost and nothing twice."""

import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.test_yahoo_faults import equals_the_market
from tests.plant import Plant, succeeded
from tests.servers import wait_until
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import JobState

MakePlant = Callable[..., Plant]
MINUTES: dict[str, Any] = {"interval": Interval.M1, "period": "max"}
SLOW = {"YAHOO_REQUESTS_PER_SECOND": "1"}


def half_way(plant: Plant, job_id: int) -> bool:
    job = plant.job(job_id)
    return job.state is JobState.RUNNING and 1 <= job.progress.done < job.progress.total


def fetched_again(plant: Plant, symbol: str) -> int:
    """How many chunks were asked for more than once."""
    times = Counter(entry["query"].split("&crumb")[0] for entry in plant.asked(symbol, 200))
    return sum(count - 1 for count in times.values())


def test_a_worker_killed_in_the_middle_of_a_minute_collection_loses_nothing(make_plant: MakePlant) -> None:
    plant = make_plant(**SLOW)
    worker = plant.worker()
    plant.clock()
    [job_id] = plant.submit("AAPL", **MINUTES)
    wait_until(lambda: half_way(plant, job_id), "a chunk is there and others are to come")
    worker.kill()
    before = plant.job(job_id)
    assert before.state is JobState.RUNNING
    plant.worker("two")
    [job] = plant.wait(job_id)
    assert succeeded([job])
    assert job.attempt == 2
    assert job.progress.done >= 4
    assert equals_the_market(plant, job_id, "AAPL", "1m")
    assert fetched_again(plant, "AAPL") <= 1
    kinds = [event.kind for event in plant.log(job_id)]
    assert kinds.count("lost") == 1
    assert kinds.count("chunk") == job.progress.done


@pytest.mark.one_pool
def test_a_child_that_dies_alone_is_noticed_at_once(make_plant: MakePlant) -> None:
    plant = make_plant(**SLOW, JOB_LEASE_SECONDS="60")
    worker = plant.worker(concurrency=1)
    plant.clock()
    [job_id] = plant.submit("AAPL", **MINUTES)
    wait_until(lambda: half_way(plant, job_id), "a chunk is there and others are to come")
    child = int(children_of(worker.pid)[0])
    signal_process(child)
    wait_until(lambda: plant.job(job_id).attempt == 2, "another child has taken over long before the lease", 20)
    assert succeeded(plant.wait(job_id))
    assert equals_the_market(plant, job_id, "AAPL", "1m")


def test_redis_killed_with_its_data_loses_nothing(make_plant: MakePlant) -> None:
    plant = make_plant(**SLOW)
    worker = plant.worker()
    plant.clock()
    ids = plant.submit("AAPL", **MINUTES) + plant.submit("MSFT", "NVDA", "TSLA", **MINUTES)
    wait_until(lambda: half_way(plant, ids[0]), "a chunk is there and others are to come")
    plant.redis.kill()
    wait_until(lambda: any("Redis" in str(job.message) or not job.is_active for job in plant.jobs()), "it is noticed")
    plant.redis.start()
    if not worker.is_alive:
        plant.worker("two")
    found = plant.wait(*ids, timeout=180)
    assert succeeded(found), [(job.symbol, str(job.message)) for job in found]
    for job in found:
        assert equals_the_market(plant, job.id, job.symbol, "1m")
        assert fetched_again(plant, job.symbol) <= 1


def test_everything_restarted_on_an_empty_redis_finishes_all_that_was_pending(make_plant: MakePlant) -> None:
    plant = make_plant(**SLOW)
    web, _ = plant.web()
    worker, clock = plant.worker(concurrency=1), plant.clock()
    symbols = ["AAPL", "MSFT", "NVDA", "TSLA", "AMZN", "GOOGL"]
    ids = plant.submit(*symbols, interval=Interval.D1, period="1y")
    with plant.redis.client() as client:
        client.flushall()
    for process in (web, worker, clock):
        process.kill()
    assert any(job.is_active for job in plant.jobs())
    plant.web(), plant.worker("two"), plant.clock()
    found = plant.wait(*ids)
    assert succeeded(found)
    assert all(equals_the_market(plant, job.id, job.symbol, "1d") for job in found)


def children_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()


def signal_process(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
