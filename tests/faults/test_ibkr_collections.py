"""Collections from Interactive Brokers with the whole product: real worker, clock and client library, offline TWS.

The bars are compared with the market's, which the offline TWS serves in its own way.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from itertools import groupby

import pytest

from tests.faults.story import check
from tests.plant import Plant, succeeded
from webapp.kernel.bars import Bar
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.job_states import ErrorKind, JobState
from webapp.sandbox.columns import Bar as MarketBar
from webapp.sandbox.market import Market as TrueMarket

MakePlant = Callable[..., Plant]
QUICK = {
    "IB_PACING_WINDOW_SECONDS": "6",
    "IB_PACING_IDENTICAL_SECONDS": "0.5",
    "IB_PACING_BURST_SECONDS": "0.2",
    "IB_SOFT_REQUESTS_PER_SECOND": "20",
}
RULES = {"window_seconds": 6.0, "identical_seconds": 0.5, "burst_seconds": 0.2}


@pytest.fixture
def ibkr(make_plant: MakePlant) -> Iterator[Plant]:
    """A plant whose pacing windows are a hundred times shorter, at the TWS and with us."""
    plant = make_plant(**QUICK)
    plant.market.tws.set(pacing=RULES)
    yield plant
    assert plant.market.tws.orders() == []


def weekday_before(days: int) -> dt.date:
    """A Wednesday at least so many days ago."""
    day = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=days)
    return day - dt.timedelta(days=(day.weekday() - 2) % 7)


def prices(bars: list[Bar]) -> list[tuple[float, ...]]:
    return [bar[:6] for bar in bars]


def truth(symbol: str, interval: str, bars: list[Bar]) -> list[tuple[float, ...]]:
    return [tuple(bar) for bar in TrueMarket().bars(symbol, interval, bars[0][0], bars[-1][0] + 1)]


def test_days_minutes_and_seconds_of_a_share_are_the_markets(ibkr: Plant) -> None:
    ibkr.worker(), ibkr.clock()
    day = weekday_before(7)
    ids = [
        *ibkr.submit("AAPL", source="ibkr", interval=Interval.D1, period="1y"),
        *ibkr.submit("AAPL", source="ibkr", interval=Interval.M1, period="1mo"),
        *ibkr.submit("AAPL", source="ibkr", interval=Interval.S5, start=day, end=day),
    ]
    jobs = ibkr.wait(*ids)
    assert succeeded(jobs), [str(job.message) for job in jobs]
    for job, least in zip(jobs, (245, 7000, 4680), strict=True):
        bars = ibkr.bars(job.id)
        assert len(bars) >= least
        assert prices(bars) == truth("AAPL", job.interval.value, bars)
    assert ibkr.market.tws.violations() == []
    history = ibkr.market.tws.log(kind="history")
    assert len([one for one in history if one["size"] == "5 secs"]) == 7, "nights are not asked for"
    check(ibkr)


@pytest.mark.parametrize("style", ["operator", "instrument", "utc", "old"])
def test_however_a_tws_writes_its_dates_the_bars_are_the_markets(ibkr: Plant, style: str) -> None:
    ibkr.market.tws.set(date_style=style)
    ibkr.worker(), ibkr.clock()
    [london] = ibkr.submit("OCDO", source="ibkr", options={"currency": "GBP"}, interval=Interval.H1, period="1y")
    [york] = ibkr.submit("MSFT", source="ibkr", interval=Interval.M30, period="1y")
    jobs = ibkr.wait(london, york)
    assert succeeded(jobs), [str(job.message) for job in jobs]
    for job, symbol in zip(jobs, ("OCDO.L", "MSFT"), strict=True):
        bars = ibkr.bars(job.id)
        minutes = TrueMarket().bars(symbol, "1m", bars[0][0], bars[-1][0] + job.interval.seconds)
        assert prices(bars) == merged(minutes, job.interval.seconds)


def merged(minutes: list[MarketBar], step: int) -> list[tuple[float, ...]]:
    """Minutes added up on the clock: these zones are whole hours away from UTC, so that its hours are theirs."""
    groups = [list(group) for _, group in groupby(minutes, lambda bar: bar.start // step)]
    return [
        (
            group[0].start,
            group[0].open,
            max(bar.high for bar in group),
            min(bar.low for bar in group),
            group[-1].close,
            float(sum(bar.volume for bar in group)),
        )
        for group in groups
    ]


def test_a_pair_of_currencies_and_a_future_with_its_continuous_series(ibkr: Plant) -> None:
    ibkr.worker(), ibkr.clock()
    [pair] = ibkr.submit("EUR.USD", source="ibkr", options={"sec_type": "CASH"}, interval=Interval.M5, period="1wk")
    [series] = ibkr.submit("ES", source="ibkr", options={"sec_type": "CONTFUT"}, period="6mo")
    month = dt.datetime.now(dt.UTC).date()
    month = month.replace(day=1) + dt.timedelta(days=62)
    while month.month % 3:
        month += dt.timedelta(days=28)
    wanted = {"sec_type": "FUT", "expiry": f"{month:%Y%m}"}
    [future] = ibkr.submit("ES", source="ibkr", options=wanted, period="3mo")
    jobs = ibkr.wait(pair, series, future)
    assert succeeded(jobs), [str(job.message) for job in jobs]
    assert [job.symbol for job in jobs][:2] == ["EUR.CASH.IDEALPRO.USD", "ES.CONTFUT.CME.USD"]
    assert jobs[0].variant == "MIDPOINT"
    bars = ibkr.bars(pair)
    assert [bar[:5] for bar in bars] == [bar[:5] for bar in truth("EURUSD=X", "5m", bars)]
    assert {bar[5] for bar in bars} == {0.0}
    front, own = ({bar[0]: bar[4] for bar in ibkr.bars(job_id)} for job_id in (series, future))
    index = {bar.start: bar.close for bar in TrueMarket().bars("^GSPC", "1d", min(front), max(front) + DAY)}
    assert set(front) == set(index)
    assert {round(front[day] - index[day], 6) for day in front} <= {0.25 * step for step in range(12)}
    assert len({round(own[day] - index[day], 6) for day in own}) == 1


def test_what_cannot_be_had_ends_in_its_own_sentence_and_is_not_tried_for_ever(ibkr: Plant) -> None:
    ibkr.worker(), ibkr.clock()
    no_permission = "Historical Market Data Service error message:No market data permissions for NYSE STK"
    ibkr.market.tws.fault(error=162, text=no_permission, match={"kind": "history", "symbol": "MSFT"})
    nothing = "Historical Market Data Service error message:HMDS query returned no data: NVDA@SMART Trades"
    ibkr.market.tws.fault(error=162, text=nothing, match={"kind": "history", "symbol": "NVDA"})
    old = (dt.datetime.now(dt.UTC).date().replace(day=1) + dt.timedelta(days=40)).replace(day=15)
    wanted: dict[str, dict[str, str]] = {
        "MSFT": {},
        "NVDA": {},
        "AIR": {"currency": "EUR"},
        "NOSUCH": {},
    }
    ids = [ibkr.submit(symbol, source="ibkr", options=how, period="1mo")[0] for symbol, how in wanted.items()]
    strange = {"sec_type": "OPT", "expiry": f"{old:%Y%m%d}", "strike": "17", "right": "C"}
    ids += ibkr.submit("AAPL", source="ibkr", options=strange, period="1mo")
    jobs = ibkr.wait(*ids)
    kinds = [(job.state, job.error_kind) for job in jobs]
    assert kinds == [
        (JobState.FAILED, ErrorKind.NO_PERMISSION),
        (JobState.SUCCEEDED, None),
        (JobState.FAILED, ErrorKind.BAD_REQUEST),
        (JobState.FAILED, ErrorKind.UNKNOWN_SYMBOL),
        (JobState.FAILED, ErrorKind.UNKNOWN_SYMBOL),
    ]
    assert len({str(job.message or job.note) for job in jobs}) == 5
    choices = jobs[2].choices or []
    assert {choice["symbol"] for choice in choices} == {"AIR.STK.SMART.EUR.SBF", "AIR.STK.SMART.EUR.IBIS"}
    [again] = ibkr.submit(choices[0]["symbol"], source="ibkr", period="1mo")
    assert succeeded(ibkr.wait(again))
