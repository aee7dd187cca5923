"""A thousand series that are up to date: few queries, no job, no request."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, event

from tests.scheduling.calendars import ScheduleWorld, draft, schedule_world
from tests.world import FACTS, World
from webapp.database.transactions import reading, writing
from webapp.extensions import db
from webapp.jobs import queries_jobs
from webapp.jobs.queries_jobs import JobFilter
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span
from webapp.scheduling import queries_runs
from webapp.scheduling.definitions import check_draft
from webapp.scheduling.queries_schedules import create
from webapp.series import queries_coverage, queries_series

COUNT = 1000
SYMBOLS = tuple(f"S{number:04d}" for number in range(COUNT))


@pytest.fixture
def here(world: World) -> ScheduleWorld:
    return schedule_world(world)


def store_series(here: ScheduleWorld) -> None:
    """Series of a year, complete to the sixth of March."""
    end = int(dt.datetime(2024, 3, 7, tzinfo=dt.UTC).timestamp())
    with writing() as connection:
        for symbol in SYMBOLS:
            series_id = queries_series.ensure(connection, "yahoo", symbol, Interval.D1, "")
            row = queries_series.get(connection, series_id)
            assert row
            queries_series.update_facts(connection, row.instrument_id, FACTS, here.clock())
            covered = Covered(Span(end - 400 * DAY, end), Verdict.HAVE, end)
            queries_coverage.record(connection, series_id, covered)


@contextmanager
def counted_statements() -> Iterator[Counter[str]]:
    """How often each kind of statement is executed; an executemany counts once."""
    counts: Counter[str] = Counter()

    def count(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        counts[statement.split(maxsplit=1)[0].upper()] += 1

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        yield counts
    finally:
        event.remove(db.engine, "before_cursor_execute", count)


@pytest.mark.parametrize("size", [1, 500], ids=["a thousand schedules", "two of five hundred"])
def test_a_thousand_series_that_are_up_to_date_cost_few_statements_and_no_job(here: ScheduleWorld, size: int) -> None:
    store_series(here)
    groups = [SYMBOLS[first : first + size] for first in range(0, COUNT, size)]
    checked = [check_draft(here.world.context, draft(*group, period="1y")) for group in groups]
    with writing() as connection:
        ids = [create(connection, each.definition, each.exchanges, here.clock()) for each in checked]
    here.go_to("2024-03-06 21:45:00")
    with counted_statements() as counts:
        here.tick()
    with reading() as connection:
        runs = queries_runs.latest(connection, ids, 5)
        assert not queries_jobs.page(connection, JobFilter())
    assert [run.state.value for each in ids for run in runs[each]] == ["up_to_date"] * len(groups)
    assert here.world.queue.sent == []
    assert sum(counts.values()) < 60, counts
