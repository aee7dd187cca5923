"""What sources will delete soon: listed by its deadline, planned in turn, and asked for while it can be had."""

import dataclasses
import datetime as dt

import pytest

from tests.world import World
from webapp.collecting.missing.vanishing import Vanishing, collect_vanishing, find_vanishing
from webapp.context import EXTENSION
from webapp.coverage import completeness
from webapp.database.transactions import reading
from webapp.jobs import queries_jobs
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.job_states import JobState
from webapp.series import queries_coverage

KEPT = 29
"""Days for which Yahoo serves minutes, with our margin."""
MONTH = dt.timedelta(days=31)


def collect_day(world: World, symbol: str, days_ago: int, interval: Interval = Interval.M1) -> int:
    """Collect the minutes of one day, and return the series."""
    day = world.clock().date() - dt.timedelta(days=days_ago)
    [job_id] = world.submit(symbol, interval=interval, start=day, end=day)
    job = world.work(job_id)
    assert job.state is JobState.SUCCEEDED, str(job.message)
    return job.series_id


def recount(world: World, *series_ids: int) -> None:
    for series_id in series_ids:
        completeness.recount(world.context, series_id)


def listed(world: World, within: dt.timedelta = MONTH) -> dict[str, Vanishing]:
    return {vanishing.series.symbol: vanishing for vanishing in find_vanishing(world.context, within)}


def test_what_vanishes_is_listed_by_its_deadline_and_what_is_kept_for_good_is_not(world: World) -> None:
    ids = [collect_day(world, symbol, ago) for symbol, ago in (("LATE", 3), ("SOON", 20), ("NEXT", 12))]
    collect_day(world, "DAYS", 3, Interval.D1)
    recount(world, *ids)
    assert list(listed(world)) == ["SOON", "NEXT", "LATE"]
    assert list(listed(world, dt.timedelta(days=14))) == ["SOON"]
    days_left = (listed(world)["SOON"].vanishes_at - world.clock().timestamp()) / DAY
    assert days_left == pytest.approx(KEPT - 19, abs=1.5)


def test_one_batch_asks_for_all_of_it_in_the_order_of_the_deadlines(world: World) -> None:
    ids = [collect_day(world, symbol, ago) for symbol, ago in (("LATE", 3), ("SOON", 20), ("NEXT", 12))]
    done = collect_vanishing(world.context, ids, "web")
    assert done.submission
    with reading() as connection:
        jobs = [queries_jobs.get(connection, job_id) for job_id in sorted(done.submission.job_ids)]
    assert [job.symbol for job in jobs if job] == ["SOON", "NEXT", "LATE"]
    for job in jobs:
        assert job
        assert world.work(job.id).state is JobState.SUCCEEDED
    recount(world, *ids)
    assert list(listed(world, dt.timedelta(days=20))) == [], "all that was missing is there"


def test_after_a_month_away_all_that_can_be_had_is_had_and_what_was_lost_is_named(world: World) -> None:
    ids = [collect_day(world, symbol, 1) for symbol in ("AAA", "BBB")]
    world.clock.advance(35 * DAY)
    recount(world, *ids)
    for vanishing in listed(world).values():
        assert vanishing.is_lost(world.clock().timestamp())
        lost = (world.clock().timestamp() - vanishing.vanishes_at) / DAY
        assert lost == pytest.approx(35 - KEPT, abs=1.5)
    done = collect_vanishing(world.context, ids, "web")
    assert done.submission
    for job_id in done.submission.job_ids:
        assert world.work(job_id).state is JobState.SUCCEEDED
    with reading() as connection:
        covered = queries_coverage.read(connection, ids[0])
    reached = int(world.clock().timestamp()) - (KEPT - 2) * DAY
    assert any(part.span.start <= reached and part.span.end >= reached + (KEPT - 3) * DAY - DAY for part in covered)
    recount(world, *ids)
    now = world.clock().timestamp()
    assert not any(vanishing.is_lost(now) for vanishing in listed(world).values()), "nothing more is being lost"


def test_what_cannot_be_had_in_time_at_todays_pace_is_said(world: World) -> None:
    ids = [collect_day(world, symbol, 27) for symbol in ("AAA", "BBB")]
    recount(world, *ids)
    assert [vanishing.is_in_time for vanishing in listed(world).values()] == [True, True]
    crawling = {"yahoo": {"requests_per_second": 1 / (0.6 * DAY)}}
    world.context = world.app.extensions[EXTENSION] = dataclasses.replace(world.context, paces=crawling)
    first, second = listed(world).values()
    assert first.requests == second.requests
    assert second.done_at == pytest.approx(first.done_at + first.requests * 0.6 * DAY, rel=0.01)
    assert not second.is_in_time
