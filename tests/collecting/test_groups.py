"""One request to several jobs: each is moved for itself, and what cannot be is said."""

import datetime as dt
from typing import Any

import pytest

from tests import commands
from tests.world import World
from webapp.collecting import submit as job_services
from webapp.collecting.groups import execute_batch, execute_each, find_batch
from webapp.collecting.verbs import JobCommand, Verb
from webapp.database.transactions import reading, writing
from webapp.errors import ConflictError, InvalidRequestError, NotFoundError, sentence
from webapp.jobs import queries_claims, queries_events
from webapp.kernel.job_states import ErrorKind, Intent, JobState, Priority
from webapp.sources.base import SourceError
from webapp.upkeep import queries_cleaning

JANUARY: dict[str, Any] = {"start": dt.date(2024, 1, 1), "end": dt.date(2024, 1, 31)}


def command(verb: Verb, **fields: Any) -> JobCommand:  # noqa: ANN401 -- the fields of a request
    return JobCommand(verb, "web", **fields)


def states(ids: list[int]) -> list[JobState]:
    return [job_services.find(job_id).state for job_id in ids]


def take(world: World, job_id: int) -> None:
    with writing() as connection:
        queries_claims.claim(connection, job_id, "worker", world.clock(), dt.timedelta(seconds=60))


def fail(world: World, job_id: int) -> None:
    world.source.replies.append(SourceError(ErrorKind.UNKNOWN_SYMBOL, sentence("unknown")))
    assert world.work(job_id).state is JobState.FAILED


def test_one_bad_id_never_stops_the_others(world: World) -> None:
    ids = world.submit("A", "B", "C", **JANUARY)
    world.work(ids[0])
    outcome = execute_each(world.context, [ids[0], 99, ids[1], ids[2], ids[2]], command(Verb.CANCEL))
    assert [job.id for job in outcome.changed] == ids[1:]
    assert [(refused.job_id, refused.is_missing) for refused in outcome.refused] == [(ids[0], False), (99, True)]
    assert [str(refused.why) for refused in outcome.refused] == [
        f"Job {ids[0]} has succeeded; there is nothing left to do.",
        "There is no job 99.",
    ]
    assert states(ids) == [JobState.SUCCEEDED, JobState.CANCELLED, JobState.CANCELLED]


def test_who_asked_and_why_stand_in_the_log(world: World) -> None:
    [job_id] = world.submit(**JANUARY)
    execute_each(world.context, [job_id], command(Verb.PAUSE, reason=" lunch\n at the 100 % office "))
    with reading() as connection:
        newest = queries_events.read(connection, job_id)[0]
    assert (newest.kind, newest.actor, str(newest.message)) == ("paused", "web", "Reason: lunch at the 100 % office")


def test_a_reason_that_is_too_long_changes_nothing(world: World) -> None:
    with pytest.raises(InvalidRequestError, match="at most 200"):
        command(Verb.CANCEL, reason="x" * 201)


def test_a_batch_retries_only_what_failed_and_delivers_it_in_one_go(world: World) -> None:
    ids = world.submit("A", "B", "C", "D", **JANUARY)
    fail(world, ids[0])
    world.work(ids[1])
    commands.cancel(world.context, ids[2], "me")
    fail(world, ids[3])
    world.queue.sent.clear()
    batch_id = job_services.find(ids[0]).batch_id
    outcome = execute_batch(world.context, batch_id, command(Verb.RETRY))
    assert [job.id for job in outcome.changed] == [ids[0], ids[3]]
    assert outcome.refused == ()
    assert world.queue.sent == [ids[0], ids[3]]
    assert states(ids) == [JobState.PENDING, JobState.SUCCEEDED, JobState.CANCELLED, JobState.PENDING]


def test_a_batch_that_does_not_exist_is_said_to(world: World) -> None:
    with pytest.raises(NotFoundError, match="no batch 7"):
        execute_batch(world.context, 7, command(Verb.PAUSE))


def test_without_a_queue_what_is_resumed_is_kept_and_that_is_said(world: World) -> None:
    ids = world.submit("A", "B", **JANUARY)
    execute_each(world.context, ids, command(Verb.PAUSE))
    world.queue.is_away = True
    outcome = execute_each(world.context, ids, command(Verb.RESUME))
    assert outcome.queue_is_away
    assert states(ids) == [JobState.PENDING, JobState.PENDING]


