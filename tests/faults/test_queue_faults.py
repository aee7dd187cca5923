"""Directed faults of the queue: frozen, cut off, late, lost and repeated messages change nothing."""

import signal
import time
from collections.abc import Callable

import pytest
from celery import Celery

from tests import commands
from tests.faults.story import check
from tests.faults.test_directed import MINUTES, SLOW, ask, begin
from tests.faults.test_kills import fetched_again
from tests.plant import Plant, succeeded
from tests.servers import wait_until
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import JobState, Priority
from webapp.queue import TaskName, celery_settings

MakePlant = Callable[..., Plant]


def message(plant: Plant, job_id: int) -> None:
    """Send a message as anybody might."""
    celery = Celery("stranger", set_as_current=False)
    celery.config_from_object(celery_settings(plant.redis.url, 60))
    celery.send_task(TaskName.COLLECT.value, args=[job_id])
    celery.close()


def test_rows_8_and_9_a_frozen_redis_stops_nobody_for_good(make_plant: MakePlant) -> None:
    plant = make_plant(**SLOW)
    _, ids = begin(plant, "prefork")
    plant.redis.freeze()
    began = time.monotonic()
    more = plant.submit("MSFT", interval=Interval.D1, period="1y")
    assert time.monotonic() - began < 2
    time.sleep(10)  # the length of the fault
    plant.redis.thaw()
    assert succeeded(plant.wait(*ids, *more))
    check(plant)


@pytest.mark.slow
def test_row_13_cut_connections_run_nothing_twice(make_plant: MakePlant) -> None:
    plant = make_plant(**SLOW)
    _, ids = begin(plant, "prefork", "AAPL", "MSFT", "NVDA")
    with plant.redis.client() as client:
        client.client_kill_filter(skipme=True, _type="normal")
    found = plant.wait(*ids)
    assert succeeded(found)
    assert sum(fetched_again(plant, job.symbol) for job in found) <= 2
    check(plant)


def test_row_14_a_worker_that_starts_before_redis_works_when_it_is_there(make_plant: MakePlant) -> None:
    plant = make_plant()
    plant.redis.kill()
    worker = plant.begin(
        "worker-early", "celery", "-A", "worker", "worker", "--loglevel=info", "--without-gossip", "--without-mingle"
    )
    plant.clock()
    ids = plant.submit("AAPL", interval=Interval.D1, period="1y")
    wait_until(lambda: "Cannot connect" in worker.text, "the worker has tried")
    plant.redis.start()
    assert succeeded(plant.wait(*ids))
    check(plant)


def test_rows_17_18_and_41_messages_too_many_too_late_or_about_nobody(make_plant: MakePlant) -> None:
    plant = make_plant(**SLOW)
    worker, ids = begin(plant, "prefork")
    for _ in range(40):
        message(plant, ids[0])
    message(plant, 999_999)
    [cancelled] = plant.submit("MSFT", **MINUTES)
    ask(plant, commands.cancel, cancelled)
    message(plant, cancelled)
    plant.wait(*ids, cancelled)
    message(plant, ids[0])
    with plant.redis.client() as client:
        wait_until(lambda: client.llen("celery\x06\x163") == 0, "all messages are taken")
    assert plant.job(ids[0]).attempt == 1
    assert plant.job(cancelled).state is JobState.CANCELLED
    assert worker.text.count("not taken") >= 40
    check_all_but(plant, cancelled)


def check_all_but(plant: Plant, *job_ids: int) -> None:
    check(plant)
    for job_id in job_ids:
        assert "claimed" not in [event.kind for event in plant.log(job_id)] or plant.job(job_id).attempt == 1


def test_row_19_a_message_that_dies_with_its_reader_is_sent_again(make_plant: MakePlant) -> None:
    plant = make_plant()
    worker = plant.worker()
    worker.send_group(signal.SIGSTOP)
    ids = plant.submit("AAPL", interval=Interval.D1, period="1y")
    worker.kill()
    plant.clock(), plant.worker("two")
    assert succeeded(plant.wait(*ids))
    check(plant)


def test_row_24_two_clocks_send_each_message_once(make_plant: MakePlant) -> None:
    plant = make_plant()
    plant.redis.kill()
    symbols = [f"SIM{number:03}" for number in range(200)]
    ids = plant.submit(*symbols, interval=Interval.D1, period="1mo")
    plant.redis.start()
    plant.clock(), plant.clock()
    with plant.redis.client() as client:
        wait_until(lambda: client.llen("celery\x06\x163") >= len(ids), "all are delivered")
        assert client.llen("celery\x06\x163") == len(ids)


def test_urgent_work_goes_first(make_plant: MakePlant) -> None:
    plant = make_plant()
    low = plant.submit("AAPL", "MSFT", "NVDA", interval=Interval.D1, period="1y", priority=Priority.LOW)
    normal = plant.submit("TSLA", interval=Interval.D1, period="1y")
    high = plant.submit("SPY", interval=Interval.D1, period="1y", priority=Priority.HIGH)
    plant.worker(concurrency=1)
    found = {job.id: job.started_at for job in plant.wait()}
    begun = [job_id for job_id, _ in sorted(found.items(), key=lambda pair: str(pair[1]))]
    assert begun == [*high, *normal, *low]
    check(plant)
