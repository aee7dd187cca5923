"""Jobs that take their process down, children that die or freeze alone: only the guilty are set aside."""

import dataclasses
import os
import random
import re
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from tests.faults.story import check
from tests.faults.test_directed import MINUTES, SLOW, begin
from tests.faults.test_kills import children_of, fetched_again, half_way
from tests.plant import Plant, succeeded
from tests.servers import Running, wait_until
from webapp.app import create_app
from webapp.context import EXTENSION, Context
from webapp.database.transactions import reading
from webapp.jobs.tables import Job
from webapp.kernel.gateways import Gateway
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import ErrorKind, JobState
from webapp.sources.base import Answer, ChunkRequest, Client, SearchHit

MakePlant = Callable[..., Plant]
POISON = "TSLA"


@dataclasses.dataclass
class DeadlyClient:
    """A source of which one symbol takes down the whole process that asks for it."""

    client: Client

    def fetch(self, request: ChunkRequest) -> Answer:
        if request.symbol == POISON:
            os.kill(os.getpid(), signal.SIGKILL)
        return self.client.fetch(request)

    def close(self) -> None:
        return

    def search(self, text: str, gateway: Gateway | None = None) -> list[SearchHit]:
        return self.client.search(text)


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- ``celery -A tests.faults.test_poison:poisoned`` asks for it
    if name != "poisoned":
        raise AttributeError(name)
    app = create_app()
    whole: Context = app.extensions[EXTENSION]
    deadly = dataclasses.replace(whole, open_client=lambda source: DeadlyClient(whole.open_client(source)))
    app.extensions[EXTENSION] = deadly
    return app.extensions["celery"]


def poisoned_worker(plant: Plant, name: str) -> Running:
    words = ("celery", "-A", "tests.faults.test_poison:poisoned", "worker", "--loglevel=info")
    more = ("--without-gossip", "--without-mingle", "-n", f"{name}@%h", "-P", "threads", "-c", "2")
    return plant.begin(f"worker-{name}", *words, *more)


def holder(plant: Plant, job_id: int) -> int:
    """The process that holds a running job; 0 when none does."""
    with plant.app.app_context(), reading() as connection:
        owner = connection.execute(select(Job.lease_owner).where(Job.id == job_id)).scalar()
    return int(owner.rpartition(":")[2]) if owner else 0


def test_row_6_a_worker_asked_to_stop_and_killed_soon_after(make_plant: MakePlant) -> None:
    plant = make_plant(**SLOW)
    worker, ids = begin(plant, "prefork")
    plant.strike("fetched", "sleep:30")
    wait_until(lambda: plant.has_struck, "it is in the middle of a chunk")
    worker.send(signal.SIGTERM)
    time.sleep(2)  # what it is given, as by ``docker stop``
    worker.kill()
    plant.worker("two")
    [job] = plant.wait(*ids)
    assert succeeded([job])
    assert job.attempt == 2
    assert fetched_again(plant, "AAPL") <= 1
    check(plant)


def test_row_34_a_poison_that_commits_first_is_set_aside_and_keeps_its_chunks(make_plant: MakePlant) -> None:
    plant = make_plant(**SLOW, MAX_ATTEMPTS="3")
    plant.kept_worker(), plant.clock()
    [poison] = plant.submit("AAPL", **MINUTES)
    wait_until(lambda: half_way(plant, poison), "a chunk is there and others are to come")
    plant.strike("fetched", "kill:always")
    [job] = plant.wait(poison)
    assert (job.state, job.error_kind, job.attempt) == (JobState.FAILED, ErrorKind.CRASHED, 3)
    assert "set aside" in str(job.message)
    assert 1 <= job.progress.done < job.progress.total
    assert plant.bars(poison)
    (plant.folder / "failpoint").unlink()
    assert succeeded(plant.wait(*plant.submit("MSFT", interval=Interval.D1, period="1y")))
    check(plant)


@pytest.mark.slow
@pytest.mark.parametrize("symbols", [(POISON, "AAPL"), ("AAPL", POISON)], ids=["before", "after"])
@pytest.mark.one_pool
def test_row_35_a_poison_that_takes_its_sibling_down_is_set_aside_alone(
    make_plant: MakePlant, symbols: tuple[str, str]
) -> None:
    plant = make_plant(YAHOO_REQUESTS_PER_SECOND="5", JOB_LEASE_SECONDS="5", MAX_ATTEMPTS="3")
    plant.clock()
    ids = dict(zip(symbols, plant.submit(*symbols, **MINUTES), strict=True))
    poison, sibling = ids[POISON], ids["AAPL"]
    deaths = 0
    until = time.monotonic() + 120
    while any(job.is_active for job in plant.jobs()):
        worker = poisoned_worker(plant, str(deaths))
        wait_until(lambda w=worker: not w.is_alive or not any(job.is_active for job in plant.jobs()))  # type: ignore[misc]
        deaths += not worker.is_alive
        assert time.monotonic() < until, [(job.symbol, job.state, plant.log(job.id)) for job in plant.jobs()]
    assert deaths == 3
    assert (plant.job(poison).state, plant.job(poison).error_kind) == (JobState.FAILED, ErrorKind.CRASHED)
    assert succeeded([plant.job(sibling)]), str(plant.job(sibling).message)
    check(plant)


@pytest.mark.one_pool
def test_row_37_a_child_frozen_alone_loses_its_job_to_another(make_plant: MakePlant) -> None:
    """What holds the interpreter's lock stops the heartbeat as well: to the others, it looks like this."""
    plant = make_plant(**SLOW)
    worker, ids = begin(plant, "prefork")
    child = holder(plant, ids[0])
    assert str(child) in children_of(worker.pid)
    os.kill(child, signal.SIGSTOP)
    wait_until(lambda: plant.job(ids[0]).attempt == 2, "another child has taken over")
    assert holder(plant, ids[0]) != child
    os.kill(child, signal.SIGCONT)
    assert succeeded(plant.wait(*ids))
    wait_until(lambda: re.search("taken over|has run out", worker.text), "the first one has noticed")
    assert worker.is_alive
    check(plant)


@pytest.mark.one_pool
@pytest.mark.slow
def test_row_38_children_killed_at_random(make_plant: MakePlant) -> None:
    plant = make_plant(**SLOW)
    dice = random.Random(38)  # noqa: S311 -- repeatable
    worker, ids = begin(plant, "prefork", "AAPL", "MSFT", "NVDA")
    for _ in range(3):
        wait_until(lambda: len(children_of(worker.pid)) >= 2, "the children are there again")
        os.kill(int(dice.choice(children_of(worker.pid))), signal.SIGKILL)
        time.sleep(dice.uniform(0.5, 2.5))  # between the faults
    found = plant.wait(*ids)
    assert succeeded(found), [(job.symbol, str(job.message)) for job in found]
    assert worker.is_alive
    assert sum(fetched_again(plant, job.symbol) for job in found) <= 3
    check(plant)
