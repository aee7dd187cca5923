import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from tests.world import World
from webapp.collecting import submit as job_services
from webapp.context import Context
from webapp.database.transactions import reading
from webapp.errors import ConflictError, InvalidRequestError, NotFoundError
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
    request = CollectRequest("yahoo", ("AAPL",), Interval.D1, **JANUARY)
    first = job_services.submit(world.context, request, "web")
    second = job_services.submit(world.context, request, "web")
    assert first.job_ids == second.job_ids
    assert second.repeated == {first.job_ids[0]}
    assert len(everything()) == 1


def test_the_same_may_be_collected_again_once_it_is_over(world: World) -> None:
    world.work(world.submit(**JANUARY)[0])
    world.submit(**JANUARY)
    assert len(everything()) == 2


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"symbols": ()}, "symbols", "at least one"),
        ({"symbols": tuple(f"S{i}" for i in range(5000))}, "symbols", "5000 symbols are too many"),
        ({"symbols": ('"><IMG SRC=X ONERROR=ALERT(1)>',)}, "symbols", "is not a symbol"),
        ({"symbols": ("A" * 300,)}, "symbols", "is not a symbol"),
        ({"start": dt.date(2024, 2, 1), "end": dt.date(2024, 1, 1)}, "end", "before the start"),
        ({"start": dt.date(2099, 1, 1), "end": None}, "start", "future"),
        ({"start": None, "end": None}, "start", "period"),
        ({"period": "7 moons", "start": None, "end": None}, "period", "is not a period"),
        ({"period": "1y"}, "period", "not both"),
        ({"interval": Interval.M1}, "start", "29 days only"),
        ({"interval": Interval.S5}, "interval", "Yahoo Finance has no 5s bars. It has: 1m"),
        ({"interval": Interval.M1, "period": "3mo", "start": None, "end": None}, "period", "29 days only"),
        ({"source": "bloomberg"}, "source", "There is no source"),
    ],
)
def test_bad_input_gets_a_sentence_for_its_field_and_nothing_is_queued(
    world: World, changes: dict[str, Any], field: str, words: str
) -> None:
    values: dict[str, Any] = {"source": "yahoo", "symbols": ("AAPL",), "interval": Interval.D1, **JANUARY, **changes}
    with pytest.raises(InvalidRequestError) as caught:
        job_services.submit(world.context, CollectRequest(**values), "web")
    assert words in str(caught.value.fields[field])
    assert everything() == []
    assert world.queue.sent == []


def test_a_span_that_reaches_further_back_than_the_source_is_served_as_far_as_it_goes(world: World) -> None:
    [job_id] = world.submit(interval=Interval.M1, start=dt.date(2023, 12, 1))
    job = world.work(job_id)
    assert job.state is JobState.SUCCEEDED
    assert "29 days only" in str(job.message)


def test_a_paused_job_is_not_taken_until_it_is_resumed(world: World) -> None:
    [job_id] = world.submit(**JANUARY)
    assert job_services.pause(world.context, job_id, "me").state is JobState.PAUSED
    assert world.work(job_id).state is JobState.PAUSED
    assert job_services.resume(world.context, job_id, "me").state is JobState.PENDING
    assert world.work(job_id).state is JobState.SUCCEEDED


Move = Callable[[Context, int, str], JobRow]


@pytest.mark.parametrize(
    ("move", "words"),
    [
        (job_services.cancel, "has succeeded"),
        (job_services.pause, "has succeeded"),
        (job_services.resume, "has succeeded"),
        (job_services.retry, "has succeeded"),
    ],
)
def test_what_the_state_does_not_allow_is_refused_with_a_sentence(world: World, move: Move, words: str) -> None:
    [job_id] = world.submit(**JANUARY)
    world.work(job_id)
    with pytest.raises(ConflictError, match=words):
        move(world.context, job_id, "me")


def test_a_job_that_does_not_exist_is_said_to(world: World) -> None:
    with pytest.raises(NotFoundError, match="no job 99"):
        job_services.cancel(world.context, 99, "me")


def test_a_retry_is_refused_while_another_job_does_the_same(world: World) -> None:
    [first] = world.submit(**JANUARY)
    job_services.cancel(world.context, first, "me")
    world.submit(**JANUARY)
    with pytest.raises(ConflictError, match="Another job"):
        job_services.retry(world.context, first, "me")
