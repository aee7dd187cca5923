"""The market itself: that it is one truth, whatever interval it is looked at in."""

import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime
from fractions import Fraction
from itertools import pairwise
from math import log, prod
from pathlib import Path

import pytest

from webapp.sandbox.actions import ActionKind
from webapp.sandbox.calendars import Calendars
from webapp.sandbox.columns import Bar
from webapp.sandbox.listings import UnknownSymbolError
from webapp.sandbox.market import Market
from webapp.sandbox.view import STEPS, UnknownIntervalError

ALL = (
    *("AAPL", "MSFT", "NVDA", "AMZN", "GOOGL", "TSLA", "SPY", "QQQ", "BRK-B", "^GSPC", "^FCHI", "MC.PA", "AIR.PA"),
    *("OR.PA", "TTE.PA", "OCDO.L", "SAP.DE", "7203.T", "RY.TO", "BTC-USD", "ETH-USD", "EURUSD=X", "GC=F"),
    *("0P0000TEST.TO", "NOCUR", "OLDCO", "SIM007"),
)
TRADED_INTRADAY = ("AAPL", "NVDA", "MC.PA", "OCDO.L", "7203.T", "RY.TO", "BTC-USD", "EURUSD=X", "GC=F")
STRETCHES = (
    (date(2025, 10, 20), date(2025, 11, 8)),  # Europe, then America put the clock back
    (date(2025, 11, 24), date(2026, 1, 5)),  # half days, holidays, Tokyo's New Year
    (date(2026, 2, 23), date(2026, 3, 20)),  # America puts the clock forward; today is half done
)


def at(*parts: int) -> float:
    year, month, day, hour, minute, second = (*parts, 0, 0, 0)[:6]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()


def added(start: int, bars: Iterable[Bar]) -> Bar:
    bars = list(bars)
    high, low = max(bar.high for bar in bars), min(bar.low for bar in bars)
    return Bar(start, bars[0].open, high, low, bars[-1].close, sum(bar.volume for bar in bars))


@pytest.mark.parametrize("symbol", TRADED_INTRADAY)
@pytest.mark.parametrize(("first", "last"), STRETCHES)
def test_minutes_add_up_to_days(calendars: Calendars, symbol: str, first: date, last: date) -> None:
    market = Market(lambda: at(2026, 3, 19, 15, 10, 20), calendars)
    sessions = market.view(symbol).history.sessions
    days = market.bars(symbol, "1d", first, last)
    assert len(days) > 8
    for day in days:
        index = int((sessions.day * 86_400).searchsorted(day.start))
        minutes = market.bars(symbol, "1m", int(sessions.open[index]), int(sessions.close[index]))
        assert added(day.start, minutes) == day


@pytest.mark.parametrize("symbol", TRADED_INTRADAY)
def test_minutes_add_up_to_every_longer_interval(calendars: Calendars, symbol: str) -> None:
    market = Market(lambda: at(2026, 3, 10, 15, 10, 20), calendars)
    span = (date(2026, 3, 4), date(2026, 3, 12))
    minutes = market.bars(symbol, "1m", *span)
    for interval in (name for name, step in STEPS.items() if step > 60):
        bars = market.bars(symbol, interval, *span)
        edges = [bar.start for bar in bars] + [int(at(2026, 3, 12))]
        groups = [[m for m in minutes if start <= m.start < end] for start, end in pairwise(edges)]
        assert bars == [added(bar.start, group) for bar, group in zip(bars, groups, strict=True)], interval


def test_seconds_add_up_to_minutes(market: Market) -> None:
    start, end = at(2026, 3, 2, 14, 30), at(2026, 3, 2, 14, 50)
    minutes = market.bars("AAPL", "1m", start, end)
    for interval, step in (("1s", 1), ("5s", 5), ("10s", 10), ("15s", 15), ("30s", 30)):
        short = market.bars("AAPL", interval, start, end)
        assert len(short) == 1_200 // step
        each = 60 // step
        groups = [short[i : i + each] for i in range(0, len(short), each)]
        assert [added(group[0].start, group) for group in groups] == minutes


@pytest.mark.parametrize("symbol", ALL)
def test_days_add_up_to_weeks_and_months_and_are_sane(market: Market, symbol: str) -> None:
    days = market.bars(symbol, "1d")
    for interval in ("1wk", "1mo", "3mo"):
        longer = market.bars(symbol, interval)
        edges = [bar.start for bar in longer] + [2**40]
        by_start: dict[int, list[Bar]] = {bar.start: [] for bar in longer}
        position = 0
        for day in days:
            while day.start >= edges[position + 1]:
                position += 1
            by_start[edges[position]].append(day)
        assert longer == [added(start, group) for start, group in by_start.items()]
    assert all(0 < day.low <= min(day.open, day.close) <= max(day.open, day.close) <= day.high for day in days)


