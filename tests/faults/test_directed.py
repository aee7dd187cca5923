"""Directed faults with real signals and real processes, on each pool that Celery offers us.

Each names its row in the catalogue of docs/RELIABILITY.md, and each is judged by ``story.check`` as well.
"""

import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import commands
from tests.faults.story import check
from tests.faults.test_kills import children_of, fetched_again, half_way
from tests.plant import Plant, succeeded
from tests.servers import wait_until
from webapp.context import context
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import ErrorKind, JobState

MakePlant = Callable[..., Plant]
MINUTES: dict[str, Any] = {"interval": Interval.M1, "period": "max"}
SLOW = {"YAHOO_REQUESTS_PER_SECOND": "1.5", "JOB_LEASE_SECONDS": "3"}
_SLOWER = [pytest.param(pool, marks=pytest.mark.slow) for pool in ("threads", "solo")]
POOLS = pytest.mark.parametrize("pool", ["prefork", *_SLOWER])


def begin(plant: Plant, pool: str, *symbols: str) -> tuple[Any, list[int]]:
    """A worker and a clock, half way through a collection of minutes."""
    worker = plant.worker("one", pool, concurrency=2)
    plant.clock()
    ids = plant.submit(*(symbols or ("AAPL",)), **MINUTES)
    wait_until(lambda: half_way(plant, ids[0]), "a chunk is there and others are to come")
    return worker, ids


def ask(plant: Plant, verb: Callable[..., object], job_id: int) -> None:
    with plant.app.app_context():
        verb(context(), job_id, "test")


@POOLS
@pytest.mark.one_pool
def test_row_1_a_worker_killed_with_all_its_processes(make_plant: MakePlant, pool: str) -> None:
    plant = make_plant(**SLOW)
    worker, ids = begin(plant, pool)
    worker.kill()
    killed = time.monotonic()
    plant.worker("two", pool)
    wait_until(lambda: plant.job(ids[0]).attempt == 2, "another worker has taken over")
    assert time.monotonic() - killed < 3 + 10 + 10  # lease, ten seconds, and a worker's start on a busy machine
    assert succeeded(plant.wait(*ids))
    assert fetched_again(plant, "AAPL") <= 1
    check(plant)


@pytest.mark.one_pool
def test_row_3_a_parent_killed_alone_takes_its_children_along(make_plant: MakePlant) -> None:
    plant = make_plant(**SLOW)
    worker, ids = begin(plant, "prefork")
    children = children_of(worker.pid)
    worker.send(signal.SIGKILL)
    worker.process.wait()
    wait_until(lambda: not any(_runs(pid) for pid in children), "the children are gone")
    plant.worker("two")
    assert succeeded(plant.wait(*ids))
    check(plant)


