"""A split and a dividend that come to pass after a first collection, with the offline market and the real client."""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from tests.plant import Plant, plant
from tests.servers import Market, RedisServer, start_market
from webapp.collecting import submit as job_services
from webapp.collecting.validation import validate_request
from webapp.collecting.work import run
from webapp.context import context
from webapp.database.transactions import reading
from webapp.jobs import queries_events
from webapp.jobs.queries_events import EventRow
from webapp.kernel.bars import Action, Bar
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import JobState
from webapp.kernel.requests import CollectRequest
from webapp.kernel.restatement_kinds import RestatementKind
from webapp.reading.bars import open_bars
from webapp.reading.charts import candles
from webapp.restating import queries_restatements as restatements
from webapp.restating.queries_restatements import RestatementRow
from webapp.sandbox.actions import ActionKind
from webapp.sandbox.market import Market as Truth
from webapp.series import queries_actions as actions
from webapp.series import queries_series
from webapp.series.queries_series import SeriesRow
from webapp.sources.base import ClientTools
from webapp.sources.registry import open_client

SYMBOL = "AAPL"
FIRST, BEFORE, AFTER = "2026-03-02T22:00:00Z", "2026-03-06T22:00:00Z", "2026-03-16T22:00:00Z"
EX_DIVIDEND, EX_SPLIT = "2026-03-05", "2026-03-10"
STARTS = {
    Interval.D1: date(2024, 6, 3),
    Interval.W1: date(2025, 6, 2),
    Interval.H1: date(2025, 12, 1),
    Interval.M1: date(2026, 2, 18),
}


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


@dataclass
class Stage:
    """The offline market with a clock in the test's hand, an application that collects from it, and the truth."""

    made: Plant
    truth: Truth
    clock: list[dt.datetime]

    @property
    def at(self) -> dt.datetime:
        return self.clock[0]

    def go_to(self, text: str) -> None:
        self.clock[0] = moment(text)
        self.made.market.set_now(text)

    def inject(self, day: str, kind: ActionKind, value: str) -> None:
        self.made.market.inject(SYMBOL, day, kind.value, value)
        self.truth.inject(SYMBOL, date.fromisoformat(day), kind, Fraction(value.removesuffix(":1")))

    def collect(self, interval: Interval, *, refresh: bool = False, start: date | None = None) -> int:
        environment = self.made.environment
        settings: dict[str, str | float | None] = {
            "proxy": environment["YAHOO_PROXY"],
            "ca_bundle": environment["YAHOO_CA_BUNDLE"],
            "requests_per_second": 50.0,
        }
        tools = ClientTools(self.made.redis.client(), self.made.folder / "yahoo", self.at.timestamp, settings)
        request = CollectRequest("yahoo", (SYMBOL,), interval, start or STARTS[interval], refresh=refresh)
        now = dataclasses.replace(context(), now=lambda: self.at, open_client=lambda name: open_client(name, tools))
        [job_id] = job_services.submit(now, validate_request(request, now.now()), "test").job_ids
        run(now, job_id, "here", lambda: False)
        job = job_services.find(job_id)
        assert job.state is JobState.SUCCEEDED, str(job.message)
        return job_id

    def row(self, interval: Interval) -> SeriesRow:
        with reading() as connection:
            row = queries_series.find(connection, "yahoo", SYMBOL, interval, "")
        assert row is not None
        return row

    def bars(self, interval: Interval, adjust: str = "splits") -> list[Bar]:
        opened = open_bars(self.row(interval).id, adjust)
        return [bar for page in opened.pages(10_000) for bar in opened.factors.apply(page)]

    def true_bars(self, interval: Interval) -> list[tuple[float, ...]]:
        bars = self.truth.bars(SYMBOL, interval.value, STARTS[interval], final=True)
        settled = self.at.timestamp() - 1800
        return [tuple(bar) for bar in bars if interval.is_dated or bar.start + interval.seconds <= settled]

    def restatements(self, interval: Interval) -> list[RestatementRow]:
        with reading() as connection:
            return restatements.page(connection, self.row(interval).id)

    def said(self, job_id: int) -> list[EventRow]:
        with reading() as connection:
            return [event for event in queries_events.read(connection, job_id) if event.kind == "restated"]

    def actions(self) -> dict[tuple[str, int], float]:
        with reading() as connection:
            stored_actions: list[Action] = actions.read(connection, self.row(Interval.D1).instrument_id)
        return {(action.kind, action.time): action.value for action in stored_actions}


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    started = start_market(tmp_path_factory.mktemp("market"), "--now", FIRST)
    yield started
    started.running.end()


@pytest.fixture
def stage(market: Market, redis_server: RedisServer, tmp_path: Path) -> Iterator[Stage]:
    with plant(tmp_path, redis_server, market) as running, running.app.app_context():
        clock = [moment(FIRST)]

        def now() -> float:
            return clock[0].timestamp()

        yield Stage(running, Truth(now), clock)


@pytest.fixture
def split(stage: Stage) -> Stage:
    """Everything collected; then a dividend, an update of the days, and a split four for one."""
    stage.go_to(FIRST)
    for interval in STARTS:
        stage.collect(interval)
    stage.inject(EX_DIVIDEND, ActionKind.DIVIDEND, "3")
    stage.inject(EX_SPLIT, ActionKind.SPLIT, "4:1")
    stage.go_to(BEFORE)
    stage.collect(Interval.D1)
    assert stage.actions()["dividend", label(EX_DIVIDEND)] == pytest.approx(3.0)
    stage.go_to(AFTER)
    return stage


