"""The list of all actions of an instrument: who asks for it, how often, and what becomes of a source that fails."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from tests.properties import examples
from tests.world import FACTS, World, good
from webapp.collecting.plan import make_plan
from webapp.collecting.validation import validate_request
from webapp.context import EXTENSION
from webapp.database.transactions import reading, writing
from webapp.errors import sentence
from webapp.jobs import queries_events
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.adjusted_closes import ActionList, AdjustedClose, Quarter
from webapp.kernel.bars import DIVIDEND, SPLIT, Action
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.job_states import ErrorKind, JobState
from webapp.kernel.requests import CollectRequest
from webapp.kernel.restatement_kinds import RestatementKind
from webapp.restating import queries_restatements
from webapp.series import queries_action_looks, queries_actions, queries_series
from webapp.sources.base import Answer, ChunkRequest, SourceError

JANUARY: dict[str, Any] = {"start": dt.date(2024, 1, 1), "end": dt.date(2024, 1, 31)}
TO_FEBRUARY: dict[str, Any] = {"start": dt.date(2024, 1, 1), "end": dt.date(2024, 2, 29)}
AWAY = SourceError(ErrorKind.UNAVAILABLE, sentence("away"))
LIMITED = SourceError(ErrorKind.RATE_LIMITED, sentence("too many"), retry_after=60.0)


def at(day: str) -> int:
    return int(dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC).timestamp())


def collect(world: World, symbol: str = "AAPL", interval: Interval = Interval.D1, **fields: Any) -> JobRow:  # noqa: ANN401 -- a request's fields
    [job_id] = world.submit(symbol, interval=interval, **fields)
    return world.work(job_id)


def stored(world: World, symbol: str = "AAPL") -> list[Action]:
    with reading() as connection:
        return queries_actions.of_instrument(connection, "yahoo", symbol) or []


def nothing(request: ChunkRequest) -> Answer:
    return Answer([], [], FACTS, request.span.end)


def impatient(world: World) -> None:
    """Let a job that waits give its place back, however short that is."""
    rules = replace(world.context.rules, short_wait=-1.0)
    world.context = world.app.extensions[EXTENSION] = replace(world.context, rules=rules)


def test_an_update_of_many_unchanged_series_asks_once_for_each_and_once_for_each_instrument_s_list(
    world: World,
) -> None:
    symbols = [f"S{number}" for number in range(examples(64))]
    for job_id in world.submit(*symbols, **JANUARY):
        world.work(job_id)
    for _ in range(2):
        world.clock.advance(DAY)
        world.source.asked.clear()
        world.source.listed.clear()
        end = world.clock().date() - dt.timedelta(days=1)
        for job_id in world.submit(*symbols, start=dt.date(2024, 1, 1), end=end):
            assert world.work(job_id).state is JobState.SUCCEEDED
        assert len(world.source.asked) == len(symbols)
        assert sorted(world.source.listed) == sorted(symbols)


def test_all_series_of_an_instrument_share_one_list_a_day(world: World) -> None:
    collect(world, **JANUARY)
    collect(world, interval=Interval.W1, **JANUARY)
    collect(world, **TO_FEBRUARY)
    assert world.source.listed == ["AAPL"]
    world.clock.advance(DAY)
    collect(world, **TO_FEBRUARY)
    assert world.source.listed == ["AAPL"]  # nothing was missing, nothing was asked
    collect(world, interval=Interval.W1, **TO_FEBRUARY)
    assert world.source.listed == ["AAPL", "AAPL"]


def test_the_plan_counts_the_list_as_a_request_as_long_as_it_is_due(world: World) -> None:
    def requests(**fields: Any) -> list[int]:  # noqa: ANN401 -- a request's fields
        request = CollectRequest("yahoo", ("AAPL", "MSFT"), Interval.D1, **fields)
        plan = make_plan(world.context, validate_request(request, world.context.now()))
        assert plan.requests == sum(each.requests for each in plan.series)
        return [each.requests for each in plan.series]

    assert requests(**JANUARY) == [2, 2]
    collect(world, **JANUARY)
    assert requests(**JANUARY) == [0, 2]
    assert requests(**TO_FEBRUARY) == [1, 2]
    world.clock.advance(DAY)
    assert requests(**TO_FEBRUARY) == [2, 2]


def test_a_source_without_such_a_list_is_not_asked_for_one(world: World) -> None:
    request = CollectRequest("ibkr", ("AAPL",), Interval.D1, **JANUARY)
    plan = make_plan(world.context, validate_request(request, world.context.now()))
    assert [each.lists for each in plan.series] == [0]


def test_what_a_list_tells_is_stored_and_the_job_says_how_much(world: World) -> None:
    world.source.lists = [ActionList((Action(SPLIT, at("2024-06-10"), 10.0), Action(DIVIDEND, at("1999-05-03"), 0.1)))]
    job = collect(world, **JANUARY)
    assert [(action.kind, action.value) for action in stored(world)] == [(DIVIDEND, 0.1), (SPLIT, 10.0)]
    with reading() as connection:
        events = {event.kind: str(event.message) for event in queries_events.read(connection, job.id)}
    assert events["actions"] == "The source's list of all dividends and splits has 2 that were not known yet."


def test_a_list_takes_nothing_away_and_changes_no_value(world: World) -> None:
    known = Action(DIVIDEND, at("2024-01-10"), 0.5)
    world.source.replies = [lambda request: replace(good(request), actions=[known])]
    collect(world, **JANUARY)
    world.clock.advance(DAY)
    collect(world, **TO_FEBRUARY)
    assert stored(world) == [known]


def test_a_value_that_the_list_tells_otherwise_is_asked_by_its_days_which_decide(world: World) -> None:
    known, corrected = Action(DIVIDEND, at("2024-01-10"), 0.5), Action(DIVIDEND, at("2024-01-10"), 0.25)
    world.source.replies = [
        lambda request: replace(good(request), actions=[known]),
        lambda request: replace(good(request), actions=[corrected]),
    ]
    world.source.lists = [ActionList((replace(known, value=0.7),))]
    collect(world, **JANUARY)
    assert len(world.source.asked) == 2
    span = world.source.asked[1].span
    assert (world.source.asked[1].interval, span.start <= known.time < span.end) == (Interval.D1, True)
    assert stored(world) == [corrected]


def test_payouts_that_were_told_before_a_split_of_the_list_count_in_new_shares(world: World) -> None:
    payout, split = Action(DIVIDEND, at("2024-01-10"), 0.8), Action(SPLIT, at("2024-03-07"), 4.0)
    world.source.replies = [lambda request: replace(good(request), actions=[payout])]
    job = collect(world, **JANUARY)
    world.clock.advance(2 * DAY)
    world.source.lists = [ActionList((split,))]
    collect(world, interval=Interval.W1, start=dt.date(2023, 1, 2), end=dt.date(2023, 1, 29))
    assert stored(world) == [replace(payout, value=0.2), split]
    assert len(world.source.asked) == 2
    with reading() as connection:
        weekly = queries_series.find(connection, "yahoo", "AAPL", Interval.W1, "")
        assert weekly
        kinds = [row.kind for row in queries_restatements.page(connection, weekly.id)]
    assert kinds == [RestatementKind.PAYOUTS]
    assert job.state is JobState.SUCCEEDED


def test_a_quarter_without_the_payout_that_its_prices_contain_is_asked_by_its_days_once(world: World) -> None:
    quarters = tuple(
        Quarter(900.0, 1100.0, AdjustedClose(at(day), 1000.0, adjusted))
        for day, adjusted in (
            ("2023-04-01", 980.0),
            ("2023-07-01", 980.0),
            ("2023-10-01", 1000.0),
            ("2024-01-01", 1000.0),
        )
    )
    payout = Action(DIVIDEND, at("2023-11-07"), 20.0)
    world.source.lists = [ActionList((), quarters)] * 3
    world.source.replies = [good, lambda request: replace(good(request), actions=[payout])]
    collect(world, **JANUARY)
    assert stored(world) == [payout]
    assert world.source.asked[1].span.start <= payout.time < world.source.asked[1].span.end
    world.clock.advance(DAY)
    collect(world, **TO_FEBRUARY)
    assert len(world.source.asked) == 3


def test_a_payout_in_another_unit_than_the_prices_is_compared_in_theirs(world: World) -> None:
    quarters = tuple(
        Quarter(900.0, 1100.0, AdjustedClose(at(day), 1000.0, adjusted))
        for day, adjusted in (("2023-07-01", 950.0), ("2023-10-01", 1000.0))
    )
    payout = Action(DIVIDEND, at("2023-11-07"), 0.5, "GBP")
    in_pence = replace(FACTS, currency="GBp")
    world.source.replies = [lambda request: replace(good(request), facts=in_pence)]
    world.source.lists = [ActionList((payout,), quarters)]
    job = collect(world, **JANUARY)
    assert (stored(world), len(world.source.asked)) == ([payout], 1)
    with reading() as connection:
        row = queries_series.get(connection, job.series_id)
        assert row
        assert queries_actions.remainders(connection, row.instrument_id) == {payout.time: pytest.approx(0.95)}


@pytest.mark.parametrize("error", [AWAY, LIMITED])
def test_a_job_whose_list_does_not_come_waits_and_asks_for_it_again_but_for_no_bar(
    world: World, error: SourceError
) -> None:
    impatient(world)
    world.source.lists = [error, ActionList((Action(SPLIT, at("2024-06-10"), 10.0),))]
    [job_id] = world.submit(**JANUARY)
    job = world.work(job_id)
    assert (job.state, job.error_kind, job.progress.percent) == (JobState.WAITING, error.kind, 99)
    world.clock.advance(600)
    assert world.work(job_id).state is JobState.SUCCEEDED
    assert (len(world.source.asked), len(stored(world))) == (1, 1)


def test_a_list_that_never_comes_keeps_no_job_from_succeeding_and_is_left_for_tomorrow(world: World) -> None:
    impatient(world)
    world.source.lists = [AWAY, AWAY, AWAY, ActionList(())]
    [job_id] = world.submit(**JANUARY)
    for _ in range(3):
        job = world.work(job_id)
        world.clock.advance(600)
    assert job.state is JobState.SUCCEEDED
    with reading() as connection:
        assert [str(e.message) for e in queries_events.read(connection, job_id) if e.kind == "unlisted"] == ["away"]
    collect(world, **TO_FEBRUARY)
    assert len(world.source.listed) == 3
    world.clock.advance(DAY)
    collect(world, start=dt.date(2024, 1, 1), end=dt.date(2024, 3, 5))
    assert len(world.source.listed) == 4


def test_a_list_with_an_action_that_cannot_be_is_not_believed(world: World) -> None:
    impatient(world)
    world.source.lists = [ActionList((Action(SPLIT, at("2024-06-10"), -1.0),))]
    job = world.work(world.submit(**JANUARY)[0])
    assert (job.state, job.error_kind) == (JobState.WAITING, ErrorKind.NONSENSE)
    assert stored(world) == []


def test_only_one_job_takes_the_question_on_until_it_has_been_silent_for_long(world: World) -> None:
    job = collect(world, **JANUARY)
    now = world.clock() + dt.timedelta(days=1)
    with writing() as connection:
        row = queries_series.get(connection, job.series_id)
        assert row
        claimed = [
            queries_action_looks.claim(connection, row.instrument_id, job_id, now + dt.timedelta(minutes=minutes))
            for job_id, minutes in ((7, 0), (8, 1), (7, 2), (8, 11), (8, 13))
        ]
    assert claimed == [True, False, True, False, True]