def _runs(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[2] != "Z"
    except FileNotFoundError:
        return False


@POOLS
@pytest.mark.one_pool
def test_row_5_a_worker_asked_to_stop_gives_the_job_back_without_penalty(make_plant: MakePlant, pool: str) -> None:
    plant = make_plant(**SLOW)
    worker, ids = begin(plant, pool)
    worker.send(signal.SIGTERM)
    wait_until(lambda: not worker.is_alive, "the worker ends by itself, within seconds", timeout=15)
    job = plant.job(ids[0])
    assert job.state in (JobState.PENDING, JobState.RUNNING)
    assert (job.crashes_in_row, job.errors_in_row) == (0, 0)
    plant.worker("two", pool)
    [job] = plant.wait(*ids)
    assert succeeded([job])
    check(plant)


@POOLS
@pytest.mark.one_pool
def test_row_7_a_frozen_worker_that_wakes_up_writes_nothing(make_plant: MakePlant, pool: str) -> None:
    plant = make_plant(**SLOW)
    worker, ids = begin(plant, pool)
    worker.send_group(signal.SIGSTOP)
    plant.worker("two", pool)
    wait_until(lambda: plant.job(ids[0]).attempt == 2, "another worker has taken over")
    worker.send_group(signal.SIGCONT)
    assert succeeded(plant.wait(*ids))
    wait_until(lambda: re.search("taken over|has run out", worker.text), "the first one has noticed")
    check(plant)


def test_rows_25_and_26_the_whole_machine_asleep_for_longer_than_a_lease(make_plant: MakePlant) -> None:
    plant = make_plant(**SLOW)
    _, ids = begin(plant, "prefork")
    for running in plant.running:
        running.send_group(signal.SIGSTOP)
    plant.redis.freeze()
    time.sleep(7)  # more than twice the lease
    plant.redis.thaw()
    for running in plant.running:
        running.send_group(signal.SIGCONT)
    [job] = plant.wait(*ids)
    assert succeeded([job])
    assert job.attempt <= 2
    check(plant)


def test_row_28_a_database_locked_by_a_stranger(make_plant: MakePlant) -> None:
    plant = make_plant(**SLOW)
    _, ids = begin(plant, "prefork")
    with plant.app.app_context():
        stranger = plant.stranger()
        stranger.execute("BEGIN IMMEDIATE")
        time.sleep(6)  # the length of the fault: twice the lease
        stranger.rollback()
        stranger.close()
    assert succeeded(plant.wait(*ids))
    assert "database is locked" not in " ".join(str(job.message) for job in plant.jobs())
    check(plant)


def test_row_33_a_job_that_kills_its_worker_is_set_aside_and_others_go_on(make_plant: MakePlant) -> None:
    plant = make_plant(MAX_ATTEMPTS="3")
    plant.kept_worker(), plant.clock()
    plant.strike("planned", "kill:always")
    [poison] = plant.submit("AAPL", **MINUTES)
    [job] = plant.wait(poison)
    assert (job.state, job.error_kind, job.attempt) == (JobState.FAILED, ErrorKind.CRASHED, 3)
    (plant.folder / "failpoint").unlink()
    assert succeeded(plant.wait(*plant.submit("MSFT", interval=Interval.D1, period="1y")))
    check(plant)


@POOLS
@pytest.mark.one_pool
def test_row_36_a_hung_job_is_ended_by_the_watchdog_and_tried_again(make_plant: MakePlant, pool: str) -> None:
    plant = make_plant(TASK_TIME_LIMIT="4")
    worker = plant.worker("one", pool)
    plant.clock()
    plant.strike("fetched", "sleep:600")
    [job_id] = plant.submit("AAPL", **MINUTES)
    wait_until(lambda: "error" in _kinds(plant, job_id) or "waiting" in _kinds(plant, job_id), "it was ended", 30)
    if pool != "prefork":
        wait_until(lambda: not worker.is_alive, "the process has ended")
        plant.worker("two", pool)
    [job] = plant.wait(job_id)
    assert succeeded([job])
    assert "hung" in " ".join(str(event.message) for event in plant.log(job_id))
    check(plant)


def _kinds(plant: Plant, job_id: int) -> list[str]:
    return [event.kind for event in plant.log(job_id)]


def test_row_39_a_cancel_is_obeyed_in_every_state(make_plant: MakePlant) -> None:
    plant = make_plant(**SLOW)
    [pending] = plant.submit("AAPL", **MINUTES)
    ask(plant, commands.cancel, pending)
    worker, [running, dead] = begin(plant, "prefork", "MSFT", "NVDA")
    asked = time.monotonic()
    ask(plant, commands.cancel, running)
    wait_until(lambda: plant.job(running).state is JobState.CANCELLED, "the running job is cancelled")
    assert time.monotonic() - asked < 2 + 2  # two seconds, and the request that was under way
    worker.kill()
    ask(plant, commands.cancel, dead)
    wait_until(lambda: plant.job(dead).state is JobState.CANCELLED, "the lost job is cancelled, not brought back")
    plant.market.fault(status=503, match={"symbol": "TSLA"})
    plant.worker("two")
    [waiting] = plant.submit("TSLA", **MINUTES)
    wait_until(lambda: plant.job(waiting).errors_in_row > 0, "it has met an error")
    plant.redis.kill()
    ask(plant, commands.cancel, waiting)
    wait_until(lambda: plant.job(waiting).state is JobState.CANCELLED, "cancelled without a queue")
    check(plant)


def test_row_40_a_paused_job_goes_on_where_it_was_after_everything_was_restarted(make_plant: MakePlant) -> None:
    plant = make_plant(**SLOW)
    worker, [job_id] = begin(plant, "prefork")
    ask(plant, commands.pause, job_id)
    wait_until(lambda: plant.job(job_id).state is JobState.PAUSED, "it is paused")
    done = plant.job(job_id).progress.done
    worker.kill()
    plant.redis.kill()
    check(plant, paused=True)
    plant.redis.start()
    plant.worker("two")
    ask(plant, commands.resume, job_id)
    [job] = plant.wait(job_id)
    assert succeeded([job])
    assert job.progress.done > done
    assert fetched_again(plant, "AAPL") == 0
    check(plant)
