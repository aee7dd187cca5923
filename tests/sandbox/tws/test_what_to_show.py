"""Quotes, adjusted trades, volatility, futures, options, schedules; what cannot be shown of a contract."""

import datetime as dt

import pytest

from tests.sandbox.tws.conftest import Run
from tests.sandbox.tws.library import ib
from tests.sandbox.tws.talk import Talk
from tests.sandbox.tws.truth import APPLE, BITCOIN, EURO, INDEX, moved, on_the_clock, prices, shown
from webapp.sandbox.market import Market
from webapp.sandbox.tws.client import TwsClient

NEW_YORK = "America/New_York"
FRIDAY = "20260228-02:00:00"
FRIDAY_SPAN = dt.date(2026, 2, 27), dt.date(2026, 2, 28)
GOLD = {"symbol": "GC", "exchange": "COMEX", "currency": "USD"}


@pytest.mark.parametrize(
    ("what", "low", "high"),
    [("MIDPOINT", 0.0, 0.0), ("BID", -0.01, -0.01), ("ASK", 0.01, 0.01), ("BID_ASK", -0.01, 0.01)],
)
def test_quotes_lie_a_tick_from_the_trades_and_have_no_volume(
    what: str, low: float, high: float, run: Run, market: Market
) -> None:
    async def use(talk: Talk) -> object:
        return await talk.bars(APPLE, "1 D", "15 mins", end=FRIDAY, what=what)

    answer = run(use)
    trades = on_the_clock(market.bars("AAPL", "1m", *FRIDAY_SPAN), "15 mins", NEW_YORK)
    assert prices(answer) == moved(trades, low, high)
    assert {(bar.volume, bar.average, bar.barCount) for bar in answer} == {(-1, -1, -1)}


def test_adjusted_trades_are_the_markets(run: Run, market: Market) -> None:
    async def use(talk: Talk) -> object:
        return await talk.bars(APPLE, "10 Y", what="ADJUSTED_LAST")

    closes = [(bar.start, bar.close) for bar in shown(run(use))]
    truth = [(start, close) for start, close in market.adjusted("AAPL") if start >= closes[0][0]]
    assert [start for start, _ in closes] == [start for start, _ in truth]
    assert [close for _, close in closes] == pytest.approx([close for _, close in truth], abs=1e-8)
    assert closes[0][1] < market.bars("AAPL", "1d", closes[0][0])[0].close


def test_average_price_and_count_fit_the_bars(run: Run) -> None:
    async def use(talk: Talk) -> object:
        return [await talk.bars(APPLE, "1 D", size, end=FRIDAY) for size in ("1 min", "1 hour", "1 day")]

    minutes, hours, days = run(use)
    for bar in (*minutes, *hours, *days):
        assert bar.low <= bar.average <= bar.high
        assert 0 < bar.barCount <= bar.volume
    totals = {sum(bar.barCount for bar in bars) for bars in (minutes, hours, days)}
    assert len(totals) == 1
    traded = [sum(bar.average * bar.volume for bar in bars) / days[0].volume for bars in (minutes, hours)]
    assert traded[0] == pytest.approx(traded[1], abs=1e-4)


@pytest.mark.parametrize("what", ["HISTORICAL_VOLATILITY", "OPTION_IMPLIED_VOLATILITY"])
@pytest.mark.parametrize("contract", [APPLE, INDEX])
def test_volatility_is_a_fraction(what: str, contract: object, run: Run) -> None:
    async def use(talk: Talk) -> object:
        return await talk.bars(contract, "1 M", what=what)

    assert all(0 < bar.low <= bar.open <= bar.high < 1 for bar in run(use))


def test_a_future_has_a_basis_of_its_own_until_it_expires(run: Run, market: Market) -> None:
    async def use(talk: Talk) -> object:
        june, december = [
            ib.Contract(secType="FUT", includeExpired=True, lastTradeDateOrContractMonth=month, **GOLD)
            for month in ("202606", "202512")
        ]
        return await talk.bars(june, "5 D"), await talk.bars(december, "1 M", end="20260110-00:00:00")

    june, december = run(use)
    gold = market.bars("GC=F", "1d", dt.date(2026, 2, 24))
    assert prices(june) == moved(gold, 6 * 0.25)
    truth = market.bars("GC=F", "1d", dt.date(2025, 12, 1), dt.date(2025, 12, 20))
    assert prices(december) == moved(truth, 0)[-len(december) :]
    assert december[-1].date == dt.date(2025, 12, 19)


