import datetime as dt

from flask import Flask

from webapp.coverage import queries_calendars, queries_expectations
from webapp.coverage.queries_expectations import Unfinished
from webapp.database.transactions import reading, writing
from webapp.jobs import queries_batches, queries_claims
from webapp.jobs.claims import Release
from webapp.jobs.queries_batches import NewJob
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.job_states import JobState, Priority
from webapp.kernel.spans import Span
from webapp.series import queries_bars, queries_series

NOW = dt.datetime(2024, 3, 6, 12, 0, tzinfo=dt.UTC)


def make() -> int:
    with writing() as connection:
        return queries_series.ensure(connection, "yahoo", "AAPL", Interval.D1, "")


def test_bars_are_counted_by_span_in_the_order_asked(app: Flask) -> None:
    series_id, unrelated = make(), 999_999
    with writing() as connection:
        for owner in (series_id, unrelated):
            queries_bars.upsert(connection, owner, [(day * DAY, 1, 1, 1, 1, 1, None, None) for day in (-2, 0, 1, 5)])
    spans = [
        Span(0, 2 * DAY),
        Span(-9 * DAY, 0),
        Span(2 * DAY, 5 * DAY),
        *(Span(5 * DAY, 6 * DAY) for _ in range(2500)),
    ]
    with reading() as connection:
        counted = queries_expectations.row_counts(connection, series_id, spans)
        assert queries_expectations.row_counts(connection, series_id, []) == []
    assert counted == [2, 1, 0, *(1 for _ in range(2500))]


def test_only_jobs_that_ended_too_early_are_unfinished(app: Flask) -> None:
    series_id = make()
    for number, state in enumerate((JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)):
        with writing() as connection:
            batch = queries_batches.new_batch(connection, "test", NOW)
            span = Span(number * DAY, number * DAY + DAY)
            new = NewJob(series_id, span, {}, refresh=False, priority=Priority.NORMAL, chunks_total=1)
            job_id, _ = queries_batches.insert_job(connection, batch, new, NOW)
            claim = queries_claims.claim(connection, job_id, "worker", NOW, dt.timedelta(minutes=1))
            assert claim
            queries_claims.release(connection, claim, Release(state), NOW)
    with reading() as connection:
        unfinished = queries_expectations.unfinished(connection, series_id)
    assert unfinished == [
        Unfinished(Span(DAY, 2 * DAY), has_failed=True),
        Unfinished(Span(2 * DAY, 3 * DAY), has_failed=False),
    ]


def test_a_chosen_calendar_is_kept_and_forgotten(app: Flask) -> None:
    make()
    with writing() as connection:
        row = queries_series.find(connection, "yahoo", "AAPL", Interval.D1, "")
        assert row
        assert queries_calendars.chosen(connection, row.instrument_id) is None
        queries_calendars.choose(connection, row.instrument_id, "XPAR")
        assert queries_calendars.chosen(connection, row.instrument_id) == "XPAR"
        queries_calendars.choose(connection, row.instrument_id, None)
        assert queries_calendars.chosen(connection, row.instrument_id) is None
