"""What goes wrong on command, seen by a plain client and by the real yfinance."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import IncompleteRead, RemoteDisconnected
from typing import Any
from urllib.error import HTTPError, URLError

import pytest

from tests.sandbox.clients import Browser, Reply, YFinance
from webapp.sandbox.control import SandboxClient

QUERY = "period1=1767225600&period2=1772323200&interval=1d&events=div"
FIELDS = ("open", "high", "low", "close", "volume")
YEAR = {"start": "2025-01-01", "end": "2026-01-01"}


def broken_off(browser: Browser) -> bool:
    try:
        browser.chart("AAPL", QUERY)
    except (RemoteDisconnected, URLError):
        return True
    return False


def columns(reply: Reply) -> dict[str, list[Any]]:
    quote: dict[str, list[Any]] = reply.result["indicators"]["quote"][0]
    return quote


def test_statuses_and_when_to_come_again(browser: Browser, sandbox: SandboxClient) -> None:
    sandbox.fault(status=429, retry_after=30, times=1)
    sandbox.fault(status=401, times=1)
    sandbox.fault(status=404, times=1)
    sandbox.fault(status=503, times=1)
    refused = [browser.chart("AAPL", QUERY) for _ in range(4)]
    assert [reply.status for reply in refused] == [429, 401, 404, 503]
    assert refused[0].body == b"Too Many Requests\r\n"
    assert refused[0].headers["Content-Type"].startswith("text/plain")
    assert refused[0].headers["Retry-After"] == "30"
    assert refused[1].document["finance"]["error"]["description"] == "Invalid Crumb"
    assert refused[2].refusal[2] == "No data found, symbol may be delisted"
    assert browser.chart("AAPL", QUERY).status == 200
    assert [entry["fault"] for entry in sandbox.log()] == ["status"] * 4 + [""]


def test_broken_answers(browser: Browser, sandbox: SandboxClient) -> None:
    whole = browser.chart("AAPL", QUERY).body
    sandbox.fault(cut=True, times=1)
    cut = browser.chart("AAPL", QUERY)
    assert cut.body == whole[: len(whole) // 2]
    assert int(cut.headers["Content-Length"]) == len(cut.body)
    with pytest.raises(json.JSONDecodeError):
        cut.document  # noqa: B018 (reading it is what fails)
    sandbox.fault(truncate=True, times=1)
    with pytest.raises(IncompleteRead) as missing:
        browser.chart("AAPL", QUERY)
    assert len(missing.value.partial) == len(whole) // 2
    sandbox.fault(drop=True, times=1)
    assert broken_off(browser)
    assert sandbox.log()[-1]["status"] == 0
    sandbox.fault(html=True, times=1)
    page = browser.chart("AAPL", QUERY)
    assert page.status == 200
    assert "Will be right back" in page.text
    assert browser.chart("AAPL", QUERY).body == whole


def test_rows_without_prices(browser: Browser, sandbox: SandboxClient) -> None:
    sandbox.fault(nulls=3, times=1)
    reply = browser.chart("AAPL", QUERY)
    empty = [i for i, close in enumerate(columns(reply)["close"]) if close is None]
    assert len(empty) == 3
    assert all(columns(reply)[name][i] is None for name in FIELDS for i in empty)
    sandbox.fault(null_fields=5, times=1)
    reply = browser.chart("AAPL", QUERY)
    assert [columns(reply)[name].count(None) for name in FIELDS] == [1] * 5
    assert len(reply.result["timestamp"]) == 39


def test_rows_that_do_not_fit(browser: Browser, sandbox: SandboxClient) -> None:
    sandbox.fault(unequal=True, times=1)
    assert len(columns(browser.chart("AAPL", QUERY))["close"]) == 38
    sandbox.fault(duplicate_last=True, times=1)
    stamps = browser.chart("AAPL", QUERY).result["timestamp"]
    assert len(stamps) == 40
    assert stamps[-1] == stamps[-2]
    sandbox.fault(empty=True, times=1)
    result = browser.chart("AAPL", QUERY).result
    assert list(result) == ["meta", "indicators"]
    assert result["indicators"] == {"quote": [{}]}


def test_slowness_goes_with_anything(browser: Browser, sandbox: SandboxClient) -> None:
    sandbox.fault(slow=0.3, status=503, times=1)
    sandbox.fault(slow=0.3, times=1)
    for status in (503, 200):
        begun = time.monotonic()
        assert browser.chart("AAPL", QUERY).status == status
        assert time.monotonic() - begun >= 0.3


def test_a_rule_strikes_whom_it_names(browser: Browser, sandbox: SandboxClient) -> None:
    sandbox.fault(status=500, match={"symbol": "MSFT", "interval": "1d", "path": "/v8/"})
    statuses = {
        query: browser.chart(*query).status
        for query in (("AAPL", QUERY), ("MSFT", QUERY), ("MSFT", "range=1d&interval=1h"))
    }
    assert list(statuses.values()) == [200, 500, 200]
    assert sandbox.faults()[0]["struck"] == 1
    sandbox.heal()
    assert browser.chart("MSFT", QUERY).status == 200


def test_each_chunk_fails_as_often_as_asked(browser: Browser, sandbox: SandboxClient) -> None:
    sandbox.fault(status=500, times=2, per="request", match={"path": "/chart/"})
    others = ("AAPL", "range=1mo&interval=1d"), ("MSFT", QUERY), ("AAPL", QUERY)
    for query in others:
        assert [browser.chart(*query).status for _ in range(4)] == [500, 500, 200, 200]


def test_a_mixture_is_the_same_whoever_comes_first(browser: Browser, sandbox: SandboxClient) -> None:
    def outcome(symbol: str) -> str:
        try:
            return str(browser.chart(symbol, QUERY).status)
        except (OSError, IncompleteRead) as error:
            return type(error).__name__

    symbols = [f"SIM{number:03}" for number in range(40)]
    mixture = {"p": 0.5, "seed": 7}
    sandbox.fault(random=mixture)
    first = {symbol: outcome(symbol) for symbol in symbols}
    sandbox.heal()
    sandbox.fault(random=mixture)
    with ThreadPoolExecutor(4) as pool:
        backwards = list(reversed(symbols))
        assert dict(zip(backwards, pool.map(outcome, backwards), strict=True)) == first
    faults = [entry["fault"] for entry in sandbox.log()]
    assert 20 < faults.count("") < 60
    assert len(set(faults)) > 4
    sandbox.heal()
    sandbox.fault(random=mixture | {"p": 1, "kinds": [{"status": 503}]})
    assert outcome("AAPL") == "503"


def test_who_is_too_fast_is_refused(browser: Browser, sandbox: SandboxClient) -> None:
    sandbox.fault(rate=5)
    assert [browser.chart("AAPL", QUERY).status for _ in range(7)] == [200] * 5 + [429] * 2
    until = time.monotonic() + 10
    while browser.chart("AAPL", QUERY).status == 429:
        assert time.monotonic() < until
        time.sleep(0.3)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 429}, "YFRateLimitError"),
        ({"status": 500}, "JSONDecodeError"),
        ({"status": 401}, "YFPricesMissingError"),
        ({"cut": True}, "JSONDecodeError"),
        ({"html": True}, "YFDataException"),
        ({"truncate": True}, "ConnectionError"),
        ({"drop": True}, "ConnectionError"),
        ({"empty": True}, "YFPricesMissingError"),
        ({"unequal": True}, "ValueError"),
    ],
)
def test_yfinance_fails_in_its_own_way_and_goes_on_after_it(
    yfinance: YFinance, sandbox: SandboxClient, fault: dict[str, Any], error: str
) -> None:
    yfinance.history("AAPL", **YEAR)
    sandbox.fault(match={"path": "/chart/AAPL"}, **fault)
    assert yfinance.history("AAPL", **YEAR).error == error
    sandbox.heal()
    assert len(yfinance.history("AAPL", **YEAR).rows) == 250


def test_yfinance_drops_rows_without_prices_silently(yfinance: YFinance, sandbox: SandboxClient) -> None:
    sandbox.fault(nulls=0.1)
    frame = yfinance.history("AAPL", **YEAR)
    closes = frame.column("Close")
    assert len(closes) - closes.count(None) == 225  # type: ignore[arg-type]
    assert [row[frame.columns.index("Dividends")] > 0 for row in frame.rows if row[0] is None] == [True]
    sandbox.heal()
    sandbox.fault(duplicate_last=True)
    assert len(yfinance.history("AAPL", **YEAR).rows) == 250


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        ("x100", lambda bar, true: bar == [100 * price for price in true]),
        ("negative", lambda bar, true: bar == [-price for price in true]),
        ("zero", lambda bar, _true: bar == [0.0] * 4),
        ("high_below_low", lambda bar, true: bar[1] < bar[2] and bar[0] == true[0]),
    ],
)
def test_single_bars_come_wrong(
    browser: Browser, sandbox: SandboxClient, kind: str, check: Callable[[list[float], list[float]], bool]
) -> None:
    def bars(interval: str) -> dict[int, list[float]]:
        result = browser.chart("AAPL", f"period1=1770000000&period2=1770400000&interval={interval}").result
        quote = result["indicators"]["quote"][0]
        rows = zip(*(quote[name] for name in FIELDS[:4]), strict=True)
        return dict(zip(result["timestamp"], map(list, rows), strict=True))

    days, hours = bars("1d"), bars("1h")
    day, hour = 1_770_215_400, 1_770_219_000
    sandbox.distort("AAPL", "2026-02-04", kind)
    sandbox.distort("AAPL", "2026-02-04T15:30:00Z", kind, interval="1h")
    assert check(bars("1d")[day], days[day])
    assert check(bars("1h")[hour], hours[hour])
    assert {stamp for stamp, bar in bars("1d").items() if bar != days[stamp]} == {day}
    assert {stamp for stamp, bar in bars("1h").items() if bar != hours[stamp]} == {hour}
    sandbox.clear()
    assert (bars("1d"), bars("1h")) == (days, hours)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda sandbox: sandbox.fault(explode=True), "explode"),
        (lambda sandbox: sandbox.fault(status=500, per="week"), "week"),
        (lambda sandbox: sandbox.fault(status=500, match={"colour": "red"}), "colour"),
        (lambda sandbox: sandbox.fault(), "A rule cannot say"),
        (lambda sandbox: sandbox.distort("AAPL", "2026-02-04", "sideways"), "sideways"),
        (lambda sandbox: sandbox.inject("NIX", "2026-02-04", "split", 2), "not listed"),
        (lambda sandbox: sandbox.inject("AAPL", "2026-02-04", "merger", 2), "merger"),
        (lambda sandbox: sandbox.set_now("2026-02-04T00:00:00"), "no time zone"),
    ],
)
def test_an_order_that_cannot_be_understood_is_refused(
    sandbox: SandboxClient, call: Callable[[SandboxClient], None], text: str
) -> None:
    with pytest.raises(HTTPError) as refused:
        call(sandbox)
    with refused.value as answer:
        assert answer.code == 400
        assert text in json.load(answer)["error"]
