"""Counting what was collected, and a job as plain data."""

import datetime as dt
import json

import pytest

from tests.stored import Store
from webapp.database.transactions import reading, writing
from webapp.errors import NotFoundError, sentence
from webapp.jobs import queries_claims, queries_jobs
from webapp.jobs.claims import ChunkRecord, Release
from webapp.jobs.records import instant, record
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.job_states import ErrorKind, JobState
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span
from webapp.reading.lookup import find_series, known_spans
from webapp.series import queries_coverage
from webapp.upkeep.statistics import statistics_of


def work(store: Store, job_id: int, state: JobState, seconds: float, rows: int) -> None:
    with writing() as connection:
        held = queries_claims.claim(connection, job_id, "worker", store.now, dt.timedelta(minutes=1))
        assert held
        done = ChunkRecord(Span(0, 10), blanks=0, rows=rows, chunks_left=0, reached=10, seconds=seconds)
        queries_claims.commit_chunk(connection, held, done, store.now)
        failed = state is JobState.FAILED
        leaving = Release(
            state,
            error_kind=ErrorKind.UNKNOWN_SYMBOL.value if failed else None,
            message=sentence("There is no %(symbol)s.", symbol="X") if failed else None,
        )
        queries_claims.release(connection, held, leaving, store.now + dt.timedelta(seconds=seconds))


def test_an_empty_database_has_nothing_to_count(store: Store) -> None:
    counted = statistics_of(store.context)
    assert (counted.series, counted.bars, counted.all.jobs) == (0, 0, 0)
    assert (counted.all.success_rate, counted.all.median_seconds, counted.all.mean_seconds) == (None, None, None)


def test_jobs_are_counted_by_age_state_and_source(store: Store) -> None:
    apple, other = store.series(), store.series("X", source="other")
    store.put(apple, [(0, 1.0, 1.0, 1.0, 1.0, 1.0, None, None)])
    work(store, store.job(apple, start=1), JobState.SUCCEEDED, 100.0, 7)
    store.now += dt.timedelta(days=3)
    work(store, store.job(apple, start=2), JobState.SUCCEEDED, 2.0, 10)
    store.now += dt.timedelta(days=5)
    work(store, store.job(apple, start=3), JobState.SUCCEEDED, 4.0, 20)
    work(store, store.job(other, start=4), JobState.FAILED, 50.0, 0)
    store.job(other, start=5)
    counted = statistics_of(store.context)
    assert (counted.day.jobs, counted.week.jobs, counted.all.jobs) == (3, 4, 5)
    assert counted.day.by_source == {"other": 2, "yahoo": 1}
    assert (counted.day.by_state["failed"], counted.day.by_state["pending"], counted.day.by_state["paused"]) == (
        1,
        1,
        0,
    )
    assert (counted.day.success_rate, counted.all.success_rate) == (0.5, 0.75)
    assert (counted.week.median_seconds, counted.week.mean_seconds) == (3.0, 3.0)
    assert counted.all.median_seconds == 4.0
    assert (counted.day.bars_written, counted.all.bars_written) == (20, 37)
    assert (counted.series, counted.bars) == (1, 1)


def test_a_job_is_plain_data_that_json_can_hold(store: Store) -> None:
    job_id = store.job(store.series("X"))
    work(store, job_id, JobState.FAILED, 1.0, 5)
    with reading() as connection:
        row = queries_jobs.get(connection, job_id)
    assert row
    told = json.loads(json.dumps(record(store.context, row)))
    assert (told["symbol"], told["state"], told["rows_written"], told["attempt"]) == ("X", "failed", 5, 1)
    assert told["error"] == {"kind": "unknown_symbol", "message": "There is no X.", "hint": None, "choices": []}
    assert told["note"] is None
    assert told["progress"]["percent"] == 99
    assert told["progress"]["reached"] == "1970-01-01T00:00:10Z"
    assert told["created_at"] == "2024-03-06T12:00:00.000Z"


@pytest.mark.parametrize(("time", "text"), [(0, "1970-01-01T00:00:00Z"), (-2_208_988_800, "1900-01-01T00:00:00Z")])
def test_an_instant_is_written_in_utc(time: int, text: str) -> None:
    assert instant(time) == text


def test_what_is_known_of_a_series_names_its_gaps(store: Store) -> None:
    series_id = store.series()
    with writing() as connection:
        queries_coverage.record(connection, series_id, Covered(Span(0, 2 * DAY), Verdict.HAVE, 0))
        queries_coverage.record(connection, series_id, Covered(Span(2 * DAY, 3 * DAY), Verdict.EMPTY, 0))
        queries_coverage.record(connection, series_id, Covered(Span(5 * DAY, 6 * DAY), Verdict.HAVE, 0))
    row = find_series(" aapl ", "yahoo", Interval.D1, {})
    spans = [(span.start // DAY, span.end // DAY, span.verdict) for span in known_spans(row)]
    assert spans == [(0, 2, "have"), (2, 3, "empty"), (3, 5, "unknown"), (5, 6, "have")]


def test_a_series_never_collected_is_said(store: Store) -> None:
    with pytest.raises(NotFoundError, match="Collect them first"):
        find_series("NOPE", "yahoo", Interval.D1, {})
