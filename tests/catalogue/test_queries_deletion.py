import datetime as dt
import threading
from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import text

from webapp.catalogue import queries_deletion
from webapp.database.transactions import reading, writing
from webapp.jobs import queries_batches, queries_claims, queries_jobs, queries_moves
from webapp.jobs.claims import ChunkRecord, Release
from webapp.jobs.queries_batches import NewJob
from webapp.kernel.intervals import MINUTE, Interval
from webapp.kernel.job_states import JobState, Priority
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span
from webapp.series import queries_bars, queries_coverage, queries_series
from webapp.series.queries_series import SeriesRow

NOW = dt.datetime(2024, 3, 6, 12, 0, tzinfo=dt.UTC)
BARS = [(minute * MINUTE, 1.0, 2.0, 0.5, 1.5, 10.0, None, None) for minute in range(250)]
SPAN = Span(0, 250 * MINUTE)

pytestmark = pytest.mark.usefixtures("app")


def collected() -> tuple[int, int]:
    """A series with bars, coverage and candles, and the job that brought them, which is over."""
    with writing() as connection:
        series_id = queries_series.ensure(connection, "yahoo", "A", Interval.M1, "prepost")
        new = NewJob(series_id, SPAN, {}, refresh=False, priority=Priority.NORMAL, chunks_total=1)
        job_id, _ = queries_batches.insert_job(connection, queries_batches.new_batch(connection, "test", NOW), new, NOW)
        claim = queries_claims.claim(connection, job_id, "worker", NOW, dt.timedelta(minutes=1))
        assert claim
        queries_claims.commit_chunk(connection, claim, ChunkRecord(SPAN, len(BARS), 0, 0, SPAN.end, 1.0), NOW)
        queries_series.extend_range(
            connection, series_id, queries_bars.upsert(connection, series_id, BARS), 0, BARS[-1][0], NOW
        )
        queries_coverage.record(connection, series_id, Covered(SPAN, Verdict.HAVE, 1))
        for level in (300, 3600):
            connection.execute(
                text("INSERT INTO rollup SELECT series_id, :level, time, 1, 1, 1, 1, 1, 1 FROM bar WHERE time < 9000"),
                {"level": level},
            )
        queries_claims.release(connection, claim, Release(JobState.SUCCEEDED), NOW)
    return series_id, job_id


def test_a_hidden_series_is_gone_at_once_and_a_new_one_is_empty() -> None:
    series_id, job_id = collected()
    with writing() as connection:
        row = queries_deletion.hide(connection, series_id, NOW)
        assert isinstance(row, SeriesRow)
        assert (row.id, row.rows) == (series_id, len(BARS))
    with writing() as connection:
        assert queries_series.get(connection, series_id) is None
        assert queries_deletion.hide(connection, series_id, NOW) is None
        again = queries_series.find(connection, "yahoo", "A", Interval.M1, "prepost")
        assert again
        assert again.id > series_id
        assert (again.rows, again.first_bar, queries_coverage.read(connection, again.id)) == (0, None, [])
        assert queries_series.ensure(connection, "yahoo", "A", Interval.M1, "prepost") == again.id
        job = queries_jobs.get(connection, job_id)
        assert job
        assert (job.series_id, job.symbol, job.rows_written) == (again.id, "A", len(BARS))
        assert queries_jobs.chunks(connection, job_id) == []  # a retry collects anew what it had committed
        new = NewJob(again.id, SPAN, {}, refresh=False, priority=Priority.NORMAL, chunks_total=1)
        same_id, _ = queries_batches.insert_job(
            connection, queries_batches.new_batch(connection, "test", NOW), new, NOW
        )
        assert queries_moves.same_is_active(connection, job_id)
        assert same_id != job_id


def test_a_series_with_a_job_that_is_not_over_stays_as_it_is() -> None:
    series_id, _ = collected()
    with writing() as connection:
        new = NewJob(series_id, Span(0, 60), {}, refresh=False, priority=Priority.NORMAL, chunks_total=1)
        busy, _ = queries_batches.insert_job(connection, queries_batches.new_batch(connection, "test", NOW), new, NOW)
    with suppress(RuntimeError), writing() as connection:
        assert queries_deletion.hide(connection, series_id, NOW) == [busy]
        raise RuntimeError
    with reading() as connection:
        row = queries_series.get(connection, series_id)
        assert row
        assert (row.rows, queries_bars.count(connection, series_id)) == (len(BARS), len(BARS))
        assert queries_deletion.hidden(connection, NOW) is None


def test_what_is_left_goes_slice_by_slice_and_nothing_of_others() -> None:
    series_id, _ = collected()
    with writing() as connection:
        unrelated = queries_series.ensure(connection, "yahoo", "B", Interval.M1, "")
        queries_bars.upsert(connection, unrelated, BARS)
        queries_deletion.hide(connection, series_id, NOW)
    slices, counts = 0, [len(BARS)]
    while True:
        with writing() as connection:
            assert queries_deletion.hidden(connection, NOW) == series_id
            has_rest = queries_deletion.delete_slice(connection, series_id, 100)
            counts.append(queries_bars.count(connection, series_id))
        slices += 1
        if not has_rest:
            break
    assert counts[:3] == [250, 150, 50]
    assert slices == 5  # two of bars, two of 300 candles, and the rest
    with reading() as connection:
        assert queries_deletion.hidden(connection, NOW) is None
        tables = ("bar", "rollup", "rollup_stale", "coverage", "series_figures", "bar_flag", "bar_origin")
        for table in tables:
            query = text(f"SELECT count(*) FROM {table} WHERE series_id = :series")
            assert connection.execute(query, {"series": series_id}).scalar_one() == 0, table
        assert queries_bars.count(connection, unrelated) == len(BARS)


def test_who_submits_while_a_series_is_deleted_gets_its_successor(app: Flask) -> None:
    series_id, _ = collected()
    successors: list[int] = []

    def submit() -> None:
        with app.app_context(), writing() as connection:
            successors.append(queries_series.ensure(connection, "yahoo", "A", Interval.M1, "prepost"))

    submitting = threading.Thread(target=submit)
    with writing() as connection:
        queries_deletion.hide(connection, series_id, NOW)
        submitting.start()
        submitting.join(0.2)  # it waits for us; if it did not get so far, the test shows nothing, and does not fail
        assert successors == []
    submitting.join(20)
    with reading() as connection:
        successor = queries_series.find(connection, "yahoo", "A", Interval.M1, "prepost")
    assert successor
    assert successors == [successor.id]
