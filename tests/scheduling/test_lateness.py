"""A promise is broken when its time is over and the bars are not there, and then at once."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scheduling.calendars import ScheduleWorld, schedule_world
from tests.world import World
from webapp.coverage import completeness
from webapp.database.transactions import reading
from webapp.kernel.intervals import DAY, HOUR, MINUTE
from webapp.scheduling.promises import LateSeries, find_late, list_late
from webapp.scheduling.rules_lateness import Promise, late_since
from webapp.scheduling.schedules import set_paused
from webapp.series import queries_series

DELAY = 30 * MINUTE


@pytest.fixture
def here(world: World) -> ScheduleWorld:
    return schedule_world(world)


def late(here: ScheduleWorld) -> list[LateSeries]:
    """The series that are late, by both ways of asking."""
    completeness.catch_up(here.world.context, 60)
    listed = list_late(here.world.context)
    with reading() as connection:
        rows = queries_series.page(connection)
    shown = find_late(here.world.context, rows)
    assert shown == {each.series_id: each for each in listed if each.series_id is not None}
    return listed


def test_a_series_is_late_when_its_time_is_over_and_no_longer_once_it_is_fresh(here: ScheduleWorld) -> None:
    schedule = here.create("AAPL", minutes="45", fresh="120")
    here.go_to("2024-03-06 21:45:00")
    here.tick()
    here.work()
    assert late(here) == []
    here.go_to("2024-03-07 22:59:00")  # two hours after the close are over in a minute, and nobody collected
    assert late(here) == []
    here.go_to("2024-03-07 23:00:00")
    [series] = late(here)
    assert (series.symbol, series.schedule_id) == ("AAPL", schedule)
    assert series.since == dt.datetime(2024, 3, 7, 23, tzinfo=dt.UTC)
    here.go_to("2024-03-08 23:30:00")
    assert [each.since.day for each in late(here)] == [7], "since its first broken day"
    here.tick()
    here.work()
    assert late(here) == []


def test_a_promise_sooner_than_the_source_s_bars_are_final_is_broken_then_and_not_before(here: ScheduleWorld) -> None:
    here.create("AAPL", fresh="5")
    here.go_to("2024-03-06 21:45:00")
    here.tick()
    here.work()
    here.go_to("2024-03-07 21:29:59")
    assert late(here) == []
    here.go_to("2024-03-07 21:30:00")
    assert len(late(here)) == 1


def test_a_series_that_never_had_a_bar_is_late_after_the_first_close(here: ScheduleWorld) -> None:
    here.create("AAPL", "MSFT", fresh="120")
    here.go_to("2024-03-06 22:59:00")
    assert late(here) == []
    here.go_to("2024-03-06 23:00:00")
    assert [(each.symbol, each.series_id) for each in late(here)] == [("AAPL", None), ("MSFT", None)]


def test_of_two_promises_the_stricter_one_counts_and_a_paused_schedule_promises_nothing(here: ScheduleWorld) -> None:
    here.create("AAPL", fresh="300")
    strict = here.create("AAPL", "MSFT", fresh="60")
    here.create("IBM")
    here.go_to("2024-03-06 22:30:00")
    assert [(each.symbol, each.schedule_id) for each in late(here)] == [("AAPL", strict), ("MSFT", strict)]
    set_paused(here.world.context, strict, is_paused=True)
    assert late(here) == []
    here.go_to("2024-03-07 02:00:00")
    assert [each.symbol for each in late(here)] == ["AAPL"]


def test_what_was_behind_before_the_promise_is_due_with_the_next_session(here: ScheduleWorld) -> None:
    here.create("AAPL")
    here.go_to("2024-03-06 21:45:00")
    here.tick()
    here.work()
    here.go_to("2024-03-14 15:00:00")
    here.create("AAPL", kind="cron", cron="0 0 1 1 *", zone="UTC", fresh="60")
    assert late(here) == []
    here.go_to("2024-03-14 21:00:00")  # an hour after four o'clock in the summer's New York
    assert [each.since.isoformat() for each in late(here)] == ["2024-03-14T21:00:00+00:00"]


@settings(deadline=None)
@given(
    closings=st.lists(st.integers(0, 90 * DAY), min_size=1, max_size=11, unique=True).map(sorted),
    minutes=st.integers(0, 1440),
    since=st.integers(0, 90 * DAY),
    now=st.integers(0, 100 * DAY),
)
def test_lateness_only_grows_with_time_and_never_comes_before_the_promise(
    closings: list[int], minutes: int, since: int, now: int
) -> None:
    promise = Promise(1, minutes, since)
    broken = late_since(promise, closings, DELAY, now)
    if broken is not None:
        assert max(since, closings[0]) <= broken <= now
        assert late_since(promise, closings, DELAY, now + HOUR) == broken
    assert late_since(promise, closings, DELAY, 200 * DAY) is not None
    assert late_since(promise, [], DELAY, now) is None