def test_a_continuous_future_is_each_days_front_month(run: Run, market: Market) -> None:
    """It passes on at the Monday of the week in which the third Friday ends a month; the basis tells which it is."""

    async def use(talk: Talk) -> object:
        gold = ib.Contract(secType="CONTFUT", **GOLD)
        return await talk.bars(gold, "1 Y"), await talk.bars(gold, "15 D", "1 hour")

    days, hours = run(use)
    trades = market.bars("GC=F", "1d", int(dt.datetime(2025, 1, 1, tzinfo=dt.UTC).timestamp()))
    plain: dict[float, float] = {bar.start: bar.close for bar in trades}
    basis = {bar.date: round(bar.close - plain[start], 6) for bar, (start, *_) in zip(days, prices(days), strict=True)}
    assert (basis[dt.date(2025, 12, 12)], basis[dt.date(2025, 12, 15)]) == (0.0, 2 * 0.25)
    assert (basis[dt.date(2026, 2, 13)], basis[dt.date(2026, 2, 17)]) == (2 * 0.25, 4 * 0.25)
    last = [day for day in days if day.date >= dt.date(2026, 2, 11)]
    for day in last:
        evening = dt.datetime.combine(day.date, dt.time(), dt.UTC) - dt.timedelta(hours=2)
        own = [bar for bar in hours if evening <= bar.date < evening + dt.timedelta(days=1)]
        if day.date != last[0].date:
            assert (day.open, day.close) == (own[0].open, own[-1].close)
            assert (day.high, day.low) == (max(bar.high for bar in own), min(bar.low for bar in own))


@pytest.mark.parametrize("right", ["C", "P"])
def test_an_option_is_worth_what_it_would_be_at_once(right: str, run: Run, market: Market) -> None:
    async def use(talk: Talk) -> object:
        option = {"symbol": "AAPL", "secType": "OPT", "exchange": "SMART", "right": right}
        found = await talk.details(**option, lastTradeDateOrContractMonth="202603")
        contract = sorted((one.contract for one in found), key=lambda one: one.strike)[2]
        hours = await talk.bars(contract, "1 D", "1 hour", end=FRIDAY, is_regular=False)
        return contract.strike, hours, await talk.bars(contract, "1 D", end=FRIDAY)

    strike, hours, (day,) = run(use)
    sign = 1 if right == "C" else -1
    trades = on_the_clock(market.bars("AAPL", "1m", *FRIDAY_SPAN), "1 hour", NEW_YORK)
    worth = [round(max(sign * (bar.close - strike), 0) + 0.05, 10) for bar in trades]
    assert [bar.close for bar in hours] == worth
    assert all(bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high for bar in hours)
    assert sum(bar.volume for bar in hours) == day.volume
    assert (max(bar.high for bar in hours), min(bar.low for bar in hours)) == (day.high, day.low)


def test_a_schedule_tells_the_sessions(run: Run) -> None:
    async def use(talk: Talk) -> object:
        return await talk.ib.reqHistoricalScheduleAsync(APPLE, 3, FRIDAY)

    schedule = run(use)
    assert schedule.timeZone == "US/Eastern"
    assert [(one.startDateTime, one.endDateTime, one.refDate) for one in schedule.sessions] == [
        (f"{day}-09:30:00", f"{day}-16:00:00", day) for day in ("20260225", "20260226", "20260227")
    ]


@pytest.mark.parametrize(
    ("contract", "what", "usual"),
    [
        (EURO, "TRADES", "MIDPOINT"),
        (BITCOIN, "TRADES", "AGGTRADES"),
        (INDEX, "BID", "TRADES"),
        (APPLE, "AGGTRADES", "TRADES"),
    ],
)
def test_what_cannot_be_shown(contract: object, what: str, usual: str, run: Run) -> None:
    async def use(talk: Talk) -> object:
        return await talk.refusal(talk.bars(contract, what=what))

    assert run(use) == (10299, f"Expected what to show is {usual}, please use that instead of {what}.")


def test_a_schedule_has_days_only_and_what_nobody_knows_is_refused(run: Run, free: TwsClient) -> None:
    async def use(talk: Talk) -> object:
        return [
            await talk.refusal(talk.bars(APPLE, "1 D", "1 hour", what="SCHEDULE")),
            await talk.refusal(talk.bars(APPLE, what="GOSSIP")),
        ]

    (schedule, _), (code, text) = run(use)
    assert schedule == 10295
    assert (code, text.partition("cause - ")[2]) == (321, "What to show field is missing or incorrect.")
