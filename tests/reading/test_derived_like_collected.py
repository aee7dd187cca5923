"""Derived bars stand where the source's own would: on the clock's hours, by trade dates, or not at all."""

import datetime as dt
from typing import Any

import pytest

from tests.sandbox.tws.truth import SIZES, on_the_clock
from tests.stored import Store, label
from webapp.database.transactions import writing
from webapp.errors import InvalidRequestError, NotFoundError
from webapp.kernel.bars import Bar
from webapp.kernel.intervals import DAY, HOUR, Interval
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import EVER, Span
from webapp.reading.bars import open_bars
from webapp.reading.lookup import find_bars
from webapp.sandbox import columns
from webapp.sandbox.market import Market
from webapp.series import queries_coverage

NEW_YORK = {"timezone": "America/New_York", "session_open": 34_200, "session_close": 57_600, "exchange": "NASDAQ"}
TOKYO = {"timezone": "Asia/Tokyo", "session_open": 32_400, "session_close": 55_800, "exchange": "TSEJ"}
GOLD = {"timezone": "America/New_York", "session_close": 61_200, "exchange": "COMEX", "kind": "FUTURE"}
EURO = {"timezone": "America/New_York", "session_close": 61_200, "exchange": "IDEALPRO", "kind": "CURRENCY"}
WHOLE = ("1 hour", "2 hours", "4 hours")
NAMES = {"1 hour": Interval.H1, "2 hours": Interval.H2, "3 hours": Interval.H3, "4 hours": Interval.H4}
NAMES |= {"8 hours": Interval.H8, "30 mins": Interval.M30, "20 mins": Interval.M20, "5 mins": Interval.M5}
CHANGE = ("2025-03-05", "2025-03-13")
"""With New York's change of the clock on Sunday 9 March, when sessions open in the evening."""


@pytest.fixture(scope="module")
def market() -> Market:
    return Market(lambda: float(label("2025-06-02")))


@pytest.fixture
def shop(store: Store) -> Store:
    store.now = dt.datetime(2025, 6, 2, tzinfo=dt.UTC)
    return store


def of_market(market: Market, symbol: str, interval: str, days: tuple[str, str], **how: Any) -> list[columns.Bar]:  # noqa: ANN401
    return market.bars(symbol, interval, label(days[0]), label(days[1]), **how)


def put(store: Store, bars: list[columns.Bar], symbol: str, facts: dict[str, Any], **series: str) -> int:
    series_id = store.series(symbol, Interval.M1, **{"source": "ibkr", **series})
    store.facts(series_id, **facts)
    store.put(series_id, plain(bars))
    return series_id


def plain(bars: list[columns.Bar]) -> list[Bar]:
    return [(int(start), o, h, lo, c, float(volume), None, None) for start, o, h, lo, c, volume in bars]


def cover(series_id: int, *spans: Span) -> None:
    with writing() as connection:
        for span in spans:
            queries_coverage.record(connection, series_id, Covered(span, Verdict.HAVE, 0))


def read(series_id: int, step: Interval, **how: Any) -> list[Bar]:  # noqa: ANN401
    return [bar for bars in open_bars(series_id, "splits", EVER, step, **how).adjusted(500) for bar in bars]


def assert_same(derived: list[Bar], own: list[columns.Bar]) -> None:
    assert [bar[0] for bar in derived] == [bar.start for bar in own]
    for ours, theirs in zip(derived, own, strict=True):
        assert ours[1:6] == pytest.approx(theirs[1:6], rel=1e-9)


@pytest.mark.parametrize("size", NAMES)
@pytest.mark.parametrize(
    ("symbol", "facts", "days"),
    [("AAPL", NEW_YORK, CHANGE), ("7203.T", TOKYO, ("2025-03-05", "2025-03-08")), ("GC=F", GOLD, CHANGE)],
    ids=["a share", "lunch breaks", "evening sessions"],
)
def test_hours_on_the_clock_are_tws_own(
    shop: Store, market: Market, symbol: str, facts: dict[str, Any], days: tuple[str, str], size: str
) -> None:
    """The truth is that by which the offline TWS is proved: half an hour from 9:30, then whole ones."""
    minutes = of_market(market, symbol, "1m", days)
    series_id = put(shop, minutes, symbol, facts)
    own = on_the_clock(minutes, size, facts["timezone"])
    assert_same(read(series_id, NAMES[size])[1:], own[1:])  # the first one of evening sessions is cut by the days


@pytest.mark.parametrize("size", [*WHOLE, "3 hours", "8 hours"])
def test_extended_hours_on_the_clock_are_tws_own(shop: Store, market: Market, size: str) -> None:
    minutes = of_market(market, "AAPL", "1m", ("2025-03-05", "2025-03-08"), extended=True)
    series_id = put(shop, minutes, "AAPL", NEW_YORK, variant="TRADES-all")
    assert_same(read(series_id, NAMES[size])[1:], on_the_clock(minutes, size, "America/New_York")[1:])


def test_the_grid_is_the_same_whatever_is_collected(shop: Store, market: Market) -> None:
    """The command that exports hours gave them from 9:30 on before IBKR's own were stored, and from 10:00 after."""
    days = ("2025-03-05", "2025-03-08")
    minutes = of_market(market, "AAPL", "1m", days)
    first = read(put(shop, minutes, "AAPL", NEW_YORK), Interval.H2)
    for size in ("30 mins", "1 hour"):
        own = on_the_clock(minutes, size, "America/New_York")
        series_id = shop.series("AAPL", NAMES[size], source="ibkr")
        shop.put(series_id, plain(own))
        match = find_bars("AAPL", "ibkr", Interval.H2, {})
        assert match.series.interval is NAMES[size]
        assert read(series_id, Interval.H2) == [pytest.approx(bar) for bar in first]


