"""How often the days are looked at again in which a list of all actions and what is stored disagree."""

import datetime as dt
from dataclasses import replace

import pytest

from tests.collecting.test_action_lists import JANUARY, TO_FEBRUARY, at, collect, nothing, stored
from tests.world import World, good
from webapp.kernel.adjusted_closes import ActionList, AdjustedClose, Quarter
from webapp.kernel.bars import DIVIDEND, SPLIT, Action
from webapp.kernel.intervals import DAY
from webapp.kernel.spans import Span
from webapp.sources.base import Answer, ChunkRequest

REACH = (Quarter(900.0, 1100.0, AdjustedClose(at("2024-01-01"), 1000.0, 1000.0)),)


def asked_on(world: World, days: int, before: str) -> list[int]:
    """Update for so many days in a row; return on which of them days before a date were asked."""
    asked = []
    for day in range(days):
        world.source.asked.clear()
        collect(world, start=dt.date(2024, 1, 1), end=world.clock().date() - dt.timedelta(days=1))
        asked += [day] * any(request.span.start < at(before) for request in world.source.asked)
        world.clock.advance(DAY)
    return asked


def test_what_neither_list_nor_days_explain_is_looked_at_again_ever_more_rarely(world: World) -> None:
    quarters = tuple(
        Quarter(900.0, 1100.0, AdjustedClose(at(day), 1000.0, adjusted))
        for day, adjusted in (("2023-07-01", 980.0), ("2023-10-01", 1000.0))
    )
    world.source.lists = [ActionList((), quarters)] * 20
    assert asked_on(world, 16, "2023-12-01") == [0, 1, 2, 4, 8, 12]


def test_a_day_in_doubt_that_is_never_answered_is_asked_ever_more_rarely(world: World) -> None:
    split = Action(SPLIT, at("2024-01-10"), 2.0)
    world.source.lists = [ActionList((split,)), *[ActionList(())] * 16]
    collect(world, **JANUARY)
    world.clock.advance(DAY)
    world.source.replies = [lambda request: nothing(request) if request.span.start < split.time else good(request)] * 40
    assert asked_on(world, 14, "2024-01-10") == [0, 1, 2, 4, 8, 12]


def test_a_split_that_the_first_list_lacks_is_asked_again_when_its_day_was_answered_empty(world: World) -> None:
    split = Action(SPLIT, at("2024-01-10"), 2.0)
    world.source.replies = [lambda request: replace(good(request), actions=[split]), nothing]
    world.source.lists = [ActionList((), REACH)] * 3
    collect(world, **JANUARY)
    assert stored(world) == [split]
    world.source.replies = [lambda request: closing(good(request))] * 9
    world.clock.advance(DAY)
    assert asked_on(world, 2, "2024-01-10") == [0, 1]
    assert stored(world) == []


def closing(answer: Answer) -> Answer:
    """An answer of days with their adjusted closes, which contain no payout."""
    return replace(answer, adjusted_closes=[AdjustedClose(bar[0], bar[4], bar[4]) for bar in answer.bars])


@pytest.mark.parametrize("false", [Action(SPLIT, at("2024-01-10"), 2.0), Action(DIVIDEND, at("2024-01-10"), 20.0)])
def test_what_days_alone_told_and_neither_list_nor_prices_contain_goes_once_the_days_tell_it_no_more(
    world: World, false: Action
) -> None:
    def lying(request: ChunkRequest) -> Answer:
        is_inside = request.span.start <= false.time < request.span.end
        return replace(closing(good(request)), actions=[false] * is_inside)

    world.source.lists = [ActionList((), REACH)] * 20
    world.source.replies = [lying] * 40
    asked_on(world, 10, "2024-01-10")
    assert stored(world) == [false]
    world.source.replies = [lambda request: closing(good(request))] * 40
    asked_on(world, 6, "2024-01-10")
    assert stored(world) == []


def test_an_empty_answer_to_the_days_of_a_quarter_decides_nothing_so_that_they_are_asked_again(world: World) -> None:
    quarters = tuple(
        Quarter(900.0, 1100.0, AdjustedClose(at(day), 1000.0, adjusted))
        for day, adjusted in (("2023-07-01", 980.0), ("2023-10-01", 1000.0))
    )
    payout = Action(DIVIDEND, at("2023-11-07"), 20.0)
    world.source.lists = [ActionList((), quarters)] * 2
    world.source.replies = [good, nothing, good, lambda request: replace(good(request), actions=[payout])]
    collect(world, **JANUARY)
    assert stored(world) == []
    world.clock.advance(DAY)
    collect(world, **TO_FEBRUARY)
    assert stored(world) == [payout]


@pytest.mark.parametrize("is_empty", [True, False])
def test_an_action_that_the_list_lacks_now_is_asked_for_until_its_day_is_answered(
    world: World, *, is_empty: bool
) -> None:
    split = Action(SPLIT, at("2024-01-10"), 2.0)

    def blank(request: ChunkRequest) -> Answer:
        full = good(request)
        bars = [bar for bar in full.bars if bar[0] != split.time]
        return replace(full, bars=bars, holes=(Span(split.time, split.time + DAY),))

    world.source.lists = [ActionList((split,)), *[ActionList(())] * 3]
    world.source.replies = [good, good, good, nothing if is_empty else blank]
    collect(world, **JANUARY)
    requests = []
    for days in range(3):
        world.clock.advance(DAY)
        world.source.asked.clear()
        collect(world, start=dt.date(2024, 1, 1), end=dt.date(2024, 2, 10 + days))
        requests.append(len(world.source.asked))
    assert requests == [2, 2, 1]


def test_the_day_of_what_is_only_announced_is_not_asked(world: World) -> None:
    announced = Action(SPLIT, at("2024-04-10"), 2.0)
    world.source.lists = [ActionList((announced,), REACH), *[ActionList((), REACH)] * 4]
    assert asked_on(world, 4, "2024-02-20") == [0]
    assert stored(world) == [announced]
