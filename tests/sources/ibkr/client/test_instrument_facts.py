"""What contract details tell, and what they leave open."""

from dataclasses import replace

import pytest

from tests.sources.ibkr.gateway import ALL_HOURS, HOURS
from webapp.errors import SettingsError
from webapp.kernel.intervals import DAY, HOUR
from webapp.sources.ibkr.connection.details import Details
from webapp.sources.ibkr.instruments.instrument_facts import decimals, parse_facts, usual_hours, zone_name
from webapp.sources.ibkr.nightly import NightlyWindow

AAPL = Details(
    contract_id=265598,
    symbol="AAPL",
    kind="STK",
    exchange="SMART",
    primary="NASDAQ",
    currency="USD",
    expiry="",
    strike=0.0,
    right="",
    multiplier="",
    local_symbol="AAPL",
    trading_class="NMS",
    name="APPLE INC",
    stock_type="COMMON",
    min_tick=0.01,
    timezone="US/Eastern",
    trading_hours=ALL_HOURS,
    liquid_hours=HOURS,
)
NOW = 1795449600.0


def test_a_share_s_facts() -> None:
    facts = parse_facts(AAPL, 345479400, NOW)
    assert (facts.kind, facts.exchange, facts.timezone) == ("EQUITY", "NASDAQ", "America/New_York")
    assert (facts.session_open, facts.session_close) == (int(9.5 * HOUR), 16 * HOUR)
    assert (facts.price_decimals, facts.contract_id, facts.first_trade, facts.last_trade) == (
        2,
        265598,
        345479400,
        None,
    )


def test_a_fund_is_no_share() -> None:
    assert parse_facts(replace(AAPL, stock_type="ETF"), None, NOW).kind == "ETF"


def test_an_expired_future_was_traded_last_on_its_last_day() -> None:
    future = replace(AAPL, kind="FUT", expiry="20260320")
    assert parse_facts(future, None, NOW).last_trade == 1774036800  # 16:00 in New York
    assert parse_facts(replace(future, expiry="20270319"), None, NOW).last_trade is None


@pytest.mark.parametrize(
    ("tws_name", "primary", "name"),
    [
        ("US/Central", "CME", "America/Chicago"),
        ("EST", "NYSE", "America/New_York"),
        ("MET", "SBF", "Europe/Paris"),
        ("MET", "IBIS", "Europe/Berlin"),
        ("GB-Eire", "LSE", "Europe/London"),
        ("Japan", "TSEJ", "Asia/Tokyo"),
        ("Asia/Tokyo", "TSEJ", "Asia/Tokyo"),
        ("Europe/Middle Earth", "X", None),
        ("", "X", None),
        ("../etc/passwd", "X", None),
    ],
)
def test_zones_are_told_by_today_s_names(tws_name: str, primary: str, name: str | None) -> None:
    assert zone_name(replace(AAPL, timezone=tws_name, primary=primary)) == name


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        (HOURS, (int(9.5 * HOUR), 16 * HOUR)),
        ("20261123:0900-20261123:1130;20261123:1230-20261123:1530;20261124:CLOSED", (9 * HOUR, int(15.5 * HOUR))),
        ("20261122:1700-20261123:1600;20261123:1700-20261124:1600", (-7 * HOUR, 16 * HOUR)),
        ("20261122:0000-20261123:0000;20261123:0000-20261124:0000", (0, DAY)),
        ("20261123:0000-20261123:2359", (0, DAY)),
        ("20180323:0930-1600;20180326:0930-1600", (int(9.5 * HOUR), 16 * HOUR)),
        ("20261123:CLOSED", (None, None)),
        ("", (None, None)),
    ],
)
def test_the_usual_day_is_what_most_days_are(text: str, hours: tuple[int | None, int | None]) -> None:
    assert usual_hours(text) == hours


def test_a_session_that_begins_the_evening_before_has_no_open_of_its_own_day() -> None:
    facts = parse_facts(replace(AAPL, liquid_hours="20261122:1700-20261123:1600"), None, NOW)
    assert (facts.session_open, facts.session_close) == (None, 16 * HOUR)


@pytest.mark.parametrize(("tick", "count"), [(0.01, 2), (0.25, 2), (1.0, 0), (5e-05, 5), (10.0, 0), (0.0, None)])
def test_prices_have_the_decimals_of_their_smallest_step(tick: float, count: int | None) -> None:
    assert decimals(tick) == count


def test_the_nightly_window_is_a_time_of_day_in_its_zone() -> None:
    window = NightlyWindow.parse("00:15-01:45 America/New_York")
    assert window is not None
    assert window.seconds_left(1795496400) == 0  # 00:00 in New York
    assert window.seconds_left(1795496400 + 15 * 60) == 90 * 60
    assert window.seconds_left(1795496400 + 105 * 60) == 0


def test_a_window_may_go_over_midnight() -> None:
    window = NightlyWindow.parse("23:00-03:00 UTC")
    assert window is not None
    assert window.seconds_left(1795219200) == 3 * HOUR  # midnight


def test_no_window_is_one_too() -> None:
    assert NightlyWindow.parse("  ") is None


@pytest.mark.parametrize("text", ["0:15-1:45 UTC", "00:15-01:45", "00:15-25:00 UTC", "00:15-01:45 Mars/North", "night"])
def test_a_window_that_cannot_be_read_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(SettingsError, match="IB_NIGHTLY_WINDOW"):
        NightlyWindow.parse(text)
