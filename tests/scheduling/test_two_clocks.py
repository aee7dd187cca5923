"""Two clocks at once fire once, on SQLite and on PostgreSQL; and one that dies half-way through leaves nothing half."""

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask

from tests.scheduling.calendars import draft
from tests.world import Clock, HandQueue
from webapp.context import EXTENSION, Context
from webapp.database.transactions import reading
from webapp.jobs import queries_jobs
from webapp.jobs.queries_jobs import JobFilter, JobRow
from webapp.scheduling import queries_runs, submitting_runs
from webapp.scheduling.looking_ahead import look_at_schedules
from webapp.scheduling.queries_runs import RunRow
from webapp.scheduling.schedules import create_schedule, run_clock_work

BEFORE = dt.datetime(2024, 3, 6, 12, tzinfo=dt.UTC)
AFTER_CLOSE = dt.datetime(2024, 3, 6, 21, 45, tzinfo=dt.UTC)
CLOCKS = 4
SYMBOLS = ("AAPL", "MSFT", "IBM", "KO", "XOM", "GE")


@pytest.fixture
def context(app: Flask) -> Context:
    """A context whose queue and time the test holds, on either database."""
    clock, queue = Clock(BEFORE), HandQueue()
    context: Context = dataclasses.replace(app.extensions[EXTENSION], now=clock, queue=queue)
    app.extensions[EXTENSION] = context
    return context


def go_to(context: Context, at: dt.datetime) -> Context:
    return dataclasses.replace(context, now=lambda: at)


def all_runs(schedule_ids: list[int]) -> list[RunRow]:
    with reading() as connection:
        return [run for each in schedule_ids for run in queries_runs.page(connection, each, 100)]


def all_jobs() -> list[JobRow]:
    with reading() as connection:
        return queries_jobs.page(connection, JobFilter(), limit=1000)


def at_once(app: Flask, act: Callable[[], None]) -> None:
    """Let several threads do the same, all beginning in the same moment."""
    barrier = Barrier(CLOCKS)

    def do() -> None:
        with app.app_context():
            barrier.wait()
            act()

    with ThreadPoolExecutor(CLOCKS) as pool:
        for future in [pool.submit(do) for _ in range(CLOCKS)]:
            future.result()


def test_clocks_at_once_fire_once(app: Flask, context: Context) -> None:
    schedules = [create_schedule(context, draft(symbol)) for symbol in SYMBOLS]
    schedules.append(create_schedule(context, draft(*SYMBOLS, kind="cron", cron="45 21 * * *", zone="UTC")))
    evening = go_to(context, AFTER_CLOSE)
    for _ in range(3):
        at_once(app, lambda: run_clock_work(evening))
    runs = all_runs(schedules)
    assert Counter(run.schedule_id for run in runs) == dict.fromkeys(schedules, 1)
    batches = [run.batch_id for run in runs if run.batch_id]
    assert len(batches) == len(set(batches)) == len(runs), "each run has a batch, and no batch is of two"
    jobs = all_jobs()
    assert sorted(job.symbol for job in jobs) == sorted(SYMBOLS), "the line of the list serves by the same jobs"
    assert isinstance(context.queue, HandQueue)
    assert sorted(context.queue.sent) == sorted(job.id for job in jobs), "one message a job"


def test_runs_that_several_submit_at_once_are_submitted_once(app: Flask, context: Context) -> None:
    schedules = [create_schedule(context, draft(symbol)) for symbol in SYMBOLS]
    evening = go_to(context, AFTER_CLOSE)
    look_at_schedules(evening)
    at_once(app, lambda: submitting_runs.submit_runs(evening))
    assert {run.state.value for run in all_runs(schedules)} == {"running"}
    assert len(all_jobs()) == len(SYMBOLS)
    with reading() as connection:
        batches = connection.exec_driver_sql("SELECT count(*) FROM batch").scalar_one()
    assert batches == len(SYMBOLS), "nobody left an empty batch behind"


class DiedError(Exception):
    """The clock's process ends here."""


def test_a_clock_that_dies_while_it_submits_leaves_the_run_to_another(
    app: Flask, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = create_schedule(context, draft("AAPL"))
    evening = go_to(context, AFTER_CLOSE)
    with monkeypatch.context() as patched:

        def die(*_: object) -> None:
            raise DiedError

        patched.setattr(queries_runs, "note_batch", die)  # after the claim, the batch and the job, before the commit
        with pytest.raises(DiedError):
            run_clock_work(evening)
    assert [run.state.value for run in all_runs([schedule])] == ["due"]
    assert all_jobs() == []
    run_clock_work(evening)
    assert [run.state.value for run in all_runs([schedule])] == ["running"]
    assert len(all_jobs()) == 1
