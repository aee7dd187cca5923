"""Actions that the offline market takes back, and prices that none explains, through the real yfinance."""

import datetime as dt

import pytest

from tests.market import MarketWorld
from webapp.catalogue import deletion
from webapp.database.transactions import reading
from webapp.jobs import queries_events
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.bars import DIVIDEND, SPLIT
from webapp.kernel.intervals import Interval
from webapp.restating.rules_withdrawal import CONTRADICTED, SECOND_SILENCE, STILL_CONTAINED
from webapp.series import queries_action_findings, queries_actions, queries_series
from webapp.series.queries_action_findings import FindingRow
from webapp.series.queries_actions import RecordedAction

SYMBOL = "MSFT"
STARTS = dt.date(2025, 6, 2)
SPLIT_DAY, DIVIDEND_DAY = "2026-03-03", "2026-03-04"


def day_of(time: int) -> str:
    return f"{dt.datetime.fromtimestamp(time, dt.UTC):%Y-%m-%d}"


def update(market: MarketWorld, day: dt.date, interval: Interval = Interval.D1) -> JobRow:
    market.go_to(day)
    return market.collect(SYMBOL, interval, start=STARTS, end=day)


def records(job: JobRow) -> dict[tuple[str, str], RecordedAction]:
    with reading() as connection:
        row = queries_series.get(connection, job.series_id)
        assert row
        recorded = queries_actions.read_record(connection, row.instrument_id)
    return {(record.action.kind, day_of(record.action.time)): record for record in recorded}


def findings(job: JobRow) -> list[FindingRow]:
    with reading() as connection:
        row = queries_series.get(connection, job.series_id)
        assert row
        return queries_action_findings.of_instrument(connection, row.instrument_id)


def said(job: JobRow) -> list[str]:
    with reading() as connection:
        return [str(event.message) for event in queries_events.read(connection, job.id) if event.kind == "actions"]


def split_and_pay(market: MarketWorld) -> None:
    """Bring about what Yahoo told of XOM and took back later: a split 2:1 and a dividend."""
    market.yahoo.inject(SYMBOL, SPLIT_DAY, "split", "2:1")
    market.yahoo.inject(SYMBOL, DIVIDEND_DAY, "dividend", 3.0)


def is_the_market_s_own(market: MarketWorld, job: JobRow, traded: dict[str, float]) -> bool:
    """Tell whether all adjustments are what they are on a market on which nothing ever happened."""
    adjusted = market.adjusted_closes(SYMBOL)
    everything = market.closes(job, "all")
    as_traded, delivered = market.closes(job, "none"), market.closes(job, "splits")
    return (
        all(everything[day] == pytest.approx(adjusted[day], rel=1e-6) for day in everything)
        and all(as_traded[day] == pytest.approx(traded[day], rel=1e-6) for day in traded)
        and all(delivered[day] == pytest.approx(traded[day], rel=1e-6) for day in traded)
    )


@pytest.mark.parametrize("day", [dt.date(2026, 3, 6), dt.date(2026, 4, 14)], ids=["in the overlap", "long after"])
def test_a_split_and_a_dividend_that_are_taken_back_count_no_more(market_world: MarketWorld, day: dt.date) -> None:
    traded = market_world.closes(update(market_world, dt.date(2026, 3, 2)), "none")
    split_and_pay(market_world)
    job = update(market_world, dt.date(2026, 3, 5))
    assert {(SPLIT, SPLIT_DAY), (DIVIDEND, DIVIDEND_DAY)} <= market_world.actions(SYMBOL)
    assert market_world.closes(job, "splits")["2026-03-02"] == pytest.approx(traded["2026-03-02"] / 2)
    assert market_world.closes(job, "none")["2026-03-02"] == pytest.approx(traded["2026-03-02"])
    if day > dt.date(2026, 4, 1):
        update(market_world, dt.date(2026, 4, 13))
    market_world.yahoo.take_back(SYMBOL)
    job = update(market_world, day)
    assert {(SPLIT, SPLIT_DAY), (DIVIDEND, DIVIDEND_DAY)}.isdisjoint(market_world.actions(SYMBOL))
    assert is_the_market_s_own(market_world, job, traded)
    record = records(job)[DIVIDEND, DIVIDEND_DAY]
    assert (record.action.value, record.reason, record.withdrawn_at) == (3.0, CONTRADICTED, market_world.clock.at)
    assert records(job)[SPLIT, SPLIT_DAY].reason == CONTRADICTED
    assert f"The dividend or split of {SPLIT_DAY} was withdrawn: the source took it back." in said(job)
    assert findings(job) == []


