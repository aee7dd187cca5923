import datetime as dt
import threading
from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import text

from webapp.database.transactions import reading, writing
from webapp.errors import LeaseLostError
from webapp.jobs import queries_jobs, queries_moves
from webapp.jobs.queries_jobs import NewJob
from webapp.jobs.queries_moves import ChunkRecord, Claim, Release
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import Intent, JobState, Priority
from webapp.kernel.spans import Span
from webapp.series import queries_series

NOW = dt.datetime(2024, 3, 6, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


def new_job(symbol: str = "A") -> int:
    with writing() as connection:
        series_id = queries_series.ensure(connection, "yahoo", symbol, Interval.D1, "")
        batch = queries_jobs.new_batch(connection, "test", NOW)
        new = NewJob(series_id, Span(0, 86_400), {}, refresh=False, priority=Priority.NORMAL, chunks_total=1)
        return queries_jobs.insert(connection, batch, new, NOW)[0]


def claim(job_id: int, owner: str = "w") -> Claim | None:
    with writing() as connection:
        return queries_moves.claim(connection, job_id, owner, NOW, MINUTE)


def held(job_id: int) -> Claim:
    taken = claim(job_id)
    assert taken is not None
    return taken


@pytest.mark.usefixtures("app")
def test_every_statement_of_an_attempt_that_was_taken_over_is_refused() -> None:
    job_id = new_job()
    old = held(job_id)
    with writing() as connection:
        queries_moves.release(connection, old, Release(JobState.PENDING), NOW)
    held(job_id)
    chunk = ChunkRecord(Span(0, 1), 1, 0, 0, 1, 0.1)
    with writing() as connection:
        for statement in (
            lambda: queries_moves.renew_lease(connection, old, NOW, MINUTE),
            lambda: queries_moves.record_plan(connection, old, 1),
            lambda: queries_moves.commit_chunk(connection, old, chunk, NOW),
            lambda: queries_moves.record_error(connection, old, Release(JobState.WAITING, errors_in_row=1), NOW),
            lambda: queries_moves.release(connection, old, Release(JobState.SUCCEEDED), NOW),
        ):
            with pytest.raises(LeaseLostError, match="Attempt 1"):
                statement()
    with reading() as connection:
        job = queries_jobs.get(connection, job_id)
    assert job is not None
    assert (job.state, job.attempt, job.progress.done) == (JobState.RUNNING, 2, 0)


def test_of_many_workers_that_claim_at_once_exactly_one_wins(app: Flask) -> None:
    job_id = new_job()
    won: list[Claim] = []
    gate = threading.Barrier(8)

    def race(number: int) -> None:
        with app.app_context():
            gate.wait()
            if taken := claim(job_id, f"w{number}"):
                won.append(taken)

    threads = [threading.Thread(target=race, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [taken.attempt for taken in won] == [1]


def test_read_then_write_loses_no_update_among_many_writers(app: Flask) -> None:
    job_id = new_job()

    def count_up() -> None:
        with app.app_context():
            for _ in range(25):
                with writing() as connection:
                    query = text("SELECT rows_written FROM job WHERE id = :id FOR UPDATE")
                    if connection.dialect.name == "sqlite":
                        query = text("SELECT rows_written FROM job WHERE id = :id")
                    rows = connection.execute(query, {"id": job_id}).scalar_one()
                    change = text("UPDATE job SET rows_written = :rows WHERE id = :id")
                    connection.execute(change, {"rows": rows + 1, "id": job_id})

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading() as connection:
        job = queries_jobs.get(connection, job_id)
    assert job is not None
    assert job.rows_written == 100


@pytest.mark.usefixtures("app")
def test_a_heartbeat_tells_what_is_wanted_and_does_not_count_as_a_change() -> None:
    job_id = new_job()
    taken = held(job_id)
    with writing() as connection:
        before = queries_jobs.revisions(connection, [job_id])
        assert queries_moves.renew_lease(connection, taken, NOW, MINUTE) is Intent.RUN
        assert queries_jobs.revisions(connection, [job_id]) == before
        assert queries_moves.request_intent(connection, job_id, Intent.CANCEL)
        assert queries_jobs.revisions(connection, [job_id]) != before
        assert queries_moves.renew_lease(connection, taken, NOW, MINUTE) is Intent.CANCEL


@pytest.mark.usefixtures("app")
def test_urgent_jobs_are_delivered_first() -> None:
    ids = [new_job(symbol) for symbol in "ABC"]
    with writing() as connection:
        connection.execute(text("UPDATE job SET priority = 0 WHERE id = :id"), {"id": ids[2]})
        assert queries_jobs.due(connection, NOW, 10, NOW) == [ids[2], ids[0], ids[1]]


@pytest.mark.usefixtures("app")
def test_pages_of_jobs_go_from_new_to_old() -> None:
    ids = [new_job(symbol) for symbol in "ABC"]
    with reading() as connection:
        found = [job.id for job in queries_jobs.page(connection, queries_jobs.JobFilter())]
        later = [job.id for job in queries_jobs.page(connection, queries_jobs.JobFilter(), before_id=ids[1])]
        assert queries_jobs.count(connection, queries_jobs.JobFilter(symbol="B")) == 1
    assert all(newer > older for newer, older in pairwise(found))
    assert later == [ids[0]]
