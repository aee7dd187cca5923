"""What is asked of a source for a chunk, and when nothing more is asked."""

import datetime as dt

from tests.world import FACTS, World, bar, days, good
from webapp.collecting import submit as job_services
from webapp.collecting.fetch import fetch_chunk
from webapp.collecting.rules_steps import Fetch
from webapp.sources.base import Answer

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
