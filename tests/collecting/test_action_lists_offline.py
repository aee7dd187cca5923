"""Actions of an instrument beyond the span of its bars, from the offline market through the real yfinance."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from tests.market import MarketWorld
from webapp.kernel.bars import DIVIDEND, SPLIT
from webapp.kernel.intervals import Interval

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("symbol", "start", "end", "factor"),
    [
        ("AAPL", dt.date(2013, 12, 2), dt.date(2013, 12, 31), 7 * 4),
        ("NVDA", dt.date(2021, 2, 1), dt.date(2021, 2, 26), 4 * 10),
        ("AAPL", dt.date(2016, 6, 1), dt.date(2016, 6, 30), 4),
    ],
)
def test_a_collection_that_ends_before_a_split_knows_what_was_paid_on_the_day(
    market_world: MarketWorld, symbol: str, start: dt.date, end: dt.date, factor: int
) -> None:
    job = market_world.collect(symbol, start=start, end=end)
    delivered, traded = market_world.closes(job, "splits"), market_world.closes(job, "none")
    assert traded.keys() == delivered.keys()
    assert len(traded) > 15
    assert all(traded[day] == pytest.approx(factor * delivered[day]) for day in traded)


def test_a_dividend_that_is_told_late_is_learnt_by_the_next_update(market_world: MarketWorld) -> None:
    market_world.collect("MSFT", start=dt.date(2023, 1, 2), end=dt.date(2026, 3, 2))
    market_world.yahoo.inject("MSFT", "2024-05-20", "dividend", 4.0)
    market_world.go_to(dt.date(2026, 3, 4))
    job = market_world.collect("MSFT", start=dt.date(2023, 1, 2), end=dt.date(2026, 3, 4))
    assert (DIVIDEND, "2024-05-20") in market_world.actions("MSFT")
    market_closes = market_world.adjusted_closes("MSFT")
    closes = market_world.closes(job, "all")
    assert len(closes) > 700
    assert all(closes[day] == pytest.approx(market_closes[day], rel=1e-6) for day in closes)


def test_what_a_coarse_list_leaves_out_is_found_by_its_adjusted_closes(market_world: MarketWorld) -> None:
    market_world.yahoo.silence("MSFT", "2020-09-28", "2025-09-29", "3mo")
    job = market_world.collect("MSFT", start=dt.date(2019, 1, 2), end=dt.date(2019, 12, 31))
    requests = [interval for symbol, interval in market_world.requests()]
    assert requests == ["1d", "3mo", "1d"]
    paid = {day[:4] for kind, day in market_world.actions("MSFT") if kind == DIVIDEND}
    assert paid >= {str(year) for year in range(2019, 2026)}
    market_closes, closes = market_world.adjusted_closes("MSFT"), market_world.closes(job, "all")
    assert all(closes[day] == pytest.approx(market_closes[day], rel=1e-6) for day in closes)


def test_days_that_have_decided_are_not_asked_again_for_the_same(market_world: MarketWorld) -> None:
    market_world.yahoo.silence("MSFT", "2020-09-28", "2025-09-29", "3mo")
    market_world.collect("MSFT", start=dt.date(2026, 1, 2), end=dt.date(2026, 3, 2))
    for day in (3, 4):
        market_world.go_to(dt.date(2026, 3, day))
        market_world.collect("MSFT", start=dt.date(2026, 1, 2), end=dt.date(2026, 3, day))
    assert [interval for _, interval in market_world.requests()] == ["1d", "3mo", "1d", "1d", "3mo", "1d", "3mo"]


def test_a_split_that_neither_list_nor_bars_showed_at_first_is_learnt_for_all_series(market_world: MarketWorld) -> None:
    hours = market_world.collect("AAPL", Interval.H1, start=dt.date(2026, 2, 2), end=dt.date(2026, 2, 6))
    market_world.yahoo.inject("AAPL", "2026-03-03", "split", "4:1")
    market_world.go_to(dt.date(2026, 3, 3))
    before = market_world.closes(hours, "splits")
    market_world.collect("AAPL", start=dt.date(2026, 2, 2), end=dt.date(2026, 2, 27))
    assert (SPLIT, "2026-03-03") in market_world.actions("AAPL")
    after = market_world.closes(hours, "splits")
    assert all(after[day] == pytest.approx(before[day] / 4) for day in before)
