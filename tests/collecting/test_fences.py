"""Each safeguard of a job that has two workers, two rescuers or two submitters; ``make mutants`` takes them out."""

import dataclasses
import datetime as dt
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests import commands
from tests.world import FACTS, World, bar, days
from webapp import failpoints
from webapp.collecting import submit as job_services
from webapp.collecting.rescue import rescue_lost
from webapp.context import JobRules
from webapp.database.transactions import reading, writing
from webapp.errors import sentence
from webapp.jobs import queries_claims, queries_jobs, queries_rescue
from webapp.jobs.claims import Claim
from webapp.jobs.queries_jobs import JobFilter
from webapp.jobs.queries_rescue import Lost, Rescue
from webapp.kernel.intervals import DAY
from webapp.kernel.job_states import ErrorKind, Intent, JobState
from webapp.series import queries_bars, queries_coverage
from webapp.sources.base import Answer, ChunkRequest, SourceError

JANUARY: dict[str, Any] = {"start": dt.date(2024, 1, 1), "end": dt.date(2024, 1, 31)}
SPAN = days(dt.date(2024, 1, 1), dt.date(2024, 1, 31))
LEASE = dt.timedelta(seconds=60)


def take(world: World, job_id: int, owner: str) -> Claim:
    with writing() as connection:
        claim = queries_claims.claim(connection, job_id, owner, world.clock(), LEASE)
    assert claim is not None
    return claim


def take_over(world: World, job_id: int) -> None:
    """The worker sleeps for longer than its lease; another has the job then, and is at work."""
    world.clock.advance(61)
    assert rescue_lost(world.context) == 1
    assert take(world, job_id, "another").attempt == 2


def test_a_worker_that_wakes_up_while_another_works_commits_nothing(world: World) -> None:
    [job_id] = world.submit(**JANUARY)

    def slow(request: ChunkRequest) -> Answer:
        take_over(world, job_id)
        return Answer([bar(SPAN.start, close=1.0)], [], FACTS, SPAN.end)

    world.source.replies = [slow]
    job = world.work(job_id)
    assert (job.state, job.attempt, job.lease_owner, job.progress.done) == (JobState.RUNNING, 2, "another", 0)
    with reading() as connection:
        assert queries_bars.read(connection, job.series_id) == []
        assert queries_jobs.chunks(connection, job_id) == []


def test_a_worker_that_wakes_up_while_another_works_finishes_nothing(world: World) -> None:
    [job_id] = world.submit(**JANUARY)

    def slow(_: ChunkRequest) -> Answer:
        take_over(world, job_id)
        raise SourceError(ErrorKind.BAD_REQUEST, sentence("no"))

    world.source.replies = [slow]
    job = world.work(job_id)
    assert (job.state, job.attempt, job.lease_owner) == (JobState.RUNNING, 2, "another")


@pytest.mark.parametrize("point", ["fenced", "written", "covered"])
def test_a_chunk_that_fails_half_way_leaves_nothing_behind(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    monkeypatch.setenv(failpoints.VARIABLE, str(tmp_path / "failpoint"))
    (tmp_path / "failpoint").write_text(f"{point}:raise", encoding="ascii")
    world.context = dataclasses.replace(world.context, rules=JobRules(lease=60.0, max_attempts=1))
    [job_id] = world.submit(**JANUARY)
    job = world.work(job_id)
    assert not (tmp_path / "failpoint").exists()
    assert (job.state, job.progress.done, job.rows_written) == (JobState.FAILED, 0, 0)
    with reading() as connection:
        assert queries_bars.read(connection, job.series_id) == []
        assert queries_coverage.read(connection, job.series_id) == []
        assert queries_jobs.chunks(connection, job_id) == []
    commands.retry(world.context, job_id, "me")
    job = world.work(job_id)
    assert (job.state, job.progress.done, job.rows_written) == (JobState.SUCCEEDED, 1, 31)
    with reading() as connection:
        assert [row[0] for row in queries_bars.read(connection, job.series_id)] == list(
            range(SPAN.start, SPAN.end, DAY)
        )


def test_of_many_who_submit_the_same_at_once_all_get_one_job(world: World) -> None:
    gate, ids = threading.Barrier(6), list[int]()

    def submit() -> None:
        with world.app.app_context():
            gate.wait()
            ids.extend(world.submit(**JANUARY))

    threads = [threading.Thread(target=submit) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 6
    assert len(set(ids)) == 1
    with reading() as connection:
        assert queries_jobs.count(connection, JobFilter()) == 1


def find_lost(world: World) -> Lost:
    with reading() as connection:
        [lost] = queries_rescue.expired(connection, world.clock(), 0, 10)
    return lost


def try_rescue(world: World, lost: Lost) -> bool:
    with writing() as connection:
        return queries_rescue.rescue(connection, lost, Rescue(JobState.PENDING, world.clock(), 1), world.clock())


def test_a_rescuer_that_has_looked_too_early_takes_nothing_from_the_next_attempt(world: World) -> None:
    [job_id] = world.submit(**JANUARY)
    take(world, job_id, "one")
    world.clock.advance(61)
    early = find_lost(world)
    assert try_rescue(world, early)
    take(world, job_id, "two")
    world.clock.advance(61)
    assert not try_rescue(world, early)
    assert job_services.find(job_id).state is JobState.RUNNING
    assert try_rescue(world, find_lost(world))


def test_a_worker_that_came_back_in_time_keeps_its_job(world: World) -> None:
    [job_id] = world.submit(**JANUARY)
    mine = take(world, job_id, "one")
    world.clock.advance(61)
    lost = find_lost(world)
    with writing() as connection:
        assert queries_claims.renew_lease(connection, mine, world.clock(), LEASE) is Intent.RUN
    assert not try_rescue(world, lost)
    assert job_services.find(job_id).lease_owner == "one"


def test_a_job_without_a_lease_is_rescued_too(world: World) -> None:
    [job_id] = world.submit(**JANUARY)
    take(world, job_id, "one")
    with writing() as connection:
        connection.execute(text("UPDATE job SET lease_expires_at = NULL WHERE id = :id"), {"id": job_id})
    assert rescue_lost(world.context) == 1
    assert job_services.find(job_id).state is JobState.PENDING
