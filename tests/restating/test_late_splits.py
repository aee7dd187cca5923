"""A source that brings its history to a split's basis late: waited for, flagged at the seam, however long it takes."""

import datetime as dt
from dataclasses import dataclass, field, replace

import pytest

from tests.world import World, good
from webapp.database.transactions import reading
from webapp.flagging import queries_flags
from webapp.flagging.queries_flags import FlagFilter, FlagRow
from webapp.flagging.rules_suspicion import SuspicionRule
from webapp.kernel.bars import Action, Bar
from webapp.kernel.flag_states import FlagState
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.job_states import JobState
from webapp.kernel.spans import Span
from webapp.reading.bars import open_bars
from webapp.restating import queries_restatements
from webapp.restating.queries_restatements import RestatementRow
from webapp.series import queries_actions, queries_series, queries_split_waits
from webapp.sources.base import Answer, ChunkRequest

from .changing import on


def day(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())


FIRST, EX_DATE = dt.date(2024, 1, 1), day("2024-03-11")
SPLIT = Action("split", EX_DATE, 4.0)


@dataclass
class LateSource:
    """A source that trades in quarters from the ex-date on, and divides what is before at ``moved_at``, or never."""

    world: World
    split: Action = SPLIT
    moved_at: dt.datetime | None = None
    actions: list[Action] = field(default_factory=list)
    """Dividends as they were paid on their day."""

    @property
    def has_moved(self) -> bool:
        return self.moved_at is not None and self.world.clock() >= self.moved_at

    def answer(self, request: ChunkRequest) -> Answer:
        full = good(request, self.world.clock())
        told = [self.split, *map(self._payout, self.actions)] if self.is_told else list(map(self._payout, self.actions))
        inside = [action for action in told if request.span.start <= action.time < request.span.end]
        return replace(full, bars=[self.deliver(bar) for bar in full.bars], actions=inside)

    @property
    def is_told(self) -> bool:
        return self.world.clock().timestamp() >= EX_DATE

    def deliver(self, bar: Bar) -> Bar:
        """The bar that the source has now: new from the ex-date on, and before it as well once the source has moved."""
        return on(bar, self.split.value) if bar[0] >= EX_DATE or self.has_moved else on(bar, 1.0)

    def _payout(self, action: Action) -> Action:
        return replace(action, value=action.value / self.split.value) if self.has_moved else action


@dataclass
class Stage:
    """A late source with what was collected of it."""

    world: World
    source: LateSource

    def at(self, text: str) -> None:
        self.world.clock.at = dt.datetime.fromisoformat(text).replace(hour=23, tzinfo=dt.UTC)

    def collect(self, interval: Interval = Interval.D1, start: dt.date = FIRST) -> int:
        self.world.source.replies = [self.source.answer] * 50
        [job_id] = self.world.submit(interval=interval, start=start)
        job = self.world.work(job_id)
        assert job.state is JobState.SUCCEEDED, str(job.message)
        return job.series_id

    def closes(self, series_id: int, adjust: str = "splits") -> list[float]:
        stored = open_bars(series_id, adjust)
        return [bar[4] for page in stored.pages(10_000) for bar in stored.factors.apply(page)]

    def honest(self, series_id: int, adjust: str = "splits") -> list[float]:
        """What they would be of a source that moved in time; without payouts."""
        stored = open_bars(series_id, "none")
        times = [bar[0] for page in stored.pages(10_000) for bar in page]
        full = {bar[0]: bar[4] for bar in good(ChunkRequest("AAPL", stored.interval, span_of(times)), None).bars}
        value = self.source.split.value
        is_traded = adjust == "none"
        return [full[time] if is_traded and time < EX_DATE else full[time] / value for time in times]

    def waits(self, series_id: int) -> list[Action]:
        with reading() as connection:
            return [wait.split for wait in queries_split_waits.read(connection, series_id)]

    def flags(self, series_id: int) -> list[FlagRow]:
        with reading() as connection:
            return [listed.flag for listed in queries_flags.page(connection, FlagFilter(series_id=series_id), limit=50)]

    def restated(self, series_id: int) -> list[RestatementRow]:
        with reading() as connection:
            return queries_restatements.page(connection, series_id)

    def check_honest(self, series_id: int) -> None:
        for adjust in ("none", "splits"):
            assert self.closes(series_id, adjust) == pytest.approx(self.honest(series_id, adjust))


def span_of(times: list[int]) -> Span:
    return Span(times[0], times[-1] + 1)


@pytest.fixture
def stage(world: World) -> Stage:
    return Stage(world, LateSource(world))


