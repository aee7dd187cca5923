"""A split that a source is late with is waited for as long as it is told; what is taken back is not."""

from dataclasses import dataclass, replace

import pytest

from tests.world import World
from webapp.database.transactions import reading
from webapp.kernel.adjusted_closes import ActionList, AdjustedClose
from webapp.kernel.bars import Bar
from webapp.kernel.flag_states import FlagState
from webapp.kernel.intervals import Interval
from webapp.restating.rules_withdrawal import CONTRADICTED, SECOND_SILENCE
from webapp.series import queries_actions
from webapp.series.queries_actions import RecordedAction
from webapp.sources.base import Answer, ChunkRequest

from .changing import on
from .test_late_splits import SPLIT, LateSource, Stage, day, update_daily


@dataclass
class TakingBack(LateSource):
    """A late source that tells all events of its days, and a list of them, until it takes the split back."""

    is_told_early: bool = False
    is_taken_back: bool = False
    is_as_if_never: bool = False
    """Whether its prices are those of a source that has never heard of the split."""

    @property
    def is_told(self) -> bool:
        return not self.is_taken_back and (self.is_told_early or super().is_told)

    def deliver(self, bar: Bar) -> Bar:
        return on(bar, 1.0) if self.is_as_if_never else super().deliver(bar)

    def answer(self, request: ChunkRequest) -> Answer:
        answer = super().answer(request)
        if request.interval is not Interval.D1:
            return answer
        return replace(answer, adjusted_closes=[AdjustedClose(bar[0], bar[4], bar[4]) for bar in answer.bars])


@dataclass
class ListedStage(Stage):
    """A stage whose source also gives the list of all actions."""

    source: TakingBack

    def collect(self, *args: object, **fields: object) -> int:
        self.world.source.lists = [ActionList((SPLIT,) if self.source.is_told else ())]
        return super().collect(*args, **fields)  # type: ignore[arg-type]

    def record(self) -> RecordedAction:
        with reading() as connection:
            [record] = queries_actions.read_record(connection, 1)
        return record


@pytest.fixture
def stage(world: World) -> ListedStage:
    return ListedStage(world, TakingBack(world))


def test_it_waits_for_two_weeks_and_withdraws_the_split_once_two_days_are_silent(
    stage: ListedStage,
) -> None:
    series_id = update_daily(stage, "2024-03-08", "2024-03-25")
    assert stage.waits(series_id) == [SPLIT]
    assert (stage.record().no_longer_told_at, stage.record().withdrawn_at) == (None, None)
    stage.check_honest(series_id)
    stage.source.is_taken_back = True
    update_daily(stage, "2024-03-26", "2024-03-26")
    assert (stage.record().no_longer_told_at, stage.record().withdrawn_at) == (stage.world.clock.at, None)
    assert stage.waits(series_id) == [SPLIT]
    update_daily(stage, "2024-03-27", "2024-03-27")
    assert (stage.record().withdrawn_at, stage.record().reason) == (stage.world.clock.at, SECOND_SILENCE)
    assert stage.waits(series_id) == []
    assert [flag.state for flag in stage.flags(series_id)] == [FlagState.OPEN]  # the leap is unexplained


def test_a_withdrawn_split_that_is_told_again_is_waited_for_again_however_long_ago_it_was(stage: ListedStage) -> None:
    series_id = update_daily(stage, "2024-03-08", "2024-03-25")
    stage.source.is_taken_back = True
    update_daily(stage, "2024-03-26", "2024-03-27")
    assert stage.waits(series_id) == []
    stage.source.is_taken_back = False
    update_daily(stage, "2024-03-28", "2024-03-28")
    assert stage.waits(series_id) == [SPLIT]
    stage.check_honest(series_id)
    stage.source.moved_at = stage.world.clock.at
    update_daily(stage, "2024-03-29", "2024-03-30")
    assert stage.waits(series_id) == []
    stage.check_honest(series_id)


def test_prices_that_move_end_the_wait_and_withdraw_nothing(stage: ListedStage) -> None:
    series_id = update_daily(stage, "2024-03-08", "2024-03-20")
    stage.source.moved_at = stage.world.clock.at
    update_daily(stage, "2024-03-21", "2024-03-22")
    assert stage.waits(series_id) == []
    assert (stage.record().no_longer_told_at, stage.record().withdrawn_at) == (None, None)
    assert [flag.state for flag in stage.flags(series_id)] == [FlagState.SETTLED]
    stage.check_honest(series_id)


def test_prices_that_go_back_with_the_event_withdraw_it_at_once_and_settle_the_seam(stage: ListedStage) -> None:
    series_id = update_daily(stage, "2024-03-08", "2024-03-20")
    stage.source.is_taken_back = stage.source.is_as_if_never = True
    update_daily(stage, "2024-03-21", "2024-03-21")
    assert (stage.record().withdrawn_at, stage.record().reason) == (stage.world.clock.at, CONTRADICTED)
    assert stage.waits(series_id) == []
    assert [flag.state for flag in stage.flags(series_id)] == [FlagState.SETTLED]
    assert stage.closes(series_id, "none") == stage.closes(series_id, "splits")


def test_prices_that_wait_contradict_no_split_whose_day_is_silent_once(stage: ListedStage) -> None:
    series_id = update_daily(stage, "2024-03-08", "2024-03-12")
    stage.source.is_taken_back = True
    update_daily(stage, "2024-03-13", "2024-03-13")
    assert (stage.record().no_longer_told_at, stage.record().withdrawn_at) == (stage.world.clock.at, None)
    assert stage.waits(series_id) == [SPLIT]
    stage.source.is_taken_back = False
    update_daily(stage, "2024-03-14", "2024-03-14")
    assert stage.record().no_longer_told_at is None
    assert stage.waits(series_id) == [SPLIT]
    stage.check_honest(series_id)


def test_an_announced_split_that_prices_on_neither_side_show_is_contradicted_by_them(stage: ListedStage) -> None:
    stage.source.is_told_early = stage.source.is_as_if_never = True
    series_id = update_daily(stage, "2024-03-08", "2024-03-09")
    assert stage.record().action == SPLIT
    stage.source.is_taken_back = True
    stage.at("2024-03-12")
    stage.collect()
    assert stage.world.clock.at.timestamp() > day("2024-03-11")
    assert (stage.record().withdrawn_at, stage.record().reason) == (stage.world.clock.at, CONTRADICTED)
    assert (stage.waits(series_id), stage.flags(series_id)) == ([], [])
