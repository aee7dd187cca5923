"""What a person may ask of schedules: pause, resume, change, delete; and what is refused."""

import datetime as dt

import pytest

from tests.scheduling.calendars import ScheduleWorld, draft
from webapp.database.transactions import reading
from webapp.errors import ConflictError, InvalidRequestError, NotFoundError
from webapp.jobs import queries_jobs
from webapp.jobs.queries_jobs import JobFilter
from webapp.scheduling.rules_run_states import RunState
from webapp.scheduling.schedules import (
    change_schedule,
    create_schedule,
    delete_schedule,
    find_schedule,
    list_schedules,
    run_now,
    set_paused,
    show_schedule,
)
from webapp.upkeep.clean_up import clean_up


def jobs() -> list[queries_jobs.JobRow]:
    with reading() as connection:
        return queries_jobs.page(connection, JobFilter())[::-1]


def test_while_paused_nothing_is_due_and_nothing_is_made_up_for(world_of_schedules: ScheduleWorld) -> None:
    here = world_of_schedules
    schedule = here.create("AAPL")
    assert set_paused(here.world.context, schedule, is_paused=True).is_paused
    with pytest.raises(ConflictError, match="is paused already"):
        set_paused(here.world.context, schedule, is_paused=True)
    here.go_to("2024-03-08 12:00:00")
    here.tick()
    assert show_schedule(here.world.context, schedule).coming == ()
    assert run_now(here.world.context, schedule).state is RunState.RUNNING
    set_paused(here.world.context, schedule, is_paused=False)
    with pytest.raises(ConflictError, match="is not paused"):
        set_paused(here.world.context, schedule, is_paused=False)
    here.tick()
    assert len(here.runs(schedule)) == 1
    coming = show_schedule(here.world.context, schedule).coming
    assert coming
    assert dt.datetime.fromtimestamp(coming[0].due, dt.UTC).isoformat(" ", "minutes")[:16] == "2024-03-08 21:45"


def test_a_changed_schedule_is_due_by_what_it_says_now(world_of_schedules: ScheduleWorld) -> None:
    here = world_of_schedules
    schedule = here.create("AAPL")
    row = find_schedule(schedule)
    daily = draft("MSFT", kind="cron", cron="0 6 * * *", zone="Europe/Paris", name="Mornings")
    change_schedule(here.world.context, row, daily)
    with pytest.raises(ConflictError, match="Somebody has changed"):
        change_schedule(here.world.context, row, daily)
    here.go_to("2024-03-07 05:00:01")
    here.tick()
    [run] = here.runs(schedule)
    assert (run.exchange, run.due_at.hour) == ("", 5)
    assert [job.symbol for job in jobs()] == ["MSFT"]
    assert [state.schedule.definition.name for state in list_schedules(here.world.context)] == ["Mornings"]


def test_deleting_a_schedule_keeps_what_it_collected(world_of_schedules: ScheduleWorld) -> None:
    here = world_of_schedules
    schedule = here.create("AAPL")
    here.go_to("2024-03-06 21:45:00")
    here.tick()
    delete_schedule(schedule)
    here.tick()
    assert here.work() == 1
    with pytest.raises(NotFoundError):
        find_schedule(schedule)
    with pytest.raises(NotFoundError):
        delete_schedule(schedule)


def test_each_field_that_is_wrong_has_its_sentence_and_nothing_is_kept(world_of_schedules: ScheduleWorld) -> None:
    wrong = draft("???", kind="close", minutes="x", overlap="perhaps", fresh="soon", name="N" * 81)
    with pytest.raises(InvalidRequestError) as refused:
        create_schedule(world_of_schedules.world.context, wrong)
    assert set(refused.value.fields) == {"minutes", "overlap", "fresh", "name", "symbols"}
    assert list_schedules(world_of_schedules.world.context) == []


def test_old_runs_are_cleared_and_the_last_one_stays(world_of_schedules: ScheduleWorld) -> None:
    here = world_of_schedules
    schedule = here.create("AAPL")
    for day in (6, 7, 8):
        here.go_to(f"2024-03-0{day} 21:45:00")
        here.tick()
        here.work()
        here.tick()
    here.go_to("2024-05-01 00:00:00")
    clean_up(here.world.context, 30)
    assert [run.due_at.day for run in here.runs(schedule)] == [8]
