"""Suspicious bars: flagged where they are written, and what a person's decision does to them."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests import commands
from tests.world import FACTS, World, good
from webapp.collecting import commit
from webapp.database.transactions import reading, writing
from webapp.errors import ConflictError, NotFoundError
from webapp.flagging import queries_flags
from webapp.flagging.queries_flags import FlagRow
from webapp.flagging.rules_suspicion import Reply, SuspicionRule
from webapp.jobs import queries_events
from webapp.kernel.bars import SPLIT, Action, Bar
from webapp.kernel.flag_states import FlagState
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.job_states import JobState
from webapp.kernel.spans import Span
from webapp.reviewing import review
from webapp.reviewing.review import Decision
from webapp.series import queries_bars, queries_coverage, queries_series
from webapp.sources.base import Answer, ChunkRequest

JANUARY: dict[str, Any] = {"start": dt.date(2024, 1, 1), "end": dt.date(2024, 1, 31)}
BAD_DAY = int(dt.datetime(2024, 1, 25, tzinfo=dt.UTC).timestamp())
EVER = Span(-(2**62), 2**62)


def times(bar: Bar, factor: float) -> Bar:
    return (bar[0], bar[1] * factor, bar[2] * factor, bar[3] * factor, bar[4] * factor, *bar[5:])


def wrong(factor: float = 100, *actions: Action, until: int = BAD_DAY) -> Callable[[ChunkRequest], Answer]:
    """A source with wrong prices from one day to another."""

    def answer(request: ChunkRequest) -> Answer:
        full = good(request)
        bars = [times(bar, factor) if BAD_DAY <= bar[0] <= until else bar for bar in full.bars]
        return replace(full, bars=bars, actions=[action for action in actions if action.time < request.span.end])

    return answer


def collect(world: World, *replies: Callable[[ChunkRequest], Answer], refresh: bool = False) -> int:
    world.source.replies = list(replies)
    world.clock.advance(60)
    [job_id] = world.submit(**JANUARY, refresh=refresh)
    job = world.work(job_id)
    assert job.state is JobState.SUCCEEDED, str(job.message)
    return job.series_id


def flagged(series_id: int) -> dict[int, FlagRow]:
    with reading() as connection:
        return queries_flags.read(connection, series_id, EVER)


def stored(series_id: int) -> dict[int, Bar]:
    with reading() as connection:
        return {bar[0]: bar for bar in queries_bars.read(connection, series_id)}


def decide(world: World, series_id: int, decision: Decision) -> FlagRow:
    return review.decide(world.context, (series_id, BAD_DAY), decision, "test")


def test_a_wrong_bar_is_stored_flagged_and_told_in_the_jobs_log(world: World) -> None:
    series_id = collect(world, wrong())
    [flag] = flagged(series_id).values()
    assert (flag.time, flag.rules, flag.state) == (BAD_DAY, (SuspicionRule.SPIKE,), FlagState.OPEN)
    assert stored(series_id)[BAD_DAY] == flag.bar
    with reading() as connection:
        assert flag.job_id
        messages = [event.message for event in queries_events.read(connection, flag.job_id) if event.kind == "flagged"]
    assert [str(message) for message in messages] == ["Bars that look wrong, stored and listed for review: 1"]


def test_the_same_value_twice_is_flagged_once(world: World) -> None:
    series_id = collect(world, wrong())
    first = flagged(series_id)
    assert collect(world, *[wrong()] * 5, refresh=True) == series_id
    assert flagged(series_id) == first


def test_a_transaction_that_does_not_commit_flags_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise KeyError

    monkeypatch.setattr(commit, "_cover", fail)
    world.source.replies = [wrong()]
    [job_id] = world.submit(**JANUARY)
    job = world.work(job_id)
    assert job.state is not JobState.SUCCEEDED
    assert flagged(job.series_id) == {}
    assert stored(job.series_id) == {}


def test_a_split_that_prices_still_contain_is_flagged_as_waited_for_and_without_its_action_as_a_leap(
    world: World,
) -> None:
    series_id = collect(world, wrong(0.25, Action(SPLIT, BAD_DAY, 4.0), until=2**62))
    assert {time: flag.rules for time, flag in flagged(series_id).items()} == {BAD_DAY: (SuspicionRule.SPLIT_SEAM,)}
    [microsoft] = world.submit("MSFT", **JANUARY)
    world.source.replies = [wrong(0.25, until=2**62)]
    flags = flagged(world.work(microsoft).series_id)
    assert {time: flag.rules for time, flag in flags.items()} == {BAD_DAY: (SuspicionRule.LEAP,)}


@pytest.mark.parametrize(
    ("symbol", "variant", "is_explained"),
    [
        ("AAPL", "", True),
        ("AAPL.STK.SMART.USD.NYSE", "MIDPOINT", True),
        ("AAPL", "HISTORICAL_VOLATILITY", False),
        ("AAPL.STK.SMART.EUR.IBIS", "", False),
    ],
)
def test_a_leap_that_another_source_shows_as_well_is_not_flagged(
    world: World, symbol: str, variant: str, *, is_explained: bool
) -> None:
    with writing() as connection:
        theirs = queries_series.ensure(connection, "ibkr", symbol, Interval.D1, variant)
        row = queries_series.get(connection, theirs)
        assert row
        queries_series.update_facts(connection, row.instrument_id, FACTS, world.clock())
        same = wrong(0.25, until=2**62)(ChunkRequest("AAPL", Interval.D1, Span(BAD_DAY - 10 * DAY, BAD_DAY + 2 * DAY)))
        added = queries_bars.upsert(connection, theirs, same.bars)
        queries_series.extend_range(connection, theirs, added, same.bars[0][0], same.bars[-1][0], world.clock())
    assert (flagged(collect(world, wrong(0.25, until=2**62))) == {}) is is_explained


def test_an_accepted_bar_stays_and_is_not_flagged_again(world: World) -> None:
    series_id = collect(world, wrong())
    accepted = decide(world, series_id, Decision.ACCEPT)
    assert (accepted.state, accepted.decided_by) == (FlagState.ACCEPTED, "test")
    collect(world, *[wrong()] * 5, refresh=True)
    assert flagged(series_id) == {BAD_DAY: accepted}
    collect(world, *[wrong(50)] * 5, refresh=True)
    [anew] = flagged(series_id).values()
    assert (anew.state, anew.bar) == (FlagState.OPEN, stored(series_id)[BAD_DAY])


def test_an_excluded_bar_is_gone_for_every_reader_and_stays_out_while_it_comes_the_same(world: World) -> None:
    series_id = collect(world, wrong())
    before = stored(series_id)
    with reading() as connection:
        covered = [(piece.span, piece.verdict) for piece in queries_coverage.read(connection, series_id)]
    excluded = decide(world, series_id, Decision.EXCLUDE)
    assert (excluded.state, excluded.bar) == (FlagState.EXCLUDED, before[BAD_DAY])
    without = {time: bar for time, bar in before.items() if time != BAD_DAY}
    assert stored(series_id) == without
    requests = len(world.source.asked)
    collect(world)
    assert len(world.source.asked) == requests
    collect(world, *[wrong()] * 5, refresh=True)
    assert stored(series_id) == without
    with reading() as connection:
        row = queries_series.get(connection, series_id)
        assert [(piece.span, piece.verdict) for piece in queries_coverage.read(connection, series_id)] == covered
    assert row
    assert row.rows == len(without)


def test_other_values_bring_an_excluded_bar_back_and_are_judged_anew(world: World) -> None:
    series_id = collect(world, wrong())
    decide(world, series_id, Decision.EXCLUDE)
    collect(world, *[wrong(70)] * 5, refresh=True)
    [flag] = flagged(series_id).values()
    assert (flag.state, flag.bar) == (FlagState.OPEN, stored(series_id)[BAD_DAY])
    decide(world, series_id, Decision.EXCLUDE)
    collect(world, refresh=True)
    [settled] = flagged(series_id).values()
    assert (settled.state, settled.came) == (FlagState.SETTLED, stored(series_id)[BAD_DAY][1:6])
    assert settled.bar == flag.bar


def test_an_excluded_bar_is_put_back_as_accepted(world: World) -> None:
    series_id = collect(world, wrong())
    before = stored(series_id)
    decide(world, series_id, Decision.EXCLUDE)
    assert decide(world, series_id, Decision.PUT_BACK).state is FlagState.ACCEPTED
    assert stored(series_id) == before
    with reading() as connection:
        row = queries_series.get(connection, series_id)
    assert row
    assert row.rows == len(before)


def ask_again(world: World, series_id: int, *replies: Callable[[ChunkRequest], Answer]) -> FlagRow:
    """Ask again, work on the job, and return the flag."""
    world.clock.advance(60)
    flag = decide(world, series_id, Decision.ASK)
    assert flag.state is FlagState.ASKED
    assert flag.asked_job
    world.source.replies, world.source.asked = list(replies), []
    assert world.work(flag.asked_job).state is JobState.SUCCEEDED
    assert world.source.asked[0].span == Span(BAD_DAY, BAD_DAY + DAY)
    return flagged(series_id)[BAD_DAY]


def test_a_source_that_corrects_itself_when_asked_again_settles_the_matter(world: World) -> None:
    series_id = collect(world, wrong())
    settled = ask_again(world, series_id)
    assert settled.state is FlagState.SETTLED
    assert settled.came == stored(series_id)[BAD_DAY][1:6]
    assert settled.bar[4] == pytest.approx(100 * settled.came[3])
    with pytest.raises(ConflictError, match="nothing left to decide"):
        decide(world, series_id, Decision.ACCEPT)


def test_a_source_that_repeats_itself_leaves_the_bar_to_decide_and_says_so(world: World) -> None:
    series_id = collect(world, wrong())
    again = ask_again(world, series_id, *[wrong()] * 5)
    assert (again.state, again.answer) == (FlagState.OPEN, Reply.SAME)
    assert decide(world, series_id, Decision.EXCLUDE).state is FlagState.EXCLUDED


def test_a_source_that_has_no_such_bar_any_more_leaves_it_to_decide(world: World) -> None:
    series_id = collect(world, wrong())
    again = ask_again(world, series_id, lambda request: replace(good(request), bars=[]))
    assert (again.state, again.answer) == (FlagState.OPEN, Reply.NOTHING)
    assert BAD_DAY in stored(series_id)


def test_a_source_is_not_asked_twice_at_once_but_again_when_the_job_is_over(world: World) -> None:
    series_id = collect(world, wrong())
    flag = decide(world, series_id, Decision.ASK)
    with pytest.raises(ConflictError, match="being asked already"):
        decide(world, series_id, Decision.ASK)
    assert flag.asked_job
    commands.cancel(world.context, flag.asked_job, "test")
    assert decide(world, series_id, Decision.ASK).asked_job != flag.asked_job


def test_a_source_that_serves_nothing_so_old_is_not_asked(world: World) -> None:
    with writing() as connection:
        series_id = queries_series.ensure(connection, "yahoo", "AAPL", Interval.M1, "")
        new = queries_flags.NewFlag(
            (BAD_DAY - 400 * DAY, 1.0, 1.0, 1.0, 1.0, 1.0, None, None), (SuspicionRule.LEAP,), None
        )
        queries_flags.raise_flags(connection, series_id, [new], world.clock())
    with pytest.raises(ConflictError, match="Yahoo"):
        review.decide(world.context, (series_id, new.bar[0]), Decision.ASK, "test")
    assert flagged(series_id)[new.bar[0]].state is FlagState.OPEN


def test_what_is_not_possible_is_said_and_stops_no_other(world: World) -> None:
    series_id = collect(world, wrong())
    with pytest.raises(NotFoundError, match="No bar of series"):
        review.decide(world.context, (series_id, BAD_DAY + DAY), Decision.ACCEPT, "test")
    with pytest.raises(ConflictError, match="not excluded"):
        decide(world, series_id, Decision.PUT_BACK)
    keys = [(series_id, BAD_DAY + DAY), (series_id, BAD_DAY), (series_id, BAD_DAY)]
    outcome = review.decide_each(world.context, keys, Decision.ACCEPT, "test")
    assert [flag.time for flag in outcome.decided] == [BAD_DAY]
    assert [refused.key for refused in outcome.refused] == [keys[0]]
    with pytest.raises(ConflictError, match="accepted already"):
        decide(world, series_id, Decision.ACCEPT)


def test_a_split_after_an_exclusion_keeps_the_bar_out(world: World) -> None:
    series_id = collect(world, wrong())
    decide(world, series_id, Decision.EXCLUDE)
    world.clock.advance(2 * DAY)

    def halved(request: ChunkRequest) -> Answer:
        answer = wrong()(request)
        return replace(answer, bars=[times(bar, 0.5) for bar in answer.bars])

    collect(world, *[halved] * 5, refresh=True)
    [flag] = flagged(series_id).values()
    assert flag.state is FlagState.EXCLUDED
    assert BAD_DAY not in stored(series_id)
    decide(world, series_id, Decision.PUT_BACK)
    assert stored(series_id)[BAD_DAY][4] == pytest.approx(50 * good_close(BAD_DAY))


def good_close(time: int) -> float:
    return float(1000 + time % 97)
