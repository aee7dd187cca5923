"""Bars of every size against the market's own, added up by the plainest means."""

import datetime as dt

import pytest

from tests.sandbox.tws.conftest import Run
from tests.sandbox.tws.library import ib
from tests.sandbox.tws.talk import Talk
from tests.sandbox.tws.truth import APPLE, BITCOIN, EURO, SIZES, STOCK, by_month, by_week, on_the_clock, shown, utc
from webapp.sandbox.market import Market
from webapp.sandbox.tws.client import TwsClient

NEW_YORK = "America/New_York"
LARGE = [size for size, step in SIZES.items() if step >= 60]
SMALL = [size for size, step in SIZES.items() if 1 < step < 60]


@pytest.mark.parametrize("size", LARGE)
def test_minutes_and_hours_add_up_to_the_market_up_to_now(size: str, run: Run, market: Market) -> None:
    async def use(talk: Talk) -> object:
        return await talk.bars(APPLE, "3 D", size)

    minutes = market.bars("AAPL", "1m", dt.date(2026, 2, 26))
    assert shown(run(use)) == on_the_clock(minutes, size, NEW_YORK)


@pytest.mark.parametrize("size", SMALL)
def test_seconds_add_up_to_the_market(size: str, run: Run, free: TwsClient, market: Market) -> None:
    async def use(talk: Talk) -> object:
        return await talk.bars(APPLE, "3600 S", size, end="20251103-15:00:00")

    seconds = market.bars("AAPL", "1s", utc("2025-11-03T14:00"), utc("2025-11-03T15:00"))
    assert shown(run(use)) == on_the_clock(seconds, size, NEW_YORK)


def test_single_seconds_are_the_markets_own(run: Run, market: Market) -> None:
    async def use(talk: Talk) -> object:
        return await talk.bars(APPLE, "1800 S", "1 secs", end="20260227-15:00:00")

    assert shown(run(use)) == market.bars("AAPL", "1s", utc("2026-02-27T14:30"), utc("2026-02-27T15:00"))


def test_seconds_add_up_to_minutes(run: Run) -> None:
    async def use(talk: Talk) -> object:
        end = {"end": "20260227-15:00:00"}
        return [await talk.bars(APPLE, "1800 S", size, **end) for size in ("5 secs", "1 min")]

    small, large = run(use)
    assert on_the_clock(shown(small), "1 min", NEW_YORK) == shown(large)


