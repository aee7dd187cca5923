"""What stands around the charts: the proxy, cookies and crumbs, the log."""

import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from urllib.parse import urlsplit

import pytest

from tests.sandbox.clients import Browser, YFinance
from webapp.sandbox.control import RunningSandbox, SandboxClient

CRUMB = "https://query1.finance.yahoo.com/v1/test/getcrumb"
SUMMARY = "https://query2.finance.yahoo.com/v10/finance/quoteSummary/AAPL?modules=price"


@pytest.fixture
def wire(running: RunningSandbox, sandbox: SandboxClient) -> Iterator[socket.socket]:
    """A bare connection to the proxy."""
    address = urlsplit(running.proxy)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        yield connection


@pytest.mark.parametrize(
    "line",
    [
        "CONNECT example.com:443",
        "CONNECT query2.finance.yahoo.com:80",
        "CONNECT notyahoo.com:443",
        "CONNECT yahoo.com.example.com:443",
        "GET http://query2.finance.yahoo.com/v8/finance/chart/AAPL",
        "POST http://example.com/",
    ],
)
def test_the_proxy_leads_nowhere_else(wire: socket.socket, sandbox: SandboxClient, line: str) -> None:
    wire.sendall(f"{line} HTTP/1.1\r\nHost: somewhere\r\n\r\n".encode())
    assert wire.makefile("rb").readline() == b"HTTP/1.1 403 Forbidden\r\n"
    entry = sandbox.log()[-1]
    assert (entry["method"], entry["status"]) == (line.partition(" ")[0], 403)


def test_cookie_then_crumb_then_summary(browser: Browser) -> None:
    cookie = browser.get("https://fc.yahoo.com/")
    assert cookie.status == 404
    given = cookie.headers["Set-Cookie"]
    assert given.startswith("A3=")
    assert "Domain=.yahoo.com" in given
    assert browser.get(CRUMB).document["finance"]["error"]["description"] == "Invalid Cookie"
    crumb = browser.get(CRUMB, {"Cookie": given.partition(";")[0]})
    assert crumb.status == 200
    refused = browser.get(SUMMARY)
    assert refused.status == 401
    assert refused.document["quoteSummary"]["error"]["description"] == "Invalid Crumb"
    summary = browser.get(f"{SUMMARY}&crumb={crumb.text}").document["quoteSummary"]["result"][0]
    assert summary["price"]["currency"] == "USD"
    assert browser.get(f"{SUMMARY.replace('AAPL', 'NIX')}&crumb={crumb.text}").status == 404
    quotes = browser.get(f"https://query1.finance.yahoo.com/v7/finance/quote?symbols=AAPL,MC.PA&crumb={crumb.text}")
    assert [quote["currency"] for quote in quotes.document["quoteResponse"]["result"]] == ["USD", "EUR"]


def test_consent(browser: Browser) -> None:
    form = browser.get("https://guce.yahoo.com/consent").text
    assert 'name="csrfToken"' in form
    assert 'name="sessionId"' in form
    thanks = browser.get("https://consent.yahoo.com/v2/collectConsent?sessionId=1", data=b"agree=agree")
    assert thanks.headers["Set-Cookie"].startswith("A3=")
    assert browser.get("https://guce.yahoo.com/copyConsent?sessionId=1").status == 200


def test_other_hosts_and_paths(browser: Browser) -> None:
    assert browser.get("https://finance.yahoo.com/quote/AAPL").status == 200
    assert browser.get("https://query1.finance.yahoo.com/v1/finance/unheard-of").status == 404


def test_search_is_worded_as_yahoos(browser: Browser) -> None:
    document = browser.get("https://query2.finance.yahoo.com/v1/finance/search?q=A&quotesCount=2").document
    assert document["count"] == len(document["quotes"]) == 2
    first = document["quotes"][0]
    assert (first["symbol"], first["quoteType"], first["exchange"]) == ("AAPL", "EQUITY", "NMS")
    assert first["isYahooFinance"]


def test_the_log_has_every_request_of_yfinance(yfinance: YFinance, sandbox: SandboxClient) -> None:
    before = time.time()
    yfinance.history("TSLA", start="2025-01-01", end="2025-02-01")
    charts = [entry for entry in sandbox.log() if "/chart/" in entry["path"]]
    assert [entry["symbol"] for entry in charts] == ["TSLA", "TSLA"]
    assert "range=1d" in charts[0]["query"]
    assert "period1=1735707600" in charts[1]["query"]
    assert {entry["host"] for entry in charts} == {"query2.finance.yahoo.com"}
    assert {(entry["status"], entry["interval"]) for entry in charts} == {(200, "1d")}
    assert before <= charts[0]["time"] < charts[1]["time"] <= time.time()
    last = charts[-1]["sequence"]
    assert sandbox.log(since=last) == []
    sandbox.clear()
    assert sandbox.log() == []
    yfinance.history("TSLA", start="2025-01-01", end="2025-03-01")
    assert sandbox.log()[-1]["sequence"] > last


def test_many_clients_at_once(browser: Browser, sandbox: SandboxClient) -> None:
    symbols = [f"SIM{number:03}" for number in range(60)]
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda symbol: browser.chart(symbol, "range=1mo&interval=1d"), symbols))
    assert [reply.result["meta"]["symbol"] for reply in replies] == symbols
    assert sorted(entry["symbol"] for entry in sandbox.log()) == symbols


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
def test_a_connection_is_used_again(running: RunningSandbox, yfinance: YFinance, sandbox: SandboxClient) -> None:
    for _ in range(5):
        yfinance.history("AAPL", start="2025-01-01", end="2025-02-01")
    threads, asked = open_threads(running.pid), len(sandbox.log())
    for _ in range(5):
        yfinance.history("AAPL", start="2025-01-01", end="2025-02-01")
    assert open_threads(running.pid) <= threads
    assert len(sandbox.log()) == asked + 5


def open_threads(pid: int) -> int:
    with open(f"/proc/{pid}/status", encoding="ascii") as status:  # noqa: PTH123 (not a file)
        return next(int(line.split()[1]) for line in status if line.startswith("Threads:"))


def test_the_clock_stands_runs_and_goes_home(sandbox: SandboxClient, browser: Browser) -> None:
    assert sandbox.now() == {"now": "2026-03-02T18:00:00+00:00", "mode": "frozen"}
    sandbox.set_now("2026-03-02T14:30:00Z", running=True)
    first, second = datetime.fromisoformat(sandbox.now()["now"]), datetime.fromisoformat(sandbox.now()["now"])
    assert first < second
    assert sandbox.now()["mode"] == "running"
    sandbox.set_now(None)
    assert sandbox.now()["mode"] == "real"
    assert browser.chart("BTC-USD", "range=1d&interval=1d").result["meta"]["regularMarketTime"] >= time.time() - 5
