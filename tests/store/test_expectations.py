import datetime as dt

from flask import Flask

from webapp.domain.intervals import DAY, Interval
from webapp.domain.jobs import JobState, Priority
from webapp.domain.spans import Span
from webapp.store import bars, calendars, expectations, job_moves, jobs, series
from webapp.store.expectations import Unfinished
from webapp.store.job_moves import Leaving
from webapp.store.jobs import NewJob
from webapp.store.transactions import reading, writing

NOW = dt.datetime(2024, 3, 6, 12, 0, tzinfo=dt.UTC)


def make() -> int:
    with writing() as connection:
        return series.ensure(connection, "yahoo", "AAPL", Interval.D1, "")


def test_bars_are_counted_by_span_in_the_order_asked(app: Flask) -> None:
    series_id, other = make(), 999_999
    with writing() as connection:
        for owner in (series_id, other):
            bars.upsert(connection, owner, [(day * DAY, 1, 1, 1, 1, 1, None, None) for day in (-2, 0, 1, 5)])
    spans = [
        Span(0, 2 * DAY),
        Span(-9 * DAY, 0),
        Span(2 * DAY, 5 * DAY),
        *(Span(5 * DAY, 6 * DAY) for _ in range(2500)),
    ]
    with reading() as connection:
        counted = expectations.row_counts(connection, series_id, spans)
        assert expectations.row_counts(connection, series_id, []) == []
    assert counted == [2, 1, 0, *(1 for _ in range(2500))]


def test_only_jobs_that_ended_too_early_are_unfinished(app: Flask) -> None:
    series_id = make()
    for number, state in enumerate((JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)):
        with writing() as connection:
            batch = jobs.new_batch(connection, "test", NOW)
            span = Span(number * DAY, number * DAY + DAY)
            new = NewJob(series_id, span, {}, refresh=False, priority=Priority.NORMAL, chunks_total=1)
            job_id, _ = jobs.insert(connection, batch, new, NOW)
            claim = job_moves.claim(connection, job_id, "worker", NOW, dt.timedelta(minutes=1))
            assert claim
            job_moves.leave(connection, claim, Leaving(state), NOW)
    with reading() as connection:
        found = expectations.unfinished(connection, series_id)
    assert found == [
        Unfinished(Span(DAY, 2 * DAY), has_failed=True),
        Unfinished(Span(2 * DAY, 3 * DAY), has_failed=False),
    ]


def test_a_chosen_calendar_is_kept_and_forgotten(app: Flask) -> None:
    make()
    with writing() as connection:
        row = series.find(connection, "yahoo", "AAPL", Interval.D1, "")
        assert row
        assert calendars.chosen(connection, row.instrument_id) is None
        calendars.choose(connection, row.instrument_id, "XPAR")
        assert calendars.chosen(connection, row.instrument_id) == "XPAR"
        calendars.choose(connection, row.instrument_id, None)
        assert calendars.chosen(connection, row.instrument_id) is None