def update_daily(stage: Stage, first: str, last: str, *, every: int = 1) -> int:
    """Update every day, or every few, from the first to the last, both inside."""
    current, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    series_id = 0
    while current <= end:
        stage.at(current.isoformat())
        series_id = stage.collect()
        current += dt.timedelta(days=every)
    return series_id


def test_the_seam_is_flagged_and_the_series_waits_from_the_ex_date_on(stage: Stage) -> None:
    series_id = update_daily(stage, "2024-03-08", "2024-03-12")
    assert stage.waits(series_id) == [SPLIT]
    [flag] = stage.flags(series_id)
    assert (flag.time, flag.rules, flag.state) == (EX_DATE, (SuspicionRule.SPLIT_SEAM,), FlagState.OPEN)
    stage.check_honest(series_id)  # what is read is on today's basis meanwhile


@pytest.mark.parametrize("moved", ["2024-03-12", "2024-03-14", "2024-03-18", "2024-04-01", "2024-06-03"])
def test_a_history_that_moves_late_is_followed_however_long_it_takes(stage: Stage, moved: str) -> None:
    stage.source.moved_at = dt.datetime.fromisoformat(moved).replace(tzinfo=dt.UTC)
    last = dt.date.fromisoformat(moved) + dt.timedelta(days=2)
    series_id = update_daily(stage, "2024-03-08", last.isoformat(), every=1 if moved < "2024-05" else 11)
    assert stage.waits(series_id) == []
    assert [flag.state for flag in stage.flags(series_id)] == [FlagState.SETTLED]
    [restated] = [row for row in stage.restated(series_id) if row.ratio]
    assert (restated.ratio, restated.end) == (4.0, EX_DATE - DAY)
    stage.check_honest(series_id)
    assert stage.closes(series_id) == pytest.approx(stage.honest(series_id))


def test_a_source_that_never_moves_stays_flagged_and_is_asked_once_an_update(stage: Stage) -> None:
    series_id = update_daily(stage, "2024-03-08", "2024-04-20", every=3)
    stage.at("2024-04-21")
    stage.world.source.asked.clear()
    stage.collect()
    assert len(stage.world.source.asked) == 2
    assert [flag.state for flag in stage.flags(series_id)] == [FlagState.OPEN]
    stage.check_honest(series_id)


def test_a_source_that_says_now_this_and_now_that_is_asked_at_the_next_update(stage: Stage) -> None:
    series_id = update_daily(stage, "2024-03-08", "2024-03-20")
    stage.at("2024-03-21")
    before = stage.source.answer

    def moved_alone(request: ChunkRequest) -> Answer:
        full = before(request)
        return replace(full, bars=[on(bar, 4.0) for bar in good(request, stage.world.clock()).bars])

    stage.world.source.replies = [before, moved_alone, before, before]
    [job_id] = stage.world.submit(start=FIRST)
    assert stage.world.work(job_id).state is JobState.SUCCEEDED
    assert stage.waits(series_id) == [SPLIT]
    stage.check_honest(series_id)


def test_a_first_collection_of_a_late_source_waits_too(stage: Stage) -> None:
    stage.at("2024-03-20")
    series_id = stage.collect()
    assert stage.waits(series_id) == [SPLIT]
    assert [flag.rules for flag in stage.flags(series_id)] == [(SuspicionRule.SPLIT_SEAM,)]
    stage.check_honest(series_id)
    stage.source.moved_at = dt.datetime(2024, 3, 25, tzinfo=dt.UTC)
    update_daily(stage, "2024-03-25", "2024-03-26")
    assert stage.waits(series_id) == []
    stage.check_honest(series_id)


def test_a_source_that_is_in_time_is_never_waited_for(stage: Stage) -> None:
    stage.source.moved_at = dt.datetime(2024, 3, 11, tzinfo=dt.UTC)
    series_id = update_daily(stage, "2024-03-08", "2024-03-20")
    assert (stage.waits(series_id), stage.flags(series_id)) == ([], [])
    stage.check_honest(series_id)


def test_a_series_waits_from_the_ex_date_on_before_there_is_a_bar_of_it(stage: Stage) -> None:
    series_id = update_daily(stage, "2024-03-08", "2024-03-10")
    stage.world.clock.at = dt.datetime(2024, 3, 11, 14, tzinfo=dt.UTC)  # it trades, and no bar is over
    stage.world.source.replies = [stage.source.answer] * 9
    [job_id] = stage.world.submit(start=dt.date(2024, 3, 4), end=dt.date(2024, 3, 10), refresh=True)
    stage.world.source.replies = [lambda request: replace(stage.source.answer(request), actions=[SPLIT])] * 9
    assert stage.world.work(job_id).state is JobState.SUCCEEDED
    assert (stage.waits(series_id), stage.flags(series_id)) == ([SPLIT], [])
    stage.check_honest(series_id)
    update_daily(stage, "2024-03-11", "2024-03-12")
    assert [flag.rules for flag in stage.flags(series_id)] == [(SuspicionRule.SPLIT_SEAM,)]
    stage.source.moved_at = dt.datetime(2024, 3, 30, tzinfo=dt.UTC)
    update_daily(stage, "2024-03-30", "2024-03-31")
    assert stage.waits(series_id) == []
    stage.check_honest(series_id)


