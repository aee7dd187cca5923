"""The state of the system, as polls ask for it."""

import dataclasses
import datetime as dt
import threading
from pathlib import Path
from typing import cast

from tests.stored import HandQueue, Store
from webapp.app import create_app
from webapp.collecting.rescue import CLOCK
from webapp.config import load_settings
from webapp.context import EXTENSION
from webapp.database.transactions import reading, writing
from webapp.jobs import queries_claims, queries_events, queries_jobs
from webapp.jobs.claims import ChunkRecord, Claim
from webapp.jobs.progress import bars_per_second, eta_seconds
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.spans import Span
from webapp.queue import Queue
from webapp.upkeep.status import readiness, system_status


def beat(store: Store) -> None:
    with writing() as connection:
        queries_events.process_beat(connection, "clock@test", CLOCK, store.now)


def job_row(job_id: int) -> JobRow:
    with reading() as connection:
        row = queries_jobs.get(connection, job_id)
    assert row
    return row


def claim(store: Store, job_id: int) -> Claim:
    with writing() as connection:
        held = queries_claims.claim(connection, job_id, "worker", store.now, dt.timedelta(minutes=1))
    assert held
    return held


def test_a_system_without_anybody_says_so(store: Store) -> None:
    status = system_status(store.context)
    assert (status.queue_up, status.workers, status.clock_beat_at, status.clock_is_late) == (True, [], None, True)
    assert (status.pending, status.running, status.waiting) == (0, 0, 0)


def test_jobs_and_workers_are_counted(store: Store) -> None:
    store.queue.alive = ["celery@a", "celery@b"]
    first = store.job(store.series())
    store.job(store.series("MSFT"))
    claim(store, first)
    status = system_status(store.context)
    assert status.workers == ["celery@a", "celery@b"]
    assert (status.pending, status.running, status.waiting) == (1, 1, 0)


def test_a_clock_is_late_after_a_minute_without_a_beat(store: Store) -> None:
    beat(store)
    store.now += dt.timedelta(seconds=60)
    assert not system_status(store.context).clock_is_late
    store.now += dt.timedelta(seconds=1)
    assert system_status(store.context).clock_is_late


def test_redis_is_asked_once_a_second_and_less_often_when_it_is_away(store: Store) -> None:
    for _ in range(5):
        system_status(store.context)
    assert store.queue.asked == 1
    store.now += dt.timedelta(seconds=1)
    store.queue.alive = None
    assert not system_status(store.context).queue_up
    store.now += dt.timedelta(seconds=2)
    assert system_status(store.context).workers is None
    assert store.queue.asked == 2
    store.now += dt.timedelta(seconds=4)
    store.queue.alive = []
    assert system_status(store.context).queue_up


def test_a_frozen_redis_holds_up_one_caller_and_no_other(store: Store) -> None:
    system_status(store.context)
    store.now += dt.timedelta(seconds=2)
    asked, thaw = threading.Event(), threading.Event()

    def frozen() -> list[str]:
        asked.set()
        assert thaw.wait(20)
        return []

    store.queue.workers = frozen  # type: ignore[method-assign]
    with store.app.app_context():
        held_up = threading.Thread(target=in_app, args=(store,))
        held_up.start()
        assert asked.wait(20)
        assert system_status(store.context).queue_up  # what was seen last, at once
        thaw.set()
        held_up.join()


def in_app(store: Store) -> None:
    with store.app.app_context():
        system_status(store.context)


def test_each_application_sees_its_own_queue(store: Store, tmp_path: Path) -> None:
    system_status(store.context)
    other = create_app(load_settings(tmp_path, read_dotenv=False)).extensions[EXTENSION]
    away = cast("Queue", HandQueue(alive=None))
    assert not system_status(dataclasses.replace(other, queue=away)).queue_up
    assert system_status(store.context).queue_up


def test_readiness_names_what_is_missing(bare: Store) -> None:
    assert readiness(bare.context) == {"database": True, "schema": False, "queue": True}
    bare.queue.alive = None
    assert readiness(bare.context)["queue"] is False


def test_a_ready_system_is_ready(store: Store) -> None:
    assert readiness(store.context) == {"database": True, "schema": True, "queue": True}


def test_a_job_that_does_not_run_has_no_estimate(store: Store) -> None:
    row = job_row(store.job(store.series()))
    assert eta_seconds(store.context, row) is None
    assert bars_per_second(row) is None


def test_an_estimate_is_never_faster_than_the_source_is_asked(store: Store) -> None:
    job_id = store.job(store.series(), chunks=5)
    held = claim(store, job_id)
    assert eta_seconds(store.context, job_row(job_id)) == 10.0  # 5 chunks at one request in two seconds
    with writing() as connection:
        done = ChunkRecord(Span(0, 10), blanks=0, rows=500, chunks_left=4, reached=10, seconds=0.5)
        queries_claims.commit_chunk(connection, held, done, store.now)
    assert eta_seconds(store.context, job_row(job_id)) == 8.0
    assert bars_per_second(job_row(job_id)) == 1000.0


def test_a_slow_source_makes_the_estimate_longer(store: Store) -> None:
    job_id = store.job(store.series(), chunks=5)
    held = claim(store, job_id)
    with writing() as connection:
        done = ChunkRecord(Span(0, 10), blanks=0, rows=500, chunks_left=4, reached=10, seconds=10.0)
        queries_claims.commit_chunk(connection, held, done, store.now)
    assert eta_seconds(store.context, job_row(job_id)) == 40.0
