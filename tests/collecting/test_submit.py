import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from tests import commands
from tests.world import World
from webapp.collecting import submit as job_services
from webapp.collecting.validation import validate_request
from webapp.context import Context
from webapp.database.transactions import reading
from webapp.errors import ConflictError, NotFoundError
from webapp.jobs import queries_jobs
from webapp.jobs.queries_jobs import JobFilter, JobRow
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import JobState
from webapp.kernel.requests import CollectRequest

JANUARY: dict[str, Any] = {"start": dt.date(2024, 1, 1), "end": dt.date(2024, 1, 31)}


def everything() -> list[JobRow]:
    with reading() as connection:
        return queries_jobs.page(connection, JobFilter())


def test_submitting_the_same_twice_makes_one_job(world: World) -> None:
    request = validate_request(CollectRequest("yahoo", ("AAPL",), Interval.D1, **JANUARY), world.context.now())
    first = job_services.submit(world.context, request, "web")
    second = job_services.submit(world.context, request, "web")
    assert first.job_ids == second.job_ids
    assert second.repeated == {first.job_ids[0]}
    assert len(everything()) == 1


def test_the_same_may_be_collected_again_once_it_is_over(world: World) -> None:
    world.work(world.submit(**JANUARY)[0])
    world.submit(**JANUARY)
    assert len(everything()) == 2


def test_a_span_that_reaches_further_back_than_the_source_is_served_as_far_as_it_goes(world: World) -> None:
    [job_id] = world.submit(interval=Interval.M1, start=dt.date(2023, 12, 1))
    job = world.work(job_id)
    assert job.state is JobState.SUCCEEDED
    assert "29 days only" in str(job.note)


def test_a_paused_job_is_not_taken_until_it_is_resumed(world: World) -> None:
    [job_id] = world.submit(**JANUARY)
    assert commands.pause(world.context, job_id, "me").state is JobState.PAUSED
    assert world.work(job_id).state is JobState.PAUSED
    assert commands.resume(world.context, job_id, "me").state is JobState.PENDING
    assert world.work(job_id).state is JobState.SUCCEEDED


Move = Callable[[Context, int, str], JobRow]


@pytest.mark.parametrize(
    ("move", "words"),
    [
        (commands.cancel, "has succeeded"),
        (commands.pause, "has succeeded"),
        (commands.resume, "has succeeded"),
        (commands.retry, "has succeeded"),
    ],
)
def test_what_the_state_does_not_allow_is_refused_with_a_sentence(world: World, move: Move, words: str) -> None:
    [job_id] = world.submit(**JANUARY)
    world.work(job_id)
    with pytest.raises(ConflictError, match=words):
        move(world.context, job_id, "me")


def test_a_job_that_does_not_exist_is_said_to(world: World) -> None:
    with pytest.raises(NotFoundError, match="no job 99"):
        commands.cancel(world.context, 99, "me")


def test_a_retry_is_refused_while_another_job_does_the_same(world: World) -> None:
    [first] = world.submit(**JANUARY)
    commands.cancel(world.context, first, "me")
    world.submit(**JANUARY)
    with pytest.raises(ConflictError, match="Another job"):
        commands.retry(world.context, first, "me")