def test_two_cancelled_jobs_that_do_the_same_are_not_both_retried(world: World) -> None:
    [first] = world.submit(**JANUARY)
    commands.cancel(world.context, first, "me")
    [second] = world.submit(**JANUARY)
    outcome = execute_each(world.context, [second, first], command(Verb.CANCEL))
    assert [refused.job_id for refused in outcome.refused] == [first]
    outcome = execute_each(world.context, [second, first], command(Verb.RETRY))
    assert [job.id for job in outcome.changed] == [second]
    assert "Another job" in str(outcome.refused[0].why)


def test_another_priority_is_noted_logged_and_announced(world: World) -> None:
    ids = world.submit("A", "B", "C", **JANUARY)
    take(world, ids[1])
    world.work(ids[2])
    world.queue.sent.clear()
    outcome = execute_each(world.context, ids, command(Verb.PRIORITY, priority=Priority.HIGH, reason="urgent"))
    assert [job.priority for job in outcome.changed] == [Priority.HIGH, Priority.HIGH]
    assert "is over" in str(outcome.refused[0].why)
    assert world.queue.sent == ids[:1]
    with reading() as connection:
        newest = queries_events.read(connection, ids[0])[0]
    assert (newest.kind, str(newest.message)) == ("priority_changed", "Now high. Reason: urgent")


def test_the_priority_that_a_job_has_already_is_not_logged_again(world: World) -> None:
    [job_id] = world.submit(**JANUARY)
    world.queue.sent.clear()
    job = commands.prioritize(world.context, job_id, Priority.NORMAL, "me")
    assert job.priority is Priority.NORMAL
    assert world.queue.sent == []
    with reading() as connection:
        assert [event.kind for event in queries_events.read(connection, job_id)] == ["submitted"]


def test_a_pause_does_not_take_back_a_cancellation(world: World) -> None:
    [job_id] = world.submit(**JANUARY)
    take(world, job_id)
    commands.cancel(world.context, job_id, "me")
    with pytest.raises(ConflictError, match="is being cancelled"):
        commands.pause(world.context, job_id, "me")
    assert job_services.find(job_id).intent is Intent.CANCEL


@pytest.mark.parametrize("fields", [JANUARY, {"period": "max"}, {"start": dt.datetime(1969, 7, 20, 20, 17)}])  # noqa: DTZ001 -- read as UTC
def test_a_clone_asks_for_the_same(world: World, fields: dict[str, Any]) -> None:
    [job_id] = world.submit(priority=Priority.LOW, refresh=True, **fields)
    job = job_services.find(job_id)
    repeated = job_services.clone(world.context, job_id, "me")
    assert repeated.repeated == {job_id}
    commands.cancel(world.context, job_id, "me")
    [again] = job_services.clone(world.context, job_id, "me").job_ids
    new = job_services.find(again)
    assert again != job_id
    assert (new.series_id, new.span, new.priority, new.refresh) == (job.series_id, job.span, Priority.LOW, True)


def test_a_batch_has_the_jobs_that_were_at_work_for_an_earlier_one(world: World) -> None:
    first = world.submit_batch("A", **JANUARY)
    second = world.submit_batch("A", "B", **JANUARY)
    assert [job.symbol for job in find_batch(second).jobs] == ["A", "B"]
    assert [job.symbol for job in find_batch(first).jobs] == ["A"]
    outcome = execute_batch(world.context, second, command(Verb.PAUSE))
    assert [job.symbol for job in outcome.changed] == ["A", "B"]
    assert not find_batch(first).is_over


def test_a_batch_outlives_the_one_that_made_its_jobs_as_long_as_these(world: World) -> None:
    first = world.submit_batch("A", **JANUARY)
    second = world.submit_batch("A", **JANUARY)
    [job] = find_batch(second).jobs
    assert world.work(job.id).state is JobState.SUCCEEDED
    assert find_batch(second).is_over
    with writing() as connection:
        assert queries_cleaning.delete_jobs(connection, world.clock() + dt.timedelta(days=1)) == 1
    for batch_id in (first, second):
        with pytest.raises(NotFoundError, match=f"There is no batch {batch_id}"):
            find_batch(batch_id)


@pytest.mark.parametrize("batch_id", [99, 0, -1, 2**31, 2**70])
def test_a_number_that_is_no_batch_is_said_to_be_none(world: World, batch_id: int) -> None:
    with pytest.raises(NotFoundError, match="There is no batch"):
        find_batch(batch_id)
    assert execute_each(world.context, [batch_id], command(Verb.CANCEL)).refused[0].is_missing