@pytest.mark.parametrize("symbol", ALL)
def test_no_price_moves_as_an_error_would(market: Market, symbol: str) -> None:
    closes = [day.close for day in market.bars(symbol, "1d", date(2015, 1, 1))]
    moves = [abs(log(after / before)) for before, after in pairwise(closes)]
    assert max(moves) < 8 * sorted(moves)[len(moves) // 2]


def test_the_week_is_mondays_and_the_month_the_firsts(market: Market) -> None:
    assert [bar.start for bar in market.bars("AAPL", "1wk", date(2026, 2, 20))] == [at(2026, 2, 23), at(2026, 3, 2)]
    assert [bar.start for bar in market.bars("AAPL", "1mo", date(2026, 2, 1))] == [at(2026, 2, 1), at(2026, 3, 1)]


def test_calendars_are_real(market: Market) -> None:
    def minutes(symbol: str, *day: int) -> list[datetime]:
        bars = market.bars(symbol, "1m", at(*day), at(*day) + 86_400)
        return [datetime.fromtimestamp(bar.start, UTC) for bar in bars]

    half, whole = minutes("AAPL", 2025, 11, 28), minutes("AAPL", 2025, 11, 26)
    assert (len(half), len(whole)) == (210, 390)
    assert minutes("AAPL", 2025, 11, 27) == []
    assert minutes("AAPL", 2025, 7, 1)[0].hour + 1 == whole[0].hour
    tokyo = minutes("7203.T", 2026, 2, 2)
    assert len(tokyo) == 330
    assert not [minute for minute in tokyo if (2, 30) <= (minute.hour, minute.minute) < (3, 30)]
    assert len(minutes("BTC-USD", 2026, 2, 1)) == 1_440
    assert minutes("EURUSD=X", 2026, 2, 1) == []
    assert len(minutes("MC.PA", 2025, 12, 24)) == 305


def test_nobody_sees_the_future(calendars: Calendars) -> None:
    now = at(2026, 3, 2, 18, 0, 30)
    market = Market(lambda: now, calendars)
    later = Market(lambda: now + 3_600, calendars)
    today = date(2026, 3, 2)
    for interval, step in STEPS.items():
        bars = market.bars("AAPL", interval, today)
        assert bars
        assert bars[-1].start < now
        known = market.bars("AAPL", interval, today, final=True)
        ended = [bar for bar in later.bars("AAPL", interval, today) if bar.start + step <= now]
        assert known == ended
    assert market.bars("AAPL", "1d", date(2026, 3, 2)) != later.bars("AAPL", "1d", date(2026, 3, 2))
    assert market.bars("AAPL", "1d", date(2026, 3, 2), final=True) == []
    assert market.bars("AAPL", "1wk", date(2026, 3, 2), final=True) == []


def test_a_span_changes_nothing_in_its_bars(market: Market) -> None:
    long = market.bars("AAPL", "5m", date(2026, 1, 5), date(2026, 2, 20))
    short = market.bars("AAPL", "5m", at(2026, 2, 3, 15), at(2026, 2, 3, 16))
    assert short == [bar for bar in long if at(2026, 2, 3, 15) <= bar.start < at(2026, 2, 3, 16)]
    assert len(short) == 12


def test_hours_before_and_after_the_session_come_when_asked_for(market: Market) -> None:
    bars = market.bars("AAPL", "1m", date(2026, 2, 27), date(2026, 2, 28), extended=True)
    evening = market.bars("AAPL", "1m", date(2026, 2, 28), at(2026, 2, 28, 1), extended=True)
    yesterday = market.bars("AAPL", "1m", date(2026, 2, 27), at(2026, 2, 27, 1), extended=True)
    assert len(bars) - len(yesterday) + len(evening) == 16 * 60
    regular = market.bars("AAPL", "1m", date(2026, 2, 27), date(2026, 2, 28))
    assert [bar for bar in bars if bar.start in {one.start for one in regular}] == regular
    assert market.bars("MC.PA", "1m", date(2026, 2, 27), extended=True) == market.bars("MC.PA", "1m", date(2026, 2, 27))


def test_the_same_market_in_every_process(market: Market) -> None:
    program = (
        "from webapp.sandbox.market import Market; m = Market(lambda: 1772474400.0);"
        "print(m.bars('NVDA', '1d')[-900:], m.bars('7203.T', '1m', 1772000000), m.actions('QQQ'))"
    )
    root = str(Path(__file__).parents[2])
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": root},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    here = (market.bars("NVDA", "1d")[-900:], market.bars("7203.T", "1m", 1_772_000_000), market.actions("QQQ"))
    assert outputs == {" ".join(map(str, here))}


@pytest.mark.parametrize("symbol", ["AAPL", "QQQ", "0P0000TEST.TO", "NVDA"])
def test_adjusted_closes_are_the_product_of_the_factors(market: Market, symbol: str) -> None:
    days = market.bars(symbol, "1d")
    closes = {day.start: day.close for day in days}
    before = {after.start: day.close for day, after in pairwise(days)}
    paid = [action for action in market.actions(symbol) if action.kind is not ActionKind.SPLIT]
    assert paid
    for start, adjusted in market.adjusted(symbol)[::400]:
        factor = prod(1 - action.value / before[action.time] for action in paid if action.time > start)
        assert adjusted == pytest.approx(closes[start] * factor, rel=1e-12)


@pytest.mark.parametrize("ratio", [Fraction(4), Fraction(3, 2), Fraction(1, 10)])
def test_a_split_to_come_rebases_all_history_when_it_has_come(calendars: Calendars, ratio: Fraction) -> None:
    clock = [at(2026, 3, 2, 18)]
    market = Market(lambda: clock[0], calendars)
    market.inject("AAPL", date(2026, 3, 9), ActionKind.DIVIDEND, Fraction(3))
    assert market.inject("AAPL", date(2026, 3, 14), ActionKind.SPLIT, ratio) == date(2026, 3, 16)
    before = market.bars("AAPL", "1d", date(2000, 1, 1), final=True)
    assert market.actions("AAPL", date(2026, 3, 1)) == []
    clock[0] = at(2026, 3, 16, 21)
    after = market.bars("AAPL", "1d", date(2000, 1, 1), date(2026, 3, 2))
    for old, new in zip(before, after, strict=True):
        assert new.close == pytest.approx(old.close / ratio, rel=1e-8)
        assert new.volume == old.volume * ratio
    values = {action.kind: action.value for action in market.actions("AAPL", date(2026, 3, 1))}
    assert values == {ActionKind.DIVIDEND: pytest.approx(float(3 / ratio)), ActionKind.SPLIT: float(ratio)}
    minutes = market.bars("AAPL", "1m", date(2026, 2, 27), date(2026, 2, 28))
    assert added(int(at(2026, 2, 27)), minutes) == after[-1]
    market.withdraw()
    assert market.bars("AAPL", "1d", date(2000, 1, 1), date(2026, 3, 2)) == before


def test_a_split_of_the_world_is_not_known_before_its_day(calendars: Calendars) -> None:
    before = Market(lambda: at(2020, 8, 28, 21), calendars)
    after = Market(lambda: at(2020, 8, 31, 21), calendars)
    span = (date(2010, 1, 1), date(2020, 8, 29))
    for old, new in zip(before.bars("AAPL", "1d", *span), after.bars("AAPL", "1d", *span), strict=True):
        assert old.close == pytest.approx(4 * new.close, rel=1e-9)
        assert old.volume * 4 == new.volume
    paid = before.actions("AAPL", *span)
    assert [a.value for a in paid] == [
        pytest.approx(a.value * (1 if a.kind is ActionKind.SPLIT else 4)) for a in after.actions("AAPL", *span)
    ]
    assert ActionKind.SPLIT in {a.kind for a in after.actions("AAPL", date(2020, 8, 31), date(2020, 9, 1))}


def test_a_listing_has_a_beginning_and_may_have_an_end(market: Market) -> None:
    days = market.bars("OLDCO", "1d")
    assert (days[0].start, days[-1].start) == (at(1998, 3, 2), at(2019, 6, 28))
    assert market.bars("OLDCO", "1h", date(2019, 7, 1)) == []
    assert market.bars("SOON", "1d") == []
    assert len(Market(lambda: at(2035, 1, 5)).bars("SOON", "1d")) == 3
    assert market.bars("AAPL", "1d")[0].start == at(1980, 12, 12)


def test_questions_that_make_no_sense_are_refused(market: Market) -> None:
    with pytest.raises(UnknownSymbolError):
        market.bars("NIX", "1d")
    with pytest.raises(UnknownIntervalError):
        market.bars("AAPL", "7m")
    with pytest.raises(ValueError, match="no time zone"):
        market.bars("AAPL", "1d", datetime(2026, 1, 1))  # noqa: DTZ001 (on purpose)
    with pytest.raises(ValueError, match="positive"):
        market.inject("AAPL", date(2026, 3, 16), ActionKind.SPLIT, Fraction(0))
    with pytest.raises(ValueError, match="no session"):
        market.inject("OLDCO", date(2026, 3, 16), ActionKind.SPLIT, Fraction(2))


def test_search_finds_by_symbol_and_by_name(market: Market) -> None:
    assert [listing.symbol for listing in market.search("aapl")] == ["AAPL"]
    assert market.search("toyota")[0].symbol == "7203.T"
    assert market.search("SIM042")[0].name == "Simulated 042 Inc."
    assert market.search(" ") == []


def test_calendars_do_without_a_folder_to_keep_them(tmp_path: Path, market: Market) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    there = Calendars(blocked / "cache").sessions("XNYS")
    assert len(there) == len(Calendars().sessions("XNYS"))
    kept = Calendars(tmp_path / "cache")
    assert (kept.sessions("XNYS").open == there.open).all()
    assert len(list((tmp_path / "cache").iterdir())) == 7