def test_a_split_that_no_price_knows_of_is_not_waited_for(stage: Stage) -> None:
    stage.at("2024-03-08")
    series_id = stage.collect()
    for text in ("2024-03-12", "2024-03-13"):
        stage.at(text)
        stage.world.source.replies = [lambda request: replace(good(request, stage.world.clock()), actions=[SPLIT])] * 9
        [job_id] = stage.world.submit(start=FIRST)
        assert stage.world.work(job_id).state is JobState.SUCCEEDED
    assert (stage.waits(series_id), stage.flags(series_id)) == ([], [])


def test_an_older_part_that_is_collected_while_it_waits_fits_on(stage: Stage) -> None:
    stage.at("2024-03-08")
    series_id = stage.collect(start=dt.date(2024, 2, 1))
    stage.at("2024-03-15")
    stage.collect(start=dt.date(2024, 2, 1))
    stage.collect(start=FIRST)
    assert stage.waits(series_id) == [SPLIT]
    stage.check_honest(series_id)
    stage.source.moved_at = dt.datetime(2024, 3, 25, tzinfo=dt.UTC)
    stage.at("2024-03-25")
    stage.collect(start=dt.date(2023, 12, 1))
    stage.check_honest(series_id)


def test_weeks_that_hold_the_ex_date_are_right_in_the_end(stage: Stage) -> None:
    stage.source.split = replace(SPLIT, time=day("2024-03-13"))
    stage.at("2024-03-08")
    series_id = stage.collect(Interval.W1)
    stage.at("2024-04-30")
    stage.collect(Interval.W1)
    stage.source.moved_at = dt.datetime(2024, 5, 10, tzinfo=dt.UTC)
    for text in ("2024-05-14", "2024-05-21"):
        stage.at(text)
        stage.collect(Interval.W1)
    assert stage.waits(series_id) == []


@pytest.mark.parametrize("ratio", [0.1, 1.05, 1.5, 20.0])
def test_any_ratio_is_waited_for(stage: Stage, ratio: float) -> None:
    stage.source.split = replace(SPLIT, value=ratio)
    stage.source.moved_at = dt.datetime(2024, 3, 16, tzinfo=dt.UTC)
    series_id = update_daily(stage, "2024-03-08", "2024-03-15")
    stage.check_honest(series_id)
    assert stage.waits(series_id) == [stage.source.split]
    update_daily(stage, "2024-03-16", "2024-03-17")
    assert stage.waits(series_id) == []
    stage.check_honest(series_id)


def test_a_split_that_is_taken_back_on_the_new_side_ends_it_too(stage: Stage) -> None:
    series_id = update_daily(stage, "2024-03-08", "2024-03-20")

    def as_if_nothing_had_been(request: ChunkRequest) -> Answer:
        return good(request, stage.world.clock())

    stage.at("2024-03-21")
    stage.world.source.replies = [as_if_nothing_had_been] * 9
    [job_id] = stage.world.submit(start=FIRST)
    assert stage.world.work(job_id).state is JobState.SUCCEEDED
    assert stage.waits(series_id) == []
    with reading() as connection:
        row = queries_series.get(connection, series_id)
        assert row
        assert queries_actions.read(connection, row.instrument_id) == [SPLIT]


def test_dividends_stand_on_the_basis_of_the_bars_before_and_after_it(stage: Stage) -> None:
    paid = Action("dividend", day("2024-02-15"), 40.0)
    stage.source.actions = [paid]
    series_id = update_daily(stage, "2024-03-08", "2024-03-20")
    before = stage.closes(series_id, "all")
    stage.source.moved_at = dt.datetime(2024, 3, 21, tzinfo=dt.UTC)
    update_daily(stage, "2024-03-21", "2024-03-22")
    after = stage.closes(series_id, "all")
    assert after[: len(before)] == pytest.approx(before)
    with reading() as connection:
        actions = queries_actions.read(connection, 1)
    assert [action.value for action in actions if action.kind == "dividend"] == [pytest.approx(10.0)]
    index = (paid.time - day("2024-01-01")) // DAY
    plain = stage.closes(series_id)
    assert after[index - 1] == pytest.approx(plain[index - 1] - 10.0)
