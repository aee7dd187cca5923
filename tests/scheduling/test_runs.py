"""Runs of schedules: each once, for what is missing, whatever the clock, the source or a person does."""

from collections.abc import Sequence

import pytest

from tests import commands
from tests.scheduling.calendars import ScheduleWorld
from webapp.collecting.job_delivery import deliver_due
from webapp.collecting.submit import PlannedJob
from webapp.collecting.validation import ValidRequest
from webapp.coverage.corrections import correct
from webapp.database.transactions import reading, writing
from webapp.jobs import queries_batches, queries_jobs, queries_moves
from webapp.jobs.queries_jobs import JobFilter
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.job_states import JobState, Priority
from webapp.scheduling import looking_ahead, queries_schedules, submitting_runs
from webapp.scheduling.bulk_plans import Expects, plan_missing
from webapp.scheduling.queries_schedules import Definition
from webapp.scheduling.rules_run_states import RunState
from webapp.scheduling.rules_timing import OverlapPolicy, Timing, TimingKind
from webapp.scheduling.schedules import (
    run_now,
    schedules_naming,
)


def jobs() -> list[queries_jobs.JobRow]:
    with reading() as connection:
        return queries_jobs.page(connection, JobFilter())[::-1]


def test_after_the_close_it_asks_for_what_is_missing_and_says_where_that_came_from(
    world_of_schedules: ScheduleWorld,
) -> None:
    here = world_of_schedules
    schedule = here.create("AAPL")
    here.go_to("2024-03-06 21:44:59")
    here.tick()
    assert here.runs(schedule) == []
    here.go_to("2024-03-06 21:45:03")
    here.tick()
    here.tick()
    [run] = here.runs(schedule)
    assert (run.state, run.exchange, run.jobs, run.is_late) == (RunState.RUNNING, "XNYS", 1, False)
    assert run.batch_id
    with reading() as connection:
        batch = queries_batches.get(connection, run.batch_id)
    assert batch
    assert batch.origin == f"schedule:{schedule}"
    [job] = jobs()
    assert here.world.queue.sent == [job.id]
    assert here.work() == 1
    here.tick()
    assert here.states(schedule) == ["succeeded"]
    here.go_to("2024-03-07 21:45:03")
    here.tick()
    assert here.work() == 1
    first, second = (request.span for request in here.source.asked)
    assert (first.seconds, second.seconds) == (31 * DAY, 6 * DAY), "of a month, the new day and five bars before it"


def test_each_exchange_of_a_mixed_list_is_asked_at_its_own_close(world_of_schedules: ScheduleWorld) -> None:
    here = world_of_schedules
    schedule = here.create("AAPL", "MC.PA", "7203.T")
    asked = {}
    for hour in range(24):
        here.go_to(f"2024-03-07 {hour:02}:50:00")
        here.tick()
        here.work()
        asked[hour] = {request.symbol for request in here.source.asked}
    assert asked[5] == {"AAPL", "MC.PA"}  # yesterday evening's
    assert asked[6] - asked[5] == {"7203.T"}
    ends = [(run.exchange, run.due_at.isoformat(" ", "minutes")[:16]) for run in here.runs(schedule)]
    assert ends == [
        ("XPAR", "2024-03-06 17:15"),
        ("XNYS", "2024-03-06 21:45"),
        ("XTKS", "2024-03-07 06:45"),
        ("XPAR", "2024-03-07 17:15"),
        ("XNYS", "2024-03-07 21:45"),
    ]


def test_what_is_up_to_date_makes_no_job_and_says_so(world_of_schedules: ScheduleWorld) -> None:
    here = world_of_schedules
    schedule = here.create("AAPL", "MSFT")
    here.go_to("2024-03-06 21:45:00")
    here.tick()
    here.work()
    here.tick()
    before, requests = len(jobs()), len(here.source.asked)
    run = run_now(here.world.context, schedule)
    assert (run.state, run.is_by_hand, run.batch_id) == (RunState.UP_TO_DATE, True, None)
    assert (len(jobs()), here.work(), len(here.source.asked)) == (before, 0, requests)


def test_after_three_missed_runs_the_last_is_caught_up_late_and_the_others_are_told(
    world_of_schedules: ScheduleWorld,
) -> None:
    here = world_of_schedules
    schedule = here.create("AAPL")
    here.go_to("2024-03-09 09:00:00")  # a Saturday: Wednesday, Thursday and Friday were due
    here.tick()
    assert here.states(schedule) == ["missed", "missed", "running"]
    assert [run.is_late for run in here.runs(schedule)] == [False, False, True]
    assert len(jobs()) == 1
    here.work()
    here.tick()
    assert here.states(schedule) == ["missed", "missed", "succeeded"]


def test_what_cannot_be_submitted_says_why_and_stops_no_other(world_of_schedules: ScheduleWorld) -> None:
    here = world_of_schedules
    broken = _insert(here, symbols=("@gone",), exchanges=("XNYS",))
    removed = _insert(here, source="nobody", exchanges=("XNYS",))
    schedule = here.create("AAPL")
    assert schedules_naming("Gone") == ["Once fine"]
    assert schedules_naming("go") == []
    here.go_to("2024-03-07 05:00:00")
    here.tick()
    [run] = here.runs(broken)
    assert run.state is RunState.REFUSED
    assert "gone" in str(run.reason)
    [run] = here.runs(removed)
    assert "There is no source “nobody”" in str(run.reason)
    assert here.states(schedule) == ["running"]