def label(day: str) -> int:
    return int(dt.datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


def same(ours: list[Bar], true: list[tuple[float, ...]]) -> None:
    assert [bar[0] for bar in ours] == [int(bar[0]) for bar in true]
    for bar, expected in zip(ours, true, strict=True):
        assert bar[1:6] == pytest.approx(expected[1:6], rel=1e-7), bar


@pytest.mark.parametrize("interval", STARTS)
def test_an_update_after_a_split_leaves_one_history_and_says_what_it_did(split: Stage, interval: Interval) -> None:
    job_id = split.collect(interval)
    ours = split.bars(interval)
    same(ours, split.true_bars(interval))
    assert max(abs(b[4] / a[4] - 1) for a, b in pairwise(ours)) < 0.2  # and no −75 %
    [done] = [
        restatement for restatement in split.restatements(interval) if restatement.kind is RestatementKind.REBASED
    ]
    assert (done.ratio, done.job_id, done.at) == (4.0, job_id, split.at)
    # The first week of minutes that is fetched ends before the split, and so does not bring it.
    said = "divided by 4:" if interval is Interval.M1 else "divided by 4 for the split of 2026-03-10 (4 for 1)"
    assert said in str(done.message)
    assert str(done.message) in [str(event.message) for event in split.said(job_id)]


def test_adjusted_closes_are_the_markets_own_after_the_split(split: Stage) -> None:
    split.collect(Interval.D1)
    true = {action.time: action.value for action in split.truth.actions(SYMBOL)}
    assert {time: value for (_, time), value in split.actions().items()} == pytest.approx(true, rel=1e-6)
    assert true[label(EX_DIVIDEND)] == pytest.approx(0.75)
    adjusted = dict(split.truth.adjusted(SYMBOL))
    ours = {bar[0]: bar[4] for bar in split.bars(Interval.D1, "all")}
    assert ours == pytest.approx({time: adjusted[time] for time in ours}, rel=1e-6)


def test_what_was_paid_on_the_day_is_what_it_was_before(split: Stage) -> None:
    before = {bar[0]: bar for bar in split.bars(Interval.D1, "none")}
    split.collect(Interval.D1)
    after = {bar[0]: bar for bar in split.bars(Interval.D1, "none")}
    for time, bar in before.items():
        assert after[time][1:6] == pytest.approx(bar[1:6], rel=1e-7)


@pytest.mark.parametrize("adjust", ["none", "splits", "all"])
def test_a_series_that_is_not_updated_yet_is_read_on_todays_basis(split: Stage, adjust: str) -> None:
    split.collect(Interval.D1)
    waiting = split.bars(Interval.H1, adjust)
    shown = candles(split.row(Interval.H1).id, adjust=adjust, max_points=10_000)
    assert shown.close == pytest.approx([bar[4] for bar in waiting], rel=1e-7)
    split.collect(Interval.H1)
    updated = {bar[0]: bar for bar in split.bars(Interval.H1, adjust)}
    for bar in waiting:
        assert updated[bar[0]][1:6] == pytest.approx(bar[1:6], rel=1e-6)


@pytest.mark.parametrize("first", [Interval.D1, Interval.H1])
def test_minutes_are_adjusted_alike_whichever_series_is_updated_first(split: Stage, first: Interval) -> None:
    split.collect(first)
    early = {bar[0]: bar[4] for bar in split.bars(Interval.H1, "all")}
    split.collect(Interval.H1 if first is Interval.D1 else Interval.D1)
    late = {bar[0]: bar[4] for bar in split.bars(Interval.H1, "all")}
    assert early == pytest.approx({time: late[time] for time in early}, rel=1e-6)
    assert split.actions()["dividend", label(EX_DIVIDEND)] == pytest.approx(0.75)


def test_a_refresh_of_a_part_rebases_the_rest(split: Stage) -> None:
    split.collect(Interval.D1, refresh=True, start=date(2026, 2, 16))
    same(split.bars(Interval.D1), split.true_bars(Interval.D1))


def test_older_bars_that_are_added_after_the_split_fit_on(split: Stage) -> None:
    split.collect(Interval.D1, start=date(2023, 6, 5))
    ours = split.bars(Interval.D1)
    true = split.truth.bars(SYMBOL, "1d", date(2023, 6, 5), final=True)
    same(ours, [tuple(bar) for bar in true])


def test_another_update_changes_nothing_more(split: Stage) -> None:
    split.collect(Interval.D1)
    ours = split.bars(Interval.D1)
    split.go_to("2026-03-18T22:00:00Z")
    split.collect(Interval.D1)
    again = split.bars(Interval.D1)
    assert again[: len(ours)] == ours
    assert [restatement.kind for restatement in split.restatements(Interval.D1)].count(RestatementKind.REBASED) == 1


def test_minutes_that_the_source_no_longer_has_are_rebased_by_the_split_alone(split: Stage) -> None:
    split.go_to("2026-05-11T22:00:00Z")
    split.collect(Interval.D1)
    job_id = split.collect(Interval.M1, start=date(2026, 4, 20))
    [said] = split.said(job_id)
    assert "the source has none of them any more" in str(said.message)
    true = {bar.start: bar.close for bar in split.truth.bars(SYMBOL, "1m", STARTS[Interval.M1], final=True)}
    ours = {bar[0]: bar[4] for bar in split.bars(Interval.M1)}
    assert min(ours) < label("2026-03-03") < label("2026-05-11") < max(ours)
    assert ours == pytest.approx({time: true[time] for time in ours}, rel=1e-7)
