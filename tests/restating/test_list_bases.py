"""Stored bars that a split which never was has moved go back with it, however far behind the last update they lie."""

import datetime as dt
from dataclasses import dataclass, replace

import pytest

from tests.restating.changing import JANUARY, TO_FEBRUARY, Stage, on
from tests.world import World, good
from webapp.database.transactions import reading
from webapp.kernel.adjusted_closes import ActionList, AdjustedClose, Quarter
from webapp.kernel.bars import SPLIT, Action, Bar
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.spans import Span
from webapp.series import queries_actions
from webapp.sources.base import Answer, ChunkRequest


def at(day: str) -> int:
    return int(dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC).timestamp())


FALSE = Action(SPLIT, at("2024-01-17"), 2.0)


@dataclass
class LyingStage(Stage):
    """A source that tells of a split which never was, and whose prices contain it, as long as it ``is_lying``."""

    is_lying: bool = True
    is_listed: bool = True

    def __post_init__(self) -> None:
        self.world.source.replies = [self.answer] * 50

    def answer(self, request: ChunkRequest) -> Answer:
        full = good(request)
        is_told = self.is_lying and request.span.start <= FALSE.time < request.span.end
        bars = [self._deliver(each, request.interval) if self.is_lying else each for each in full.bars]
        closes = [AdjustedClose(each[0], each[4], each[4]) for each in bars if request.interval is Interval.D1]
        return replace(full, bars=bars, actions=[FALSE] * is_told, adjusted_closes=closes)

    @staticmethod
    def _deliver(each: Bar, interval: Interval) -> Bar:
        edge = FALSE.time if interval.is_dated else FALSE.time + 5 * 3600  # midnight in New York
        if interval is Interval.W1 and each[0] < FALSE.time < each[0] + 7 * DAY:  # it opened before and closes after
            return (each[0], each[1] / 2, each[2], each[3] / 2, *each[4:])
        return on(each, 2.0) if each[0] < edge else each

    def answer_list(self) -> None:
        """Answer the next list as the source's prices are now."""
        low = 495.0 if self.is_lying else 990.0
        quarters = (
            Quarter(low, 550.0 if self.is_lying else 1100.0, AdjustedClose(at("2023-10-01"), 2 * low, 2 * low)),
            Quarter(low, 1100.0, AdjustedClose(at("2024-01-01"), 1000.0, 1000.0)),
        )
        self.world.source.lists = [ActionList((FALSE,) * (self.is_lying and self.is_listed), quarters)]

    def collect_listed(self, **request: object) -> int:
        self.answer_list()
        return self.collect(**request)

    def tell_truth(self) -> None:
        self.is_lying = False
        self.world.clock.advance(DAY)

    @property
    def actions(self) -> list[Action]:
        with reading() as connection:
            return queries_actions.of_instrument(connection, "yahoo", "AAPL") or []


@pytest.fixture
def stage(world: World) -> LyingStage:
    return LyingStage(world)


@pytest.mark.parametrize("is_listed", [True, False])
def test_bars_of_before_a_split_that_never_was_go_back_with_it(stage: LyingStage, *, is_listed: bool) -> None:
    stage.is_listed = is_listed
    stage.collect_listed(**JANUARY)
    assert (stage.actions, stage.is_on(1.0)) == ([FALSE], False)
    stage.tell_truth()
    stage.collect_listed(**TO_FEBRUARY)
    assert stage.is_on(1.0)
    assert stage.actions == []
    [restated] = stage.restated
    assert (restated.ratio, restated.start, restated.end) == (0.5, at("2024-01-01"), at("2024-01-16"))


def test_so_do_hours_of_an_instrument_without_days(stage: LyingStage) -> None:
    stage.collect_listed(interval=Interval.H1, **JANUARY)
    assert not stage.is_on(1.0)
    stage.tell_truth()
    stage.collect_listed(interval=Interval.H1, **TO_FEBRUARY)
    assert stage.is_on(1.0)


def test_weeks_go_back_and_the_one_with_both_bases_inside_is_asked_again(stage: LyingStage) -> None:
    first = dt.date(2024, 1, 1)
    stage.collect_listed(interval=Interval.W1, start=first, end=dt.date(2024, 2, 25))
    stage.tell_truth()
    stage.collect_listed(interval=Interval.W1, start=first, end=dt.date(2024, 3, 3))
    recheck = stage.world.queue.sent[-1]
    assert not stage.is_on(1.0)
    assert stage.world.work(recheck).span == Span(at("2024-01-15"), at("2024-01-22"))
    assert stage.is_on(1.0)


def test_bars_that_a_late_told_split_has_moved_follow_it(stage: LyingStage) -> None:
    stage.is_lying = False
    stage.collect_listed(**JANUARY)
    stage.is_lying = True
    stage.world.clock.advance(DAY)
    stage.collect_listed(**TO_FEBRUARY)
    assert stage.actions == [FALSE]
    closes = [each[4] for each in stage.bars]
    assert (max(closes[:16]) < 550, min(closes[16:]) > 990) == (True, True)
    assert [row.ratio for row in stage.restated] == [2.0]


def test_days_that_contradict_the_list_s_quarters_move_nothing(stage: LyingStage) -> None:
    stage.is_lying = False
    stage.collect_listed(**JANUARY)
    stage.is_lying = True
    stage.answer_list()
    stage.is_lying = False
    stage.world.clock.advance(DAY)
    stage.collect(**TO_FEBRUARY)
    assert (stage.is_on(1.0), stage.restated) == (True, [])


def test_hours_go_back_whose_days_were_collected_from_an_honest_source(stage: LyingStage) -> None:
    stage.collect_listed(interval=Interval.H1, **JANUARY)
    stage.tell_truth()
    stage.collect(**JANUARY)
    stage.world.clock.advance(DAY)
    stage.collect_listed(**TO_FEBRUARY)
    stage.collect(interval=Interval.H1, **JANUARY)
    assert stage.is_on(1.0)
