"""Recorded answers given again; the recordings are real and not part of the project."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.sandbox.clients import Browser, YFinance
from webapp.sandbox.control import RunningSandbox, SandboxError, running_sandbox
from webapp.sandbox.market import Market


@pytest.fixture(scope="module")
def replaying(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    folder = tmp_path_factory.mktemp("replay")
    with running_sandbox(folder, ("--replay", str(shared_data / "yahoo"))) as sandbox:
        yield sandbox


def test_every_recording_is_given_as_it_is(shared_data: Path, replaying: RunningSandbox) -> None:
    browser = Browser(replaying)
    paths = sorted((shared_data / "yahoo").glob("*.json"))
    assert paths
    for path in paths:
        recording = json.loads(path.read_text(encoding="utf-8"))
        reply = browser.get(recording["request"]["url"])
        assert reply.status == recording["response"]["status"]
        if "bodyJson" in recording["response"]:
            assert reply.document == recording["response"]["bodyJson"]
        else:
            assert reply.text == recording["response"]["bodyText"]


def test_yfinance_reads_a_recording_that_overlaps(replaying: RunningSandbox, tmp_path: Path) -> None:
    client = YFinance(replaying, tmp_path)
    try:
        frame = client.history("AAPL", start="2020-09-01", end="2020-12-01")
        assert frame.dates[0] == "2020-08-31"
        assert len(frame.rows) == 49
        assert frame.events("Stock Splits") == {"2020-08-31": 4.0}
        assert client.history("AAPL", start="2010-01-01", end="2010-02-01").error
        assert client.history("NVDA", start="2020-09-01", end="2020-12-01").error
    finally:
        client.end()


def test_recordings_and_the_market_have_one_shape(
    shared_data: Path, browser: Browser, market: Market, replaying: RunningSandbox
) -> None:
    compared = 0
    for path in sorted((shared_data / "yahoo").glob("chart-*.json")):
        address = urlsplit(json.loads(path.read_text(encoding="utf-8"))["request"]["url"])
        symbol = address.path.rpartition("/")[2]
        if "interval=1m" in address.query or not market.search(symbol):
            continue
        real = Browser(replaying).chart(symbol, address.query).result
        ours = browser.chart(symbol, address.query).result
        assert list(ours["meta"]) == list(real["meta"])
        assert ours["timestamp"] == real["timestamp"]
        assert {name: type(value) for name, value in ours.items()} == {n: type(v) for n, v in real.items()} | {
            name: dict for name in ours if name == "events"
        }
        for name in ("currency", "exchangeName", "fullExchangeName", "instrumentType", "firstTradeDate", "priceHint"):
            assert ours["meta"][name] == real["meta"][name]
        for name in ("hasPrePostMarketData", "exchangeTimezoneName", "validRanges", "dataGranularity", "range"):
            assert ours["meta"][name] == real["meta"][name]
        compared += 1
    assert compared >= 5


def test_a_folder_without_recordings_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(SandboxError, match="status 1"), running_sandbox(tmp_path, ("--replay", str(tmp_path))):
        pass
