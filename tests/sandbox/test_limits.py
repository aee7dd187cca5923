"""What Yahoo refuses, in its own words."""

import pytest

from tests.sandbox.clients import Browser, YFinance

NOW = 1_772_474_400
DAY = 86_400
BAD, UNABLE = (400, "Bad Request"), (422, "Unprocessable Entity")


def span(days_back: float, days: float) -> tuple[int, int]:
    start = int(NOW - days_back * DAY)
    return start, int(start + days * DAY)


@pytest.mark.parametrize(
    ("interval", "period", "text"),
    [
        ("1m", span(20, 9), "Only 8 days worth of 1m granularity data are allowed to be fetched per request."),
        ("1m", span(30, 3), "The requested range must be within the last 30 days."),
        ("2m", span(60, 3), "The requested range must be within the last 60 days."),
        ("5m", span(60, 3), "The requested range must be within the last 60 days."),
        ("15m", span(400, 3), "The requested range must be within the last 60 days."),
        ("30m", span(60, 60), "The requested range must be within the last 60 days."),
        ("90m", span(61, 1), "The requested range must be within the last 60 days."),
        ("60m", span(730, 3), "The requested range must be within the last 730 days."),
        ("1h", span(730, 730), "The requested range must be within the last 730 days."),
        ("4h", span(9_000, 3), "The requested range must be within the last 730 days."),
    ],
)
def test_intraday_reaches_so_far_back(browser: Browser, interval: str, period: tuple[int, int], text: str) -> None:
    start, end = period
    head = f"{interval} data not available for startTime={start} and endTime={end}."
    reply = browser.chart("AAPL", f"period1={start}&period2={end}&interval={interval}")
    assert reply.refusal == (*UNABLE, f"{head} {text}")
    assert reply.document["chart"]["result"] is None


@pytest.mark.parametrize(
    ("interval", "period"),
    [("1m", span(29, 8)), ("1m", span(8, 8)), ("5m", span(59, 59)), ("60m", span(729, 729)), ("4h", span(729, 700))],
)
def test_and_not_a_day_less(browser: Browser, interval: str, period: tuple[int, int]) -> None:
    reply = browser.chart("AAPL", f"period1={period[0]}&period2={period[1]}&interval={interval}")
    assert reply.status == 200
    assert reply.result["timestamp"]
    assert reply.result["meta"]["dataGranularity"] == ("1h" if interval == "60m" else interval)


def test_ranges_are_counted_in_sessions(browser: Browser) -> None:
    assert browser.chart("AAPL", "range=60d&interval=5m").status == 200
    assert browser.chart("AAPL", "range=61d&interval=5m").refusal[:2] == UNABLE
    assert browser.chart("AAPL", "range=8d&interval=1m").status == 200
    assert "Only 8 days worth" in browser.chart("AAPL", "range=1mo&interval=1m").refusal[2]


def test_questions_that_make_no_sense(browser: Browser) -> None:
    valid = "[1m, 2m, 5m, 15m, 30m, 60m, 90m, 1h, 4h, 1d, 5d, 1wk, 1mo, 3mo]"
    assert browser.chart("AAPL", "range=1d&interval=7m").refusal == (
        *BAD,
        f"Invalid input - interval=7m is not supported. Valid intervals: {valid}",
    )
    assert browser.chart("AAPL", "period1=1700000000&period2=1600000000&interval=1d").refusal == (
        *BAD,
        "Invalid input - start date cannot be after end date. startDate = 1700000000, endDate = 1600000000",
    )
    assert browser.chart("AAPL", "range=later&interval=1d").refusal[:2] == BAD
    assert browser.chart("AAPL", "period1=early&interval=1d").refusal[:2] == BAD


def test_before_the_listing(browser: Browser) -> None:
    assert browser.chart("TSLA", "period1=946684800&period2=1009843200&interval=1d").refusal == (
        *BAD,
        "Data doesn't exist for startDate = 946684800, endDate = 1009843200",
    )
    partly = browser.chart("TSLA", "period1=946684800&period2=1293840000&interval=1d").result
    assert partly["timestamp"][0] == partly["meta"]["firstTradeDate"]


def test_a_weekend_is_an_answer_without_timestamps(browser: Browser) -> None:
    for interval in ("1d", "1m"):
        result = browser.chart("AAPL", f"period1=1771650000&period2=1771700000&interval={interval}").result
        assert list(result) == ["meta", "indicators"]
        assert result["indicators"] == {"quote": [{}]}


def test_yfinance_tells_the_reason(yfinance: YFinance) -> None:
    frame = yfinance.history("AAPL", start="2024-01-01", end="2024-01-05", interval="1h")
    assert frame.error == "YFPricesMissingError"
    assert "The requested range must be within the last 730 days." in frame.text
