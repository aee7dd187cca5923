"""Directed faults of the database and of the time: refused writes, a server that goes away, clocks that jump."""

import contextlib
import dataclasses
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from tests.faults.story import Line, check, check_story
from tests.faults.test_directed import SLOW, begin
from tests.faults.test_kills import fetched_again
from tests.faults.test_web_faults import Browser
from tests.plant import Plant, succeeded
from tests.servers import PostgresServer, postgres_server, wait_until
from tests.world import Clock, HandQueue, HandSource, World, good, settings
from webapp.app import create_app
from webapp.collecting.job_delivery import deliver_due
from webapp.collecting.rescue import rescue_lost
from webapp.context import EXTENSION, JobRules
from webapp.database.transactions import reading
from webapp.extensions import db
from webapp.jobs.tables import Job, JobEvent
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import JobState
from webapp.sources.base import Answer, ChunkRequest

MakePlant = Callable[..., Plant]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Everything in this process, on a clock that the test moves."""
    app = create_app(settings(tmp_path))
    clock, queue = Clock(), HandQueue()
    source = HandSource(now=clock)
    changed = dataclasses.replace(
        app.extensions[EXTENSION],
        now=clock,
        queue=queue,
        open_client=lambda _name: source,
        rules=JobRules(lease=60.0, tick=5.0, max_attempts=3),
    )
    app.extensions[EXTENSION] = changed
    with app.app_context():
        flask_migrate.upgrade()
        yield World(app, changed, clock, queue, source)


def story(job_id: int) -> list[Line]:
    with reading() as connection:
        query = select(JobEvent.job_id, JobEvent.kind, JobEvent.attempt, JobEvent.actor)
        rows = connection.execute(query.where(JobEvent.job_id == job_id).order_by(JobEvent.id))
        return [Line(*row) for row in rows]


def test_row_27_a_clock_that_jumps_forward_rescues_early_and_the_old_attempt_is_refused(world: World) -> None:
    [job_id] = world.submit("AAPL", interval=Interval.D1, period="1y")

    def slow_answer(request: ChunkRequest) -> Answer:
        world.clock.advance(7200)
        assert rescue_lost(world.context) == 1
        assert world.work(job_id, "second").state is JobState.SUCCEEDED
        return good(request, world.clock())

    world.source.replies.append(slow_answer)
    world.work(job_id, "first")
    lines = story(job_id)
    check_story(lines)
    after = lines[[line.kind for line in lines].index("lost") + 1 :]
    assert {line.attempt for line in after if line.kind in ("chunk", "succeeded")} == {2}
    assert [line.kind for line in lines].count("succeeded") == 1
    assert rescue_lost(world.context) == 0


def test_row_27_a_clock_that_jumps_back_delays_and_does_nothing_twice(world: World) -> None:
    running, queued = world.submit("AAPL", "MSFT", interval=Interval.D1, period="1y")
    world.queue.sent.clear()

    def slow_answer(request: ChunkRequest) -> Answer:
        world.clock.advance(-7200)
        assert rescue_lost(world.context) == 0
        assert deliver_due(world.context) == 0
        assert world.work(queued, "second").state is JobState.PENDING  # due in what is the future now
        return good(request, world.clock())

    world.source.replies.append(slow_answer)
    assert world.work(running, "first").state is JobState.SUCCEEDED
    world.clock.advance(7200 + 15)
    assert deliver_due(world.context) == 1
    assert world.queue.sent == [queued]
    assert world.work(queued, "second").state is JobState.SUCCEEDED
    for job_id in (running, queued):
        check_story(story(job_id))
        assert [line.kind for line in story(job_id)].count("claimed") == 1


@contextlib.contextmanager
def immutable(*paths: Path) -> Iterator[None]:
    """Let every write into files fail, also of those who have them open and of root."""
    chattr = shutil.which("chattr")
    if chattr is None:
        pytest.skip("no chattr here, and a file's mode does not bind root")
    try:
        done = subprocess.run([chattr, "+i", *paths], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"the file system or the user cannot do it: {done.stderr}")
        yield
    finally:
        subprocess.run([chattr, "-i", *paths], check=False, capture_output=True)


@pytest.mark.slow
def test_row_30_a_database_that_cannot_be_written_for_a_while(make_plant: MakePlant) -> None:
    plant = make_plant(**SLOW)
    browser = Browser(plant.web()[1])
    worker, ids = begin(plant, "prefork")
    database = plant.folder / "moisson.db"
    done = plant.job(ids[0]).progress.done
    with immutable(database, plant.folder / "moisson.db-wal"):
        wait_until(lambda: "OperationalError" in worker.text, "the worker has noticed", timeout=20)
        assert browser.get("/ui/jobs/table")[0] == 200  # what only reads is shown
        status, page = browser.submit("MSFT")
        assert status >= 500
        assert "toast-error" in page
        assert "Traceback" not in page
        time.sleep(4)  # the length of the fault: more than a lease
        assert plant.job(ids[0]).progress.done <= done + 1
    assert worker.is_alive
    wait_until(lambda: browser.submit("MSFT")[0] == 200, "the site, too, goes on by itself")
    assert succeeded(plant.wait())
    assert fetched_again(plant, "AAPL") <= 1
    check(plant)


def test_row_30_a_connection_of_that_time_is_not_kept(world: World, tmp_path: Path) -> None:
    """SQLite opens what it may not write for reading only, and never tries again."""
    wanted: dict[str, Any] = {"interval": Interval.D1, "period": "1y"}
    stranger = sqlite3.connect(tmp_path / "test.db")  # so that the log of the last writes stays where it is
    with contextlib.closing(stranger):
        stranger.execute("SELECT count(*) FROM job").fetchall()
        db.engine.dispose()
        with immutable(tmp_path / "test.db", tmp_path / "test.db-wal"):
            assert job_count() == 0
            with pytest.raises(OperationalError, match="readonly database"):
                world.submit("AAPL", **wanted)
        assert len(world.submit("AAPL", **wanted)) == 1
    assert job_count() == 1


def job_count() -> int:
    with reading() as connection:
        return connection.execute(select(func.count()).select_from(Job)).scalar_one()


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.mark.slow
def test_row_31_a_postgresql_that_goes_away_as_with_the_power_and_comes_back(
    make_plant: MakePlant, own_postgres: PostgresServer
) -> None:
    plant = make_plant(**SLOW, DATABASE_URL=own_postgres.url)
    worker, ids = begin(plant, "prefork", "AAPL", "MSFT")
    before = {job.id: job.progress.done for job in plant.jobs()}
    own_postgres.end(signal.SIGQUIT)
    time.sleep(7)  # the length of the fault: more than twice the lease
    own_postgres.start()
    assert worker.is_alive
    found = plant.wait(*ids)
    assert succeeded(found), [(job.symbol, str(job.message)) for job in found]
    assert all(job.progress.done >= before[job.id] for job in found)
    assert sum(fetched_again(plant, job.symbol) for job in found) <= 2
    check(plant)


def test_row_31_also_for_a_whole_collection_that_meets_a_database_without_a_server(
    make_plant: MakePlant, own_postgres: PostgresServer
) -> None:
    """Nobody works yet: the message is taken while the database is away, and the clock, up before it, sends another."""
    plant = make_plant(**SLOW, DATABASE_URL=own_postgres.url)
    ids = plant.submit("AAPL", interval=Interval.D1, period="1y")
    own_postgres.end(signal.SIGQUIT)
    worker = plant.worker()
    clock = plant.clock()
    wait_until(lambda: "OperationalError" in worker.text, "the worker has noticed")
    wait_until(lambda: "the clock waits" in clock.text, "the clock has noticed")
    own_postgres.start()
    assert succeeded(plant.wait(*ids))
    assert worker.is_alive
    assert clock.is_alive
    check(plant)