def test_a_defect_of_one_schedule_stops_neither_the_clock_nor_others(
    world_of_schedules: ScheduleWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = world_of_schedules
    first, second = here.create("AAPL"), here.create("MSFT", kind="cron", cron="50 21 * * *", zone="UTC")
    with writing() as connection:
        connection.exec_driver_sql(f"UPDATE schedule SET cron = '* *' WHERE id = {second}")
    here.go_to("2024-03-06 21:50:00")
    here.tick()
    assert here.states(first) == ["running"]
    assert here.states(second) == []
    plan = plan_missing

    def fail(requests: Sequence[ValidRequest], expects: Expects) -> list[list[PlannedJob]]:
        if any("IBM" in request.symbols for request in requests):
            raise ArithmeticError
        return plan(requests, expects)

    monkeypatch.setattr(submitting_runs, "plan_missing", fail)
    third, fourth = here.create("IBM"), here.create("KO")
    here.go_to("2024-03-07 21:50:00")
    here.tick()
    [run] = here.runs(third)
    assert (run.state, str(run.reason)) == (RunState.REFUSED, "It could not be planned; the log says why.")
    assert here.states(fourth) == ["running"]


def _insert(
    here: ScheduleWorld, *, source: str = "yahoo", symbols: tuple[str, ...] = ("AAPL",), exchanges: tuple[str, ...]
) -> int:
    """A schedule that was fine when it was made."""
    timing = Timing(TimingKind.CLOSE, 45)
    definition = Definition(
        *("Once fine", source, symbols, Interval.D1, "1mo", None, {}, Priority.NORMAL, timing, OverlapPolicy.WAIT)
    )
    with writing() as connection:
        return queries_schedules.create(connection, definition, exchanges, here.clock())


@pytest.mark.parametrize("policy", ["wait", "skip"])
def test_a_run_whose_predecessor_is_at_work_waits_or_is_skipped(world_of_schedules: ScheduleWorld, policy: str) -> None:
    here = world_of_schedules
    schedule = here.create("AAPL", overlap=policy)
    here.go_to("2024-03-06 21:45:00")
    here.tick()
    here.go_to("2024-03-07 21:45:00")
    here.tick()
    assert here.states(schedule) == ["running", "waiting" if policy == "wait" else "skipped"]
    here.go_to("2024-03-08 21:45:00")
    here.tick()
    last = ["skipped", "waiting"] if policy == "wait" else ["skipped", "skipped"]
    assert here.states(schedule) == ["running", *last]
    reasons = [str(run.reason) for run in here.runs(schedule)[1:2]]
    assert reasons == ["A later run has taken its place." if policy == "wait" else "The run before was still at work."]
    here.work()
    here.tick()
    third = "running" if policy == "wait" else "skipped"
    assert here.states(schedule) == ["succeeded", "skipped", third]


def test_a_job_that_a_person_paused_holds_no_later_run_up(world_of_schedules: ScheduleWorld) -> None:
    here = world_of_schedules
    schedule = here.create("AAPL")
    here.go_to("2024-03-06 21:45:00")
    here.tick()
    [job] = jobs()
    with writing() as connection:
        queries_moves.transition(connection, job.id, JobState.PAUSED, here.clock())
    here.go_to("2024-03-07 21:45:00")
    here.tick()
    assert here.states(schedule) == ["running", "running"]


def test_a_day_that_a_person_closes_is_no_run(world_of_schedules: ScheduleWorld) -> None:
    here = world_of_schedules
    schedule = here.create("AAPL")
    correct(here.world.context, "XNYS", "2024-03-06", "closed")
    here.go_to("2024-03-07 12:00:00")
    here.tick()
    assert here.runs(schedule) == []


def test_a_failure_shows_in_the_run(world_of_schedules: ScheduleWorld) -> None:
    here = world_of_schedules
    schedule = here.create("AAPL", "MSFT")
    here.go_to("2024-03-06 21:45:00")
    here.tick()
    first, second = jobs()
    here.world.work(first.id)
    commands.cancel(here.world.context, second.id, "me")
    here.tick()
    assert here.states(schedule) == ["partly"]


def test_jobs_of_a_queue_that_is_away_are_kept(world_of_schedules: ScheduleWorld) -> None:
    here = world_of_schedules
    schedule = here.create("AAPL")
    here.world.queue.is_away = True
    here.go_to("2024-03-06 21:45:00")
    here.tick()
    here.world.queue.is_away = False
    assert here.states(schedule) == ["running"]
    assert deliver_due(here.world.context) == 1


def test_a_clock_that_died_between_seeing_and_submitting_is_followed_by_another(
    world_of_schedules: ScheduleWorld,
) -> None:
    here = world_of_schedules
    schedule = here.create("AAPL")
    here.go_to("2024-03-06 21:45:00")
    looking_ahead.look_at_schedules(here.world.context)
    assert here.states(schedule) == ["due"], "here the first clock died"
    submitting_runs.submit_runs(here.world.context)
    submitting_runs.submit_runs(here.world.context)
    assert here.states(schedule) == ["running"]
    assert len(jobs()) == 1