def test_what_was_taken_back_is_withdrawn_although_the_series_was_deleted_meanwhile(market_world: MarketWorld) -> None:
    traded = market_world.closes(update(market_world, dt.date(2026, 3, 2)), "none")
    split_and_pay(market_world)
    job = update(market_world, dt.date(2026, 3, 5))
    market_world.yahoo.take_back(SYMBOL)
    deletion.delete(market_world.world.context, job.series_id)
    job = update(market_world, dt.date(2026, 3, 6))
    split = records(job)[SPLIT, SPLIT_DAY]
    assert (split.no_longer_told_at, split.withdrawn_at) == (market_world.clock.at, None)
    assert records(job)[DIVIDEND, DIVIDEND_DAY].reason == CONTRADICTED
    assert f"The source no longer tells the dividend or split of {SPLIT_DAY}." in said(job)
    job = update(market_world, dt.date(2026, 3, 9))
    assert records(job)[SPLIT, SPLIT_DAY].reason == SECOND_SILENCE
    assert is_the_market_s_own(market_world, job, traded)


def test_what_is_told_again_counts_again(market_world: MarketWorld) -> None:
    update(market_world, dt.date(2026, 3, 2))
    split_and_pay(market_world)
    update(market_world, dt.date(2026, 3, 5))
    market_world.yahoo.take_back(SYMBOL)
    update(market_world, dt.date(2026, 3, 6))
    split_and_pay(market_world)
    job = update(market_world, dt.date(2026, 3, 9))
    assert {(SPLIT, SPLIT_DAY), (DIVIDEND, DIVIDEND_DAY)} <= market_world.actions(SYMBOL)
    adjusted = market_world.adjusted_closes(SYMBOL)
    assert all(
        close == pytest.approx(adjusted[day], rel=1e-6) for day, close in market_world.closes(job, "all").items()
    )
    assert f"The source tells the dividend or split of {DIVIDEND_DAY} again." in said(job)


def test_what_the_adjusted_prices_still_contain_is_never_withdrawn(market_world: MarketWorld) -> None:
    update(market_world, dt.date(2026, 3, 2))
    market_world.yahoo.inject(SYMBOL, DIVIDEND_DAY, "dividend", 3.0)
    update(market_world, dt.date(2026, 3, 5))
    market_world.yahoo.silence(SYMBOL, DIVIDEND_DAY, DIVIDEND_DAY)
    for day in (6, 9, 10, 11):
        job = update(market_world, dt.date(2026, 3, day))
    record = records(job)[DIVIDEND, DIVIDEND_DAY]
    assert (record.withdrawn_at, record.reason) == (None, STILL_CONTAINED)
    assert record.no_longer_told_at is not None
    assert (DIVIDEND, DIVIDEND_DAY) in market_world.actions(SYMBOL)
    asked = [interval for _, interval in market_world.requests()]
    assert asked.count("3mo") == 6
    assert len(asked) <= 2 * 6 + 1


def test_adjusted_prices_that_neither_list_nor_days_explain_are_listed_until_they_are_explained(
    market_world: MarketWorld,
) -> None:
    market_world.yahoo.inject(SYMBOL, "2025-09-08", "dividend", 5.0)
    market_world.yahoo.silence(SYMBOL, "2025-09-08", "2025-09-08")
    job = update(market_world, dt.date(2026, 3, 2))
    [finding] = findings(job)
    ours, theirs = market_world.closes(job, "all"), market_world.adjusted_closes(SYMBOL)
    assert (day_of(finding.span.start), day_of(finding.span.end)) == ("2025-09-05", "2025-09-08")
    assert finding.size == pytest.approx(theirs["2025-09-05"] / ours["2025-09-05"] - 1, rel=1e-6)
    assert ours["2025-09-08"] == pytest.approx(theirs["2025-09-08"])
    market_world.yahoo.clear()
    market_world.yahoo.inject(SYMBOL, "2025-09-08", "dividend", 5.0)
    job = update(market_world, dt.date(2026, 3, 3))
    assert findings(job) == []
    ours, theirs = market_world.closes(job, "all"), market_world.adjusted_closes(SYMBOL)
    assert all(ours[day] == pytest.approx(theirs[day], rel=1e-6) for day in ours)