@pytest.mark.parametrize("facts", [GOLD, EURO])
def test_days_of_evening_sessions_are_those_of_their_trade_date(
    shop: Store, market: Market, facts: dict[str, Any]
) -> None:
    """Sunday evening is Monday's; Monday closes in the afternoon."""
    series_id = put(shop, of_market(market, "GC=F", "1m", CHANGE), "GC", facts)
    days = read(series_id, Interval.D1)
    assert [dt.datetime.fromtimestamp(day[0], dt.UTC).weekday() for day in days] == [2, 3, 4, 0, 1, 2, 3]
    assert_same(days[1:-1], of_market(market, "GC=F", "1d", CHANGE)[1:])


def test_days_of_futures_at_all_hours_are_those_of_their_trade_date(shop: Store, market: Market) -> None:
    """Although the hours that are known are the regular ones, in the middle of the day."""
    facts = GOLD | {"session_open": 30_000, "session_close": 48_600}
    series_id = put(shop, of_market(market, "GC=F", "1m", CHANGE), "GC", facts, variant="TRADES-all")
    assert_same(read(series_id, Interval.D1)[1:-1], of_market(market, "GC=F", "1d", CHANGE)[1:])


def test_of_averages_nothing_is_derived(shop: Store, market: Market) -> None:
    minutes = of_market(market, "AAPL", "1m", ("2025-03-05", "2025-03-06"))
    series_id = put(shop, minutes, "AAPL", NEW_YORK, variant="BID_ASK")
    with pytest.raises(InvalidRequestError, match="averages"):
        read(series_id, Interval.H1)
    with pytest.raises(NotFoundError):
        find_bars("AAPL", "ibkr", Interval.H1, {"what": "BID_ASK"})


def at(text: str) -> int:
    return label(text)


def test_a_bar_with_a_hole_or_cut_at_an_edge_is_partial(shop: Store, market: Market) -> None:
    """Wednesday from 11:15 on, Thursday whole, Friday without 10:20 to 12:05 (New York)."""
    known = [Span(at("2025-03-05T16:15"), at("2025-03-07T15:20")), Span(at("2025-03-07T17:05"), at("2025-03-09"))]
    minutes = [
        bar
        for bar in of_market(market, "AAPL", "1m", ("2025-03-05", "2025-03-08"))
        if any(span.start <= bar.start < span.end for span in known)
    ]
    series_id = put(shop, minutes, "AAPL", NEW_YORK)
    cover(series_id, *known)
    hours = open_bars(series_id, "splits", EVER, Interval.H1)
    partial = [bar[0] for bars in hours.pages(500) for bar in bars if hours.partial and bar[0] in hours.partial]
    assert partial == [at("2025-03-05T16:00"), at("2025-03-07T15:00"), at("2025-03-07T17:00")]
    days = open_bars(series_id, "splits", EVER, Interval.D1)
    assert days.partial == frozenset({label("2025-03-05"), label("2025-03-07")})
    assert [bar[0] for bar in read(series_id, Interval.D1, complete_only=True)] == [label("2025-03-06")]
    assert open_bars(series_id, "splits", EVER, Interval.W1).partial == frozenset({label("2025-03-03")})
    assert open_bars(series_id, "splits").partial is None


def test_nights_weekends_and_holidays_that_nobody_asked_for_make_nothing_partial(shop: Store, market: Market) -> None:
    """IBKR is not asked for the nights of small bars; 4 July is a holiday."""
    shop.now = dt.datetime(2025, 6, 2, tzinfo=dt.UTC)
    days = ("2025-05-19", "2025-05-31")
    series_id = put(shop, of_market(market, "AAPL", "1m", days), "AAPL", NEW_YORK)
    opens = [label("2025-05-19") + number * DAY + 13 * HOUR + 1800 for number in range(12)]
    cover(series_id, *(Span(time, time + 13 * 1800) for number, time in enumerate(opens) if number % 7 < 5))
    for step in (Interval.H1, Interval.D1, Interval.W1):
        assert open_bars(series_id, "splits", EVER, step).partial == frozenset()


def test_weeks_of_days_with_a_hole_are_partial(shop: Store) -> None:
    series_id = shop.series("AAPL")
    shop.facts(series_id, **NEW_YORK, first_trade=label("2024-03-13"))
    dates = [label("2024-03-13") + number * DAY for number in range(12)]
    shop.put(series_id, [(date, 1.0, 1.0, 1.0, 1.0, 1.0, None, None) for date in dates if date != label("2024-03-20")])
    cover(series_id, Span(dates[0], label("2024-03-20")), Span(label("2024-03-21"), dates[-1] + DAY))
    stored = open_bars(series_id, "splits", EVER, Interval.W1)
    assert stored.partial == frozenset({label("2024-03-18")}), "the first week began with the first trade"


def test_a_day_in_doubt_is_a_hole_of_its_week(shop: Store) -> None:
    series_id = shop.series("AAPL", Interval.D1)
    shop.facts(series_id, **NEW_YORK)
    dates = [label(f"2024-03-{day}") for day in (18, 19, 20, 21, 22)]
    shop.put(series_id, [(date, 1.0, 1.0, 1.0, 1.0, 1.0, None, None) for date in dates if date != dates[2]])
    cover(series_id, Span(dates[0], dates[2]), Span(dates[3], dates[-1] + DAY))
    with writing() as connection:
        queries_coverage.record_doubt(connection, series_id, Span(dates[2], dates[3]), dates[-1] + DAY)
    assert open_bars(series_id, "splits", EVER, Interval.W1).partial == frozenset({dates[0]})


def test_sizes_are_named() -> None:
    assert set(NAMES) <= set(SIZES)
