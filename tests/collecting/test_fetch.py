"""What is asked of a source for a chunk, and when nothing more is asked."""

import datetime as dt

import pytest

from tests.world import FACTS, World, bar, days, good
from webapp.collecting import submit as job_services
from webapp.collecting.fetch import fetch_chunk
from webapp.collecting.rules_steps import Fetch
from webapp.errors import sentence
from webapp.kernel.job_states import ErrorKind, JobState
from webapp.sources.base import Answer, SourceError

SPAN = days(dt.date(2024, 1, 1), dt.date(2024, 1, 3))


def first_step(world: World) -> Fetch:
    [job_id] = world.submit(start=dt.date(2024, 1, 1), end=dt.date(2024, 1, 3))
    return Fetch(job_services.find(job_id), SPAN, chunks_left=0)


def test_an_answer_with_blanks_is_not_asked_again_once_the_job_is_interrupted(world: World) -> None:
    world.source.replies = [Answer([bar(SPAN.start)], [], FACTS, SPAN.end, blank_rows=2)]
    assert fetch_chunk(world.context, first_step(world), lambda: True) == []
    assert len(world.source.asked) == 1


def test_an_answer_without_blanks_is_taken_although_the_job_is_interrupted(world: World) -> None:
    [answer] = fetch_chunk(world.context, first_step(world), lambda: True)
    assert list(answer.bars) == list(good(world.source.asked[0]).bars)


def refusal() -> SourceError:
    return SourceError(ErrorKind.RATE_LIMITED, sentence("Too many requests."), retry_after=60)


def test_bars_with_blanks_are_kept_when_asking_again_is_refused(world: World) -> None:
    world.source.replies = [Answer([bar(SPAN.start)], [], FACTS, SPAN.end, blank_rows=2), refusal()]
    [answer] = fetch_chunk(world.context, first_step(world), lambda: False)
    assert (list(answer.bars), answer.blank_rows) == ([bar(SPAN.start)], 2)
    assert len(world.source.asked) == 2


def test_a_source_that_refuses_every_second_request_is_not_asked_for_a_chunk_twice(world: World) -> None:
    [job_id] = world.submit(start=dt.date(2024, 1, 1), end=dt.date(2024, 1, 3))
    world.source.replies = [Answer([bar(SPAN.start)], [], FACTS, SPAN.end, blank_rows=2), refusal()] * 5
    assert world.work(job_id).state is JobState.SUCCEEDED
    assert len(world.source.asked) == 2


def test_an_empty_answer_in_doubt_is_not_believed_because_asking_again_is_refused(world: World) -> None:
    world.source.replies = [Answer([], [], FACTS, SPAN.end, blank_rows=1), refusal()]
    with pytest.raises(SourceError) as caught:
        fetch_chunk(world.context, first_step(world), lambda: False)
    assert caught.value.kind is ErrorKind.RATE_LIMITED


def test_another_failure_of_asking_again_is_told(world: World) -> None:
    failure = SourceError(ErrorKind.UNAVAILABLE, sentence("Down."))
    world.source.replies = [Answer([bar(SPAN.start)], [], FACTS, SPAN.end, blank_rows=2), failure]
    with pytest.raises(SourceError) as caught:
        fetch_chunk(world.context, first_step(world), lambda: False)
    assert caught.value is failure
