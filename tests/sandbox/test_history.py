"""The real yfinance sees the market as it is."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from tests.sandbox.clients import Browser, Frame, YFinance
from webapp.sandbox.actions import ActionKind
from webapp.sandbox.control import SandboxClient
from webapp.sandbox.market import Market

YEAR = (date(2025, 1, 1), date(2026, 1, 1))


def daily(market: Market, symbol: str, first: date, last: date) -> list[tuple[str, tuple[float, ...]]]:
    """Return dates and prices as yfinance must show them."""
    bars = market.bars(symbol, "1d", first, last)
    return [(datetime.fromtimestamp(bar.start, UTC).date().isoformat(), bar[1:]) for bar in bars]


def dated(frame: Frame) -> list[tuple[str, tuple[float, ...]]]:
    return list(zip(frame.dates, frame.bars, strict=True))


def events(market: Market, symbol: str, kind: ActionKind, first: date, last: date) -> dict[str, float]:
    actions = [action for action in market.actions(symbol, first, last) if action.kind is kind]
    return {datetime.fromtimestamp(a.time, UTC).date().isoformat(): a.value for a in actions}


@pytest.mark.parametrize(
    "symbol",
    [
        "AAPL",
        "BRK-B",
        "SPY",
        "^GSPC",
        "^FCHI",
        "MC.PA",
        "OCDO.L",
        "SAP.DE",
        "7203.T",
        "RY.TO",
        "BTC-USD",
        "EURUSD=X",
        "GC=F",
        "0P0000TEST.TO",
        "NOCUR",
    ],
)
def test_daily_history_is_the_market(market: Market, yfinance: YFinance, symbol: str) -> None:
    frame = yfinance.history(symbol, start="2025-01-01", end="2026-01-01")
    assert dated(frame) == daily(market, symbol, *YEAR)
    assert frame.events("Dividends") == pytest.approx(events(market, symbol, ActionKind.DIVIDEND, *YEAR))
    assert frame.metadata
    listing = market.listing(symbol)
    assert frame.metadata["currency"] == str(listing.venue.currency)
    assert frame.metadata["exchangeTimezoneName"] == listing.venue.timezone
    assert frame.metadata["instrumentType"] == listing.kind


@pytest.mark.parametrize(
    ("symbol", "interval", "days"),
    [
        ("AAPL", "1m", 6),
        ("AAPL", "5m", 50),
        ("AAPL", "1h", 600),
        ("AAPL", "90m", 50),
        ("AAPL", "4h", 100),
        ("MC.PA", "15m", 50),
        ("7203.T", "1h", 50),
        ("OCDO.L", "1h", 300),
        ("EURUSD=X", "1h", 50),
        ("GC=F", "1h", 50),
        ("BTC-USD", "1h", 50),
    ],
)
def test_intraday_history_is_the_market(
    market: Market, yfinance: YFinance, symbol: str, interval: str, days: int
) -> None:
    last = date(2026, 3, 2)
    first = last - timedelta(days=days)
    frame = yfinance.history(symbol, start=first.isoformat(), end=last.isoformat(), interval=interval)
    zone = market.listing(symbol).venue.timezone
    bars = market.bars(symbol, interval, first - timedelta(days=1), last + timedelta(days=1))
    span = (midnight(first, zone), midnight(last, zone))
    expected = {bar.start: bar[1:] for bar in bars if span[0] <= bar.start < span[1]}
    assert len(expected) > 100
    assert dict(zip(frame.starts, frame.bars, strict=True)) == expected


def midnight(day: date, zone: str) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp())


def test_half_hours_that_yfinance_makes_of_quarters_are_the_market(market: Market, yfinance: YFinance) -> None:
    frame = yfinance.history("AAPL", start="2026-02-02", end="2026-02-28", interval="30m")
    bars = market.bars("AAPL", "30m", date(2026, 2, 2), date(2026, 2, 28))
    assert list(zip(frame.starts, frame.bars, strict=True)) == [(bar.start, bar[1:]) for bar in bars]


def test_weeks_and_months_are_the_market(market: Market, yfinance: YFinance) -> None:
    for interval, first in (("1wk", date(2025, 1, 6)), ("1mo", date(2025, 1, 1))):
        frame = yfinance.history("AAPL", start=first.isoformat(), end="2026-02-01", interval=interval)
        bars = market.bars("AAPL", interval, first, date(2026, 2, 1))
        starts = [datetime.fromtimestamp(bar.start, UTC).date().isoformat() for bar in bars]
        assert list(zip(frame.dates, frame.bars, strict=True)) == list(
            zip(starts, [bar[1:] for bar in bars], strict=True)
        )


def test_twenty_years_with_splits_dividends_and_adjusted_closes(market: Market, yfinance: YFinance) -> None:
    span = (date(2006, 1, 1), date(2026, 2, 28))
    frame = yfinance.history("AAPL", start="2006-01-01", end="2026-02-28")
    assert dated(frame) == daily(market, "AAPL", *span)
    assert frame.events("Stock Splits") == {"2014-06-09": 7.0, "2020-08-31": 4.0}
    dividends = events(market, "AAPL", ActionKind.DIVIDEND, *span)
    assert len(dividends) == 57
    assert frame.events("Dividends") == pytest.approx(dividends)
    adjusted = dict(market.adjusted("AAPL"))
    labels = [int(datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp()) for day in frame.dates]
    assert frame.column("Adj Close") == pytest.approx([adjusted[label] for label in labels], rel=1e-12)
    closes = dict(zip(frame.dates, frame.column("Close"), strict=True))
    before = {after: closes[day] for day, after in pairwise(frame.dates)}
    factor = 1.0
    for day, value in dividends.items():
        factor *= 1 - value / before[day]
    assert frame.column("Adj Close")[0] == pytest.approx(frame.column("Close")[0] * factor, rel=1e-12)


@pytest.mark.parametrize("symbol", ["QQQ", "0P0000TEST.TO"])
def test_funds_pay_out_capital_gains(market: Market, yfinance: YFinance, symbol: str) -> None:
    frame = yfinance.history(symbol, start="2023-01-01", end="2026-01-01")
    expected = events(market, symbol, ActionKind.CAPITAL_GAIN, date(2023, 1, 1), date(2026, 1, 1))
    assert len(expected) == 3
    assert frame.events("Capital Gains") == pytest.approx(expected)


def test_periods_end_now(market: Market, yfinance: YFinance) -> None:
    assert len(yfinance.history("AAPL", period="5d").rows) == 5
    assert len(yfinance.history("AAPL", period="5d", interval="1m").rows) == 4 * 390 + 210
    assert len(set(yfinance.history("AAPL", period="60d", interval="5m").dates)) == 60
    assert yfinance.history("AAPL", period="ytd").dates[0] == "2026-01-02"
    assert yfinance.history("AAPL", period="1mo").dates[0] == "2026-02-02"
    assert yfinance.history("AAPL", period="2y").dates[0] == "2024-03-04"
    assert len(yfinance.history("NVDA", period="max").rows) == len(market.bars("NVDA", "1d"))


def test_hours_before_and_after_the_session(market: Market, yfinance: YFinance) -> None:
    frame = yfinance.history("AAPL", start="2026-02-24", end="2026-02-26", interval="15m", prepost=True)
    bars = market.bars("AAPL", "15m", datetime(2026, 2, 24, 6, tzinfo=UTC), date(2026, 2, 27), extended=True)
    assert list(zip(frame.starts, frame.bars, strict=True)) == [(b.start, b[1:]) for b in bars][: 2 * 64]
    regular = yfinance.history("AAPL", start="2026-02-24", end="2026-02-26", interval="15m")
    assert len(regular.rows) == 2 * 26


def test_today_is_half_done_while_the_session_runs(market: Market, yfinance: YFinance, browser: Browser) -> None:
    frame = yfinance.history("AAPL", start="2026-02-27", end="2026-03-03")
    assert dated(frame) == daily(market, "AAPL", date(2026, 2, 27), date(2026, 3, 3))
    assert frame.metadata
    raw = browser.chart("AAPL", "period1=1772150400&period2=1772485200&interval=1d").result
    meta = raw["meta"]
    assert raw["timestamp"][-1] == meta["regularMarketTime"] == 1_772_474_399
    assert meta["regularMarketTime"] < meta["currentTradingPeriod"]["regular"]["end"] == 1_772_485_200
    hours = browser.chart("AAPL", "range=1d&interval=1h").result
    quote = hours["indicators"]["quote"][0]
    assert hours["timestamp"][-2:] == [1_772_472_600, 1_772_474_399]
    assert (quote["volume"][-1], quote["close"][-1]) == (0, quote["close"][-2])
    folded = yfinance.history("AAPL", start="2026-03-02", end="2026-03-03", interval="1h")
    bars = market.bars("AAPL", "1h", date(2026, 3, 2))
    assert list(zip(folded.starts, folded.bars, strict=True)) == [(bar.start, bar[1:]) for bar in bars]


def test_a_closed_session_is_final(sandbox: SandboxClient, browser: Browser) -> None:
    sandbox.set_now("2026-03-02T21:00:05Z")
    raw = browser.chart("AAPL", "range=5d&interval=1d").result
    regular = raw["meta"]["currentTradingPeriod"]["regular"]
    assert raw["timestamp"][-1] == regular["start"] == 1_772_461_800
    assert raw["meta"]["regularMarketTime"] == regular["end"]
    hours = browser.chart("AAPL", "range=1d&interval=1h").result
    assert all(stamp % 60 == 0 for stamp in hours["timestamp"])
    sandbox.set_now("2026-03-07T12:00:00Z")  # a Saturday still shows Friday
    regular = browser.chart("AAPL", "range=1d&interval=1d").result["meta"]["currentTradingPeriod"]["regular"]
    assert regular["end"] == 1_772_830_800


def test_what_was_delisted_is_empty_after_its_end(market: Market, yfinance: YFinance, browser: Browser) -> None:
    frame = yfinance.history("OLDCO", start="2019-01-01", end="2020-01-01")
    assert dated(frame) == daily(market, "OLDCO", date(2019, 1, 1), date(2020, 1, 1))
    assert frame.dates[-1] == "2019-06-28"
    assert yfinance.history("OLDCO", start="2021-01-01", end="2022-01-01").error == "YFPricesMissingError"
    for query in (
        "period1=1609459200&period2=1640995200&interval=1d",
        "range=5d&interval=1d",
        "range=1mo&interval=1wk",
    ):
        raw = browser.chart("OLDCO", query).result
        assert "timestamp" not in raw
        assert raw["indicators"] == {"quote": [{}]}
        assert raw["meta"]["regularMarketTime"] == 1_561_752_000


def test_who_is_gone_unknown_or_not_yet_there(yfinance: YFinance, browser: Browser) -> None:
    for symbol in ("GONE", "NIX"):
        gone = (404, "Not Found", "No data found, symbol may be delisted")
        assert browser.chart(symbol, "range=1d&interval=1d").refusal == gone
        assert yfinance.history(symbol, start="2025-01-01", end="2025-02-01").error
    soon = yfinance.history("SOON", start="2025-01-01", end="2025-02-01")
    assert soon.error == "YFPricesMissingError"
    assert "Data doesn't exist for startDate = " in soon.text
    assert browser.chart("SOON", "range=1d&interval=1d").result["meta"]["firstTradeDate"] == 2_051_361_000


def test_search(yfinance: YFinance) -> None:
    assert yfinance.search("Apple") == ["AAPL"]
    assert yfinance.search("xyzzy") == []


def test_a_split_arrives_while_one_looks(market: Market, sandbox: SandboxClient, yfinance: YFinance) -> None:
    sandbox.inject("AAPL", "2026-03-09", "dividend", 3)
    assert sandbox.inject("AAPL", "2026-03-14", "split", "4:1")["date"] == "2026-03-16"
    assert dated(yfinance.history("AAPL", start="2025-01-01", end="2026-01-01")) == daily(market, "AAPL", *YEAR)
    sandbox.set_now("2026-03-16T21:00:00Z")
    frame = yfinance.history("AAPL", start="2026-02-02", end="2026-03-17")
    old = market.bars("AAPL", "1d", date(2026, 2, 2))
    assert frame.column("Close")[0] == pytest.approx(old[0].close / 4, rel=1e-9)
    assert frame.column("Volume")[0] == old[0].volume * 4
    assert frame.events("Dividends")["2026-03-09"] == 0.75
    assert frame.events("Stock Splits") == {"2026-03-16": 4.0}
