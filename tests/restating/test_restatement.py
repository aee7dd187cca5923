"""A source that changes its history under a collection's feet, in every way that it may come about."""

import datetime as dt
from dataclasses import replace

import pytest

from tests.world import World, good
from webapp.collecting.rescue import rescue_lost
from webapp.database.transactions import reading
from webapp.errors import sentence
from webapp.kernel.bars import Action
from webapp.kernel.intervals import DAY
from webapp.kernel.job_states import ErrorKind, JobState
from webapp.kernel.restatement_kinds import RestatementKind
from webapp.series import queries_actions
from webapp.sources.base import Answer, ChunkRequest, SourceError
from webapp.sources.registry import OFFERS

from .changing import JANUARY, TO_FEBRUARY, Stage, minutes, on_basis


@pytest.fixture
def stage(world: World) -> Stage:
    return Stage(world)


@pytest.fixture
def newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OFFERS, "yahoo", replace(OFFERS["yahoo"], newest_first=True))  # type: ignore[type-var]


def test_history_is_rebased_when_the_overlap_shows_one_factor_and_the_job_says_so(stage: Stage) -> None:
    stage.collect(**JANUARY)
    stage.go_to(4.0)
    job_id = stage.collect(**TO_FEBRUARY)
    assert stage.is_on(4.0)
    [restatement] = stage.restated
    assert (restatement.kind, restatement.ratio, restatement.bars, restatement.job_id) == (
        RestatementKind.REBASED,
        4.0,
        31,
        job_id,
    )
    [said] = stage.said(job_id)
    assert said.startswith("31 stored bars were divided by 4: ")


@pytest.mark.parametrize("ratio", [0.1, 1.5, 20.0])
def test_any_ratio_will_do(stage: Stage, ratio: float) -> None:
    stage.collect(**JANUARY)
    stage.go_to(ratio)
    stage.collect(**TO_FEBRUARY)
    assert stage.is_on(ratio)


def test_nothing_is_said_and_nothing_more_is_asked_while_nothing_changes(stage: Stage) -> None:
    stage.collect(**JANUARY)
    stage.go_to(1.0)
    job_id = stage.collect(**TO_FEBRUARY)
    assert (stage.restated, stage.said(job_id), len(stage.requests)) == ([], [], 2)


def test_one_answer_alone_rewrites_nothing(stage: Stage) -> None:
    stage.collect(**JANUARY)
    before = stage.bars
    stage.go_to(1.0)
    stage.world.source.replies = [on_basis(4.0), good]
    job = stage.world.work(stage.world.submit(**TO_FEBRUARY)[0])
    assert (job.state, job.error_kind) == (JobState.WAITING, ErrorKind.UNAVAILABLE)
    assert "contradicts itself" in str(job.message)
    assert stage.bars == before
    stage.world.clock.advance(600)
    assert stage.world.work(job.id).state is JobState.SUCCEEDED
    assert stage.is_on(1.0)
    assert stage.restated == []


def test_a_factor_that_nothing_confirms_rewrites_nothing(stage: Stage) -> None:
    stage.collect(**JANUARY)
    before = stage.bars
    stage.go_to(1.0)

    def silent(request: ChunkRequest) -> Answer:
        return replace(good(request), bars=[])

    stage.world.source.replies = [on_basis(4.0), silent, silent]
    job = stage.world.work(stage.world.submit(**TO_FEBRUARY)[0])
    assert job.state is JobState.WAITING
    assert stage.bars == before


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_bars_in_common_are_not_acted_on_but_asked_about(stage: Stage, count: int) -> None:
    stage.collect(**JANUARY)
    stage.go_to(4.0)
    end = int(dt.datetime(2024, 2, 1, tzinfo=dt.UTC).timestamp())

    def holed(request: ChunkRequest) -> Answer:
        full = on_basis(4.0)(request)
        return replace(full, bars=[bar for bar in full.bars if bar[0] >= end - count * DAY])

    stage.world.source.replies[0] = holed
    stage.collect(**TO_FEBRUARY)
    assert stage.is_on(4.0)
    assert len(stage.requests) == 4  # and two more, before anything was rewritten
    assert min(end - start for start, end in stage.requests[2:]) > 5 * DAY


def test_a_series_of_one_bar_is_simply_written_over(stage: Stage) -> None:
    stage.collect(start=dt.date(2024, 1, 1), end=dt.date(2024, 1, 1))
    stage.go_to(4.0)
    stage.collect(**JANUARY, refresh=True)
    assert stage.is_on(4.0)


def test_older_bars_that_are_added_to_a_series_of_two_replace_them(stage: Stage) -> None:
    stage.collect(start=dt.date(2024, 2, 20), end=dt.date(2024, 2, 21))
    stage.go_to(4.0)
    stage.collect(**JANUARY)
    assert len(stage.bars) == 33
    assert stage.is_on(4.0)


@pytest.mark.parametrize("order", ["oldest first", "newest first"])
def test_an_update_of_several_chunks_is_right_in_both_orders(
    stage: Stage, order: str, request: pytest.FixtureRequest
) -> None:
    if order == "newest first":
        request.getfixturevalue("newest_first")
    stage.collect(**minutes(10, 12))
    stage.go_to(4.0)
    stage.collect(**minutes(10, 33))
    assert stage.is_on(4.0)
    assert [restatement.kind for restatement in stage.restated] == [RestatementKind.REBASED]


