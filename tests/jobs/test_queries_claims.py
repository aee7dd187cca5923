"""What a worker writes to its job, and what it may not write once another has it."""

import threading

import pytest
from flask import Flask
from sqlalchemy import text

from tests.jobs.rows import MINUTE, NOW, claim_job, new_job, try_claim
from webapp.database.transactions import reading, writing
from webapp.errors import LeaseLostError
from webapp.jobs import queries_claims, queries_jobs, queries_moves
from webapp.jobs.claims import ChunkRecord, Claim, Release
from webapp.kernel.job_states import Intent, JobState
from webapp.kernel.spans import Span


@pytest.mark.usefixtures("app")
def test_every_statement_of_an_attempt_that_was_taken_over_is_refused() -> None:
    job_id = new_job()
    old = claim_job(job_id)
    with writing() as connection:
        queries_claims.release(connection, old, Release(JobState.PENDING), NOW)
    claim_job(job_id)
    chunk = ChunkRecord(Span(0, 1), 1, 0, 0, 1, 0.1)
    with writing() as connection:
        for statement in (
            lambda: queries_claims.renew_lease(connection, old, NOW, MINUTE),
            lambda: queries_claims.record_plan(connection, old, 1),
            lambda: queries_claims.commit_chunk(connection, old, chunk, NOW),
            lambda: queries_claims.record_error(connection, old, Release(JobState.WAITING, errors_in_row=1), NOW),
            lambda: queries_claims.release(connection, old, Release(JobState.SUCCEEDED), NOW),
        ):
            with pytest.raises(LeaseLostError, match="Attempt 1"):
                statement()
    with reading() as connection:
        job = queries_jobs.get(connection, job_id)
    assert job is not None
    assert (job.state, job.attempt, job.progress.done) == (JobState.RUNNING, 2, 0)


def test_of_many_workers_that_claim_at_once_exactly_one_wins(app: Flask) -> None:
    job_id = new_job()
    winners: list[Claim] = []
    gate = threading.Barrier(8)

    def race(number: int) -> None:
        with app.app_context():
            gate.wait()
            if claim := try_claim(job_id, f"w{number}"):
                winners.append(claim)

    threads = [threading.Thread(target=race, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [claim.attempt for claim in winners] == [1]


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
    claim = claim_job(job_id)
    with writing() as connection:
        before = queries_jobs.revisions(connection, [job_id])
        assert queries_claims.renew_lease(connection, claim, NOW, MINUTE) is Intent.RUN
        assert queries_jobs.revisions(connection, [job_id]) == before
        assert queries_moves.request_intent(connection, job_id, Intent.CANCEL)
        assert queries_jobs.revisions(connection, [job_id]) != before
        assert queries_claims.renew_lease(connection, claim, NOW, MINUTE) is Intent.CANCEL
