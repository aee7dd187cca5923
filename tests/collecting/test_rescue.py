import dataclasses
import datetime as dt
import threading
from typing import Any

import pytest

from tests import commands
from tests.world import World
from webapp.collecting import rescue
from webapp.collecting import submit as job_services
from webapp.collecting.job_delivery import deliver_due
from webapp.collecting.rescue import CLOCK, cancel_overdue, rescue_dead, rescue_lost
from webapp.context import EXTENSION
from webapp.database.transactions import reading, writing
from webapp.errors import LeaseLostError
from webapp.jobs import queries_claims, queries_events
from webapp.jobs.claims import Claim
from webapp.kernel.job_states import ErrorKind, JobState
from webapp.series import queries_bars
from webapp.upkeep.clean_up import clean_up
from webapp.upkeep.clock import run_clock

JANUARY: dict[str, Any] = {"start": dt.date(2024, 1, 1), "end": dt.date(2024, 1, 31)}


def take(world: World, job_id: int, owner: str = "dead") -> Claim | None:
    with writing() as connection:
        return queries_claims.claim(connection, job_id, owner, world.clock(), dt.timedelta(seconds=60))


def test_a_job_whose_lease_runs_out_goes_back_into_the_queue_and_is_finished(world: World) -> None:
    [job_id] = world.submit(**JANUARY)
    take(world, job_id)
    world.clock.advance(59)
    assert rescue_lost(world.context) == 0
    world.clock.advance(2)
    assert rescue_lost(world.context) == 1
    assert job_services.find(job_id).state is JobState.PENDING
    assert world.work(job_id).state is JobState.SUCCEEDED


def test_a_job_that_keeps_killing_its_worker_is_set_aside(world: World) -> None:
    [job_id] = world.submit(**JANUARY)
    for _ in range(3):
        assert take(world, job_id)
        world.clock.advance(61)
        rescue_lost(world.context)
    job = job_services.find(job_id)
    assert (job.state, job.error_kind) == (JobState.FAILED, ErrorKind.CRASHED)
    assert job.progress.percent == 0


def test_a_cancelled_job_is_not_brought_back_by_its_rescue(world: World) -> None:
    [job_id] = world.submit(**JANUARY)
    take(world, job_id)
    commands.cancel(world.context, job_id, "me")
    world.clock.advance(61)
    rescue_lost(world.context)
    assert job_services.find(job_id).state is JobState.CANCELLED


def test_a_worker_that_does_not_obey_a_cancellation_loses_its_job_to_the_clock(world: World) -> None:
    [job_id] = world.submit(**JANUARY)
    claim = take(world, job_id)
    assert claim
    commands.cancel(world.context, job_id, "me")
    for _ in range(3):
        with writing() as connection:
            queries_claims.renew_lease(connection, claim, world.clock(), dt.timedelta(seconds=60))
        assert cancel_overdue(world.context) == 0
        world.clock.advance(40)
    world.clock.advance(1)
    assert cancel_overdue(world.context) == 1
    assert job_services.find(job_id).state is JobState.CANCELLED
    with pytest.raises(LeaseLostError), writing() as connection:
        queries_claims.renew_lease(connection, claim, world.clock(), dt.timedelta(seconds=60))
    with reading() as connection:
        newest = queries_events.read(connection, job_id)[0]
    assert (newest.kind, newest.actor) == ("cancelled", CLOCK)
    assert "did not stop in time" in str(newest.message)


def test_a_cancellation_of_an_earlier_attempt_does_not_count_for_the_next(world: World) -> None:
    [job_id] = world.submit(**JANUARY)
    take(world, job_id)
    commands.cancel(world.context, job_id, "me")
    world.clock.advance(61)
    rescue_lost(world.context)
    commands.retry(world.context, job_id, "me")
    take(world, job_id)
    world.clock.advance(300)
    commands.cancel(world.context, job_id, "me")
    assert cancel_overdue(world.context) == 0


def test_many_lost_jobs_hide_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescue, "_LIMIT", 20)
    symbols = [f"S{number}" for number in range(45)]
    for job_id in world.submit(*symbols, **JANUARY):
        take(world, job_id)
    world.clock.advance(61)
    assert rescue_lost(world.context) == 45


def test_jobs_of_a_dead_process_do_not_wait_for_their_lease(world: World) -> None:
    ids = world.submit("A", "B", **JANUARY)
    take(world, ids[0], "host:1")
    take(world, ids[1], "host:2")
    assert rescue_dead(world.context, lambda owner: owner == "host:1", "host:") == 1
    assert [job_services.find(i).state for i in ids] == [JobState.PENDING, JobState.RUNNING]


def test_a_message_that_was_lost_is_sent_again_and_one_under_way_is_not(world: World) -> None:
    [job_id] = world.submit(**JANUARY)
    assert world.queue.sent == [job_id]
    world.clock.advance(5)
    assert deliver_due(world.context) == 0
    world.clock.advance(6)
    assert deliver_due(world.context) == 1
    assert world.queue.sent == [job_id, job_id]


def test_a_job_submitted_without_a_queue_is_delivered_when_it_is_back(world: World) -> None:
    world.queue.is_away = True
    [job_id] = world.submit(**JANUARY)
    assert deliver_due(world.context) == 0
    world.queue.is_away = False
    assert deliver_due(world.context) == 1
    assert world.queue.sent == [job_id]


def test_a_clock_beats_delivers_and_stops_when_told(world: World) -> None:
    world.queue.is_away = True
    [job_id] = world.submit(**JANUARY)
    world.queue.is_away = False
    stop = threading.Event()
    quick = dataclasses.replace(world.context, rules=dataclasses.replace(world.context.rules, tick=0.01))
    world.app.extensions[EXTENSION] = quick

    def stop_when_sent() -> None:
        while not world.queue.sent:
            stop.wait(0.01)
        stop.set()

    watcher = threading.Thread(target=stop_when_sent)
    watcher.start()
    run_clock(quick, stop)
    watcher.join()
    assert world.queue.sent == [job_id]
    with reading() as connection:
        assert queries_events.last_beat(connection, CLOCK) == world.clock()


def test_cleaning_up_deletes_old_jobs_and_their_logs_but_never_bars(world: World) -> None:
    old = world.work(world.submit(**JANUARY)[0])
    world.clock.advance(8 * 86_400)
    fresh = world.work(world.submit("MSFT", **JANUARY)[0])
    assert clean_up(world.context, 7) == 1
    assert job_services.find(fresh.id).state is JobState.SUCCEEDED
    with reading() as connection:
        assert queries_events.read(connection, old.id) == []
        assert queries_bars.count(connection, old.series_id) == 31
