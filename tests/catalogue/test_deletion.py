import datetime as dt
import threading

import pytest
from sqlalchemy import text

from tests import commands
from tests.world import World, good
from webapp.catalogue import deletion
from webapp.catalogue import queries_deletion as store
from webapp.catalogue.deletion import SeriesBusyError
from webapp.collecting import rescue, submit
from webapp.database.transactions import reading
from webapp.errors import NotFoundError, sentence
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import ErrorKind, JobState
from webapp.series import queries_bars, queries_coverage, queries_series
from webapp.sources.base import Answer, ChunkRequest, SourceError
from webapp.upkeep import clock

FIRST, LAST = dt.date(2024, 2, 1), dt.date(2024, 3, 1)


def collected(world: World) -> tuple[int, int]:
    """The id of a job that is over, and that of its series."""
    job = world.work(world.submit(start=FIRST, end=LAST)[0])
    assert job.state is JobState.SUCCEEDED
    return job.id, job.series_id


def stored(series_id: int) -> int:
    with reading() as connection:
        return queries_bars.count(connection, series_id)


def test_a_deleted_series_is_gone_and_a_new_collection_of_it_starts_afresh(world: World) -> None:
    first, series_id = collected(world)
    there = stored(series_id)
    assert deletion.delete(world.context, series_id).rows == there > 0
    with pytest.raises(NotFoundError):
        deletion.delete(world.context, series_id)
    requests = len(world.source.asked)
    again = world.work(world.submit(start=FIRST, end=LAST)[0])
    assert again.state is JobState.SUCCEEDED
    assert len(world.source.asked) == 2 * requests
    assert again.series_id != series_id
    assert stored(again.series_id) == there
    assert submit.find(first).series_id == again.series_id  # the history stays, with what is there now


def test_a_retry_of_an_old_job_collects_again_what_was_deleted(world: World) -> None:
    world.source.replies = [good, SourceError(ErrorKind.BAD_REQUEST, sentence("no"))]
    [job_id] = world.submit(interval=Interval.M1, start=dt.date(2024, 2, 12), end=dt.date(2024, 3, 1))
    failed = world.work(job_id)
    assert failed.state is JobState.FAILED
    assert failed.rows_written
    deletion.delete(world.context, failed.series_id)
    commands.retry(world.context, job_id, "test")
    done = world.work(job_id)
    assert done.state is JobState.SUCCEEDED
    with reading() as connection:
        covered = queries_coverage.read(connection, done.series_id)
    assert [part.span for part in covered] == [done.span]


def test_a_series_is_not_deleted_under_a_job_that_is_not_over(world: World) -> None:
    _, series_id = collected(world)
    [job_id] = world.submit(start=dt.date(2024, 1, 1), end=dt.date(2024, 1, 31))
    with pytest.raises(SeriesBusyError) as refused:
        deletion.delete(world.context, series_id)
    assert refused.value.job_id == job_id
    assert "Cancel it first" in str(refused.value)
    commands.cancel(world.context, job_id, "test")
    deletion.delete(world.context, series_id)


def test_a_worker_that_comes_back_from_the_dead_writes_nothing_into_what_was_deleted(world: World) -> None:
    [job_id] = world.submit(start=FIRST, end=LAST)
    series_id = submit.find(job_id).series_id

    def cancelled_and_deleted_meanwhile(request: ChunkRequest) -> Answer:
        commands.cancel(world.context, job_id, "test")
        world.clock.advance(600)
        rescue.rescue_lost(world.context)
        assert submit.find(job_id).state is JobState.CANCELLED
        deletion.delete(world.context, series_id)
        return good(request)

    world.source.replies = [cancelled_and_deleted_meanwhile]
    job = world.work(job_id)
    assert job.state is JobState.CANCELLED
    assert stored(series_id) == stored(job.series_id) == 0
    with reading() as connection:
        new = queries_series.get(connection, job.series_id)
        assert new
        assert (new.rows, queries_coverage.read(connection, new.id)) == (0, [])


def test_of_several_those_at_work_stay(world: World) -> None:
    _, idle = collected(world)
    busy = submit.find(world.submit("MSFT", start=FIRST, end=LAST)[0]).series_id
    outcome = deletion.delete_each(world.context, [idle, busy, 999])
    assert [row.id for row in outcome.done] == [idle]
    assert [refusal.row.id for refusal in outcome.refused] == [busy]


def test_the_clock_deletes_what_is_left_once_nobody_reads_it_any_more(world: World) -> None:
    _, series_id = collected(world)
    there = stored(series_id)
    deletion.delete(world.context, series_id)
    assert not deletion.purge(world.context)
    assert stored(series_id) == there  # a file that is being written has all its bars
    world.clock.advance(deletion.GRACE.total_seconds())
    stop = threading.Event()
    stop.set()  # one round, then it ends
    clock.run_clock(world.context, stop)
    assert stored(series_id) == 0
    with reading() as connection:
        assert store.hidden(connection, world.clock.at) is None


def test_a_deletion_that_was_interrupted_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletion, "_ROWS_A_TRANSACTION", 5)
    _, series_id = collected(world)
    there = stored(series_id)
    deletion.delete(world.context, series_id)
    world.clock.advance(deletion.GRACE.total_seconds())
    assert deletion.purge(world.context, seconds=0)  # there is more to do
    assert stored(series_id) == there - 5
    while deletion.purge(world.context, seconds=0):
        continue
    assert stored(series_id) == 0
    with reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM series_deletion")).scalar_one() == 0