def test_an_hour_of_an_opening_at_half_past_ends_on_the_hour(run: Run) -> None:
    async def use(talk: Talk) -> object:
        return await talk.bars(APPLE, "1 D", "1 hour", end="20260227-22:00:00", date_format=1)

    assert [f"{bar.date:%H:%M}" for bar in run(use)] == ["09:30", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00"]


@pytest.mark.parametrize("size", ["30 mins", "1 hour", "4 hours", "8 hours"])
@pytest.mark.parametrize(("end", "monday"), [("20250314-22:00:00", "2025-03-10"), ("20251107-22:00:00", "2025-11-03")])
def test_the_weeks_in_which_american_clocks_change(end: str, monday: str, size: str, run: Run, market: Market) -> None:
    first = dt.date.fromisoformat(monday)

    async def use(talk: Talk) -> object:
        gold = await talk.one(symbol="GC", secType="FUT", exchange="COMEX", includeExpired=True, **_month(end))
        gold.includeExpired = True
        return [await talk.bars(one, "5 D", size, end=end, is_regular=False) for one in (APPLE, gold)]

    apple, gold = run(use)
    days = first, first + dt.timedelta(days=5)
    truth = market.bars("AAPL", "1m", *days, extended=True)
    until = utc(f"{days[1] - dt.timedelta(days=1)}T22:00")
    assert shown(apple) == on_the_clock([bar for bar in truth if bar.start < until], size, NEW_YORK)
    evening = utc(f"{first - dt.timedelta(days=1)}T20:00")
    spread = {"2025-03-10": 1.0, "2025-11-03": 0.0}[monday]
    truth = [
        bar._replace(**{name: round(getattr(bar, name) + spread, 10) for name in ("open", "high", "low", "close")})
        for bar in market.bars("GC=F", "1m", evening, until)
    ]
    assert shown(gold) == on_the_clock(truth, size, NEW_YORK)


def _month(end: str) -> dict[str, str]:
    return {"lastTradeDateOrContractMonth": {"202503": "202504", "202511": "202512"}[end[:6]]}


@pytest.mark.parametrize(("end", "monday"), [("20250404-20:00:00", "2025-03-31"), ("20251031-20:00:00", "2025-10-27")])
def test_the_weeks_in_which_european_clocks_change(end: str, monday: str, run: Run, market: Market) -> None:
    first = dt.date.fromisoformat(monday)

    async def use(talk: Talk) -> object:
        sap = ib.Contract(symbol="SAP", currency="EUR", **STOCK)
        return [await talk.bars(sap, "5 D", size, end=end) for size in ("1 hour", "1 day")]

    hours, days = run(use)
    minutes = market.bars("SAP.DE", "1m", first, first + dt.timedelta(days=5))
    assert shown(hours) == on_the_clock(minutes, "1 hour", "Europe/Berlin")
    assert shown(days) == market.bars("SAP.DE", "1d", first, first + dt.timedelta(days=5))


def test_all_hours_reach_from_four_to_eight_and_regular_ones_do_not(run: Run, market: Market) -> None:
    async def use(talk: Talk) -> object:
        end = {"end": "20260228-02:00:00"}
        return [await talk.bars(APPLE, "1 D", "5 mins", is_regular=regular, **end) for regular in (True, False)]

    regular, all_hours = run(use)
    day = dt.date(2026, 2, 27), dt.date(2026, 2, 28)
    late = utc("2026-02-27T05:00"), utc("2026-02-28T02:00")
    assert shown(regular) == on_the_clock(market.bars("AAPL", "1m", *day), "5 mins", NEW_YORK)
    assert shown(all_hours) == on_the_clock(market.bars("AAPL", "1m", *late, extended=True), "5 mins", NEW_YORK)
    assert [f"{bar.date:%H:%M}" for bar in (all_hours[0], all_hours[-1])] == ["09:00", "00:55"]


def test_days_weeks_and_months_add_up_to_the_market(run: Run, market: Market) -> None:
    async def use(talk: Talk) -> object:
        return [await talk.bars(APPLE, "2 Y", size) for size in ("1 day", "1W", "1 week", "1M", "1 month")]

    days, weeks, same_weeks, months, same_months = map(shown, run(use))
    truth = market.bars("AAPL", "1d", days[0].start)
    assert days == truth
    assert weeks == same_weeks == by_week(truth)
    assert months == same_months == by_month(truth)


def test_minutes_add_up_to_the_day(run: Run) -> None:
    async def use(talk: Talk) -> object:
        return [await talk.bars(APPLE, "2 D", size) for size in ("1 min", "1 day")]

    minutes, days = map(shown, run(use))
    total = sum(bar.volume for bar in minutes)
    assert total == sum(bar.volume for bar in days)
    assert (minutes[0].open, minutes[-1].close) == (days[0].open, days[-1].close)
    assert max(bar.high for bar in minutes) == max(bar.high for bar in days)


def test_coins_trade_around_the_clock(run: Run, market: Market) -> None:
    async def use(talk: Talk) -> object:
        return await talk.bars(BITCOIN, "2 D", "4 hours", end="20260301-00:00:00", what="AGGTRADES")

    minutes = market.bars("BTC-USD", "1m", dt.date(2026, 2, 27), dt.date(2026, 3, 1))
    assert shown(run(use)) == on_the_clock(minutes, "4 hours", "UTC")


def test_currencies_have_a_middle_and_no_volume(run: Run, market: Market) -> None:
    async def use(talk: Talk) -> object:
        return await talk.bars(EURO, "2 D", "1 hour", end="20260228-00:00:00", what="MIDPOINT", is_regular=False)

    answer = run(use)
    minutes = market.bars("EURUSD=X", "1m", dt.date(2026, 2, 26), dt.date(2026, 2, 28))
    expected = on_the_clock(minutes, "1 hour", "Europe/London")
    assert [bar._replace(volume=0) for bar in shown(answer)] == expected
    assert {(bar.volume, bar.average, bar.barCount) for bar in answer} == {(-1, -1, -1)}