def test_new_bars_far_from_the_stored_ones_are_not_moved_twice_although_no_hour_has_passed(
    stage: Stage, newest_first: None
) -> None:
    stage.collect(**minutes(10, 12))
    stage.go_to(4.0, days=0.01)
    stage.collect(**minutes(10, 33))
    assert stage.is_on(4.0)
    assert [restatement.kind for restatement in stage.restated] == [RestatementKind.REBASED]


@pytest.mark.parametrize("order", ["oldest first", "newest first"])
def test_older_bars_and_a_hole_in_the_middle_fit_on(stage: Stage, order: str, request: pytest.FixtureRequest) -> None:
    if order == "newest first":
        request.getfixturevalue("newest_first")
    stage.collect(**minutes(12, 13))
    stage.collect(**minutes(28, 30))
    stage.go_to(4.0)
    stage.collect(**minutes(10, 32))
    assert stage.is_on(4.0)
    assert len(stage.restated) == 1


def test_a_payout_that_comes_again_on_the_new_basis_is_taken_as_it_comes(stage: Stage) -> None:
    paid = Action("dividend", int(dt.datetime(2024, 1, 31, tzinfo=dt.UTC).timestamp()), 2.0)
    split = Action("split", int(dt.datetime(2024, 3, 7, tzinfo=dt.UTC).timestamp()), 4.0)
    stage.world.source.replies = [on_basis(1.0, [paid])]
    stage.collect(**JANUARY)
    stage.go_to(4.0, split, replace(paid, value=0.5), days=4)
    stage.collect(start=dt.date(2024, 1, 25), end=dt.date(2024, 3, 8))
    with reading() as connection:
        assert {action.kind: action.value for action in queries_actions.read(connection, 1)} == {
            "dividend": 0.5,
            "split": 4.0,
        }
    assert [restatement.kind for restatement in stage.restated] == [RestatementKind.REBASED]


def test_a_refresh_of_a_part_rebases_the_rest(stage: Stage) -> None:
    stage.collect(**JANUARY)
    stage.go_to(4.0)
    stage.collect(start=dt.date(2024, 1, 10), end=dt.date(2024, 1, 20), refresh=True)
    assert stage.is_on(4.0)


def test_a_refresh_of_one_day_asks_for_more_before_it_is_written(stage: Stage) -> None:
    stage.collect(**JANUARY)
    stage.go_to(4.0)
    stage.collect(start=dt.date(2024, 1, 25), end=dt.date(2024, 1, 25), refresh=True)
    assert stage.is_on(4.0)


def test_a_split_while_a_job_is_at_work_shows_at_the_seam(stage: Stage) -> None:
    stage.world.source.replies = [good, *[on_basis(4.0)] * 20]
    stage.collect(**minutes(10, 25))
    assert stage.is_on(4.0)
    assert len(stage.restated) == 1


def test_a_split_while_a_job_rested_is_found_when_it_goes_on(stage: Stage) -> None:
    [job_id] = stage.world.submit(**minutes(10, 25))
    stage.world.source.replies = [good, SourceError(ErrorKind.UNAVAILABLE, sentence("no"), retry_after=30.0)]
    job = stage.world.work(job_id)
    assert (job.state, job.progress.done) == (JobState.WAITING, 1)
    stage.go_to(1.05)  # too little to leap at the seam
    assert stage.world.work(job_id).state is JobState.SUCCEEDED
    stage.series_id = job.series_id
    assert stage.is_on(1.05)


def test_an_attempt_that_was_taken_over_rebases_nothing_twice(stage: Stage) -> None:
    stage.collect(**JANUARY)
    stage.go_to(4.0)
    [job_id] = stage.world.submit(**TO_FEBRUARY)
    was_slow: list[bool] = []

    def slow(request: ChunkRequest) -> Answer:
        if not was_slow:
            was_slow.append(True)
            stage.world.clock.advance(61)
            assert rescue_lost(stage.world.context) == 1
            assert stage.world.work(job_id, "another").state is JobState.SUCCEEDED
        return on_basis(4.0)(request)

    stage.world.source.replies.insert(0, slow)
    assert stage.world.work(job_id).attempt == 2
    assert stage.is_on(4.0)
    assert len(stage.restated) == 1


def test_bars_of_an_old_basis_that_come_late_are_refused(stage: Stage) -> None:
    """Two jobs on one series: the second asked before the split, and writes after the first has re-based."""
    stage.collect(**JANUARY)
    stage.go_to(4.0)
    [late] = stage.world.submit(start=dt.date(2024, 1, 1), end=dt.date(2024, 2, 10))

    def overtaken(request: ChunkRequest) -> Answer:
        stage.collect(**TO_FEBRUARY)
        return good(request)

    stage.world.source.replies.insert(0, overtaken)
    job = stage.world.work(late)
    assert job.state is JobState.WAITING
    assert stage.is_on(4.0)
    stage.world.clock.advance(600)
    assert stage.world.work(late).state is JobState.SUCCEEDED
    assert stage.is_on(4.0)
