"""Real recorded answers, served to the real client over real sockets, through worker, queue and database."""

import csv
import dataclasses
import datetime as dt
import io
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.plant import Plant, plant, succeeded
from tests.servers import Market, RedisServer, start_market
from webapp.collecting import submit as job_services
from webapp.collecting.validation import validate_request
from webapp.collecting.work import run
from webapp.context import context
from webapp.database.transactions import reading
from webapp.exporting.files import open_export
from webapp.kernel.intervals import Interval
from webapp.kernel.requests import CollectRequest
from webapp.series import queries_actions, queries_series
from webapp.series.queries_series import SeriesRow
from webapp.sources.base import ClientTools
from webapp.sources.registry import open_client

DAY = dt.timedelta(days=1)
# symbol, first and last day recorded, file
RECORDINGS = [
    ("AAPL", "2020-08-31", "2020-11-06", "chart-AAPL-2020-08-31-to-2020-11-07.json"),
    ("MSFT", "2021-02-01", "2022-01-30", "historical-via-chart-MSFT-dividends-2021-02-01-to-2022-01-31.csv.json"),
    ("BTC-USD", "2020-01-01", "2020-01-03", "chart-BTC-USD-2020-01-01-to-2020-01-03.json"),
    ("EURUSD=X", "2020-01-01", "2020-01-03", "chart-EURUSD=X-2020-01-01-to-2020-01-03.json"),
    ("OCDO.L", "2020-01-01", "2020-01-03", "chart-OCDO.L-2020-01-01-to-2020-01-03.json"),
    ("QQQ", "2020-01-01", "2020-01-03", "chart-QQQ-2020-01-01-to-2020-01-03.json"),
    ("WSU.DE", "2023-08-04", "2023-08-09", "chart-WSU.DE-2023-08-04-to-2023-08-09.json"),
    ("0P000071W8.TO", "2020-01-01", "2020-01-03", "chart-0P000071W8.TO-2020-01-01-to-2020-01-03.json"),
]


@pytest.fixture(scope="module")
def yahoo(shared_data: Path) -> Path:
    return shared_data / "yahoo"


@pytest.fixture(scope="module")
def market(yahoo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    started = start_market(tmp_path_factory.mktemp("replay"), "--replay", str(yahoo))
    yield started
    started.running.end()


@pytest.fixture(scope="module")
def replayed(
    market: Market, redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Plant, dict[str, int]]]:
    """All recordings, collected."""
    with plant(tmp_path_factory.mktemp("plant"), redis_server, market) as made:
        made.worker(), made.clock()
        ids = {
            symbol: made.submit(symbol, start=dt.date.fromisoformat(first), end=dt.date.fromisoformat(last))[0]
            for symbol, first, last, _ in RECORDINGS
        }
        assert succeeded(made.wait()), [(job.symbol, str(job.message)) for job in made.jobs()]
        yield made, ids


def recorded(yahoo: Path, file: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((yahoo / file).read_text())["response"]["bodyJson"]["chart"]["result"][0]
    return result


def day_of(stamp: int, result: dict[str, Any]) -> int:
    day = dt.datetime.fromtimestamp(stamp, ZoneInfo(result["meta"]["exchangeTimezoneName"]))
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp())


def row_of(made: Plant, job_id: int) -> SeriesRow:
    with made.app.app_context(), reading() as connection:
        row = queries_series.get(connection, made.job(job_id).series_id)
    assert row is not None
    return row


@pytest.mark.parametrize(("symbol", "file"), [(symbol, file) for symbol, _, _, file in RECORDINGS])
def test_every_bar_equals_the_recording(
    replayed: tuple[Plant, dict[str, int]], yahoo: Path, symbol: str, file: str
) -> None:
    made, ids = replayed
    result = recorded(yahoo, file)
    quote = result["indicators"]["quote"][0]
    columns = zip(
        result["timestamp"], *(quote[name] for name in ("open", "high", "low", "close", "volume")), strict=True
    )
    expected = {day_of(stamp, result): values for stamp, *values in columns if None not in values}
    stored = made.bars(ids[symbol])
    assert [bar[0] for bar in stored] == sorted(expected)
    for bar in stored:
        assert list(bar[1:6]) == pytest.approx(expected[bar[0]], rel=6e-8)  # float32


@pytest.mark.parametrize(("symbol", "file"), [(symbol, file) for symbol, _, _, file in RECORDINGS])
def test_every_dividend_and_split_equals_the_recording(
    replayed: tuple[Plant, dict[str, int]], yahoo: Path, symbol: str, file: str
) -> None:
    made, ids = replayed
    result = recorded(yahoo, file)
    events = result.get("events") or {}
    expected = {("dividend", day_of(e["date"], result)): e["amount"] for e in events.get("dividends", {}).values()}
    expected |= {
        ("split", day_of(e["date"], result)): e["numerator"] / e["denominator"]
        for e in events.get("splits", {}).values()
    }
    with made.app.app_context(), reading() as connection:
        stored = queries_actions.read(connection, row_of(made, ids[symbol]).instrument_id)
    assert {(action.kind, action.time): action.value for action in stored} == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize(("symbol", "file"), [(symbol, file) for symbol, _, _, file in RECORDINGS[:2]])
def test_adjusted_prices_equal_yahoos_own(
    replayed: tuple[Plant, dict[str, int]], yahoo: Path, symbol: str, file: str
) -> None:
    """Yahoo's adjusted closes also contain dividends paid after the recorded span: one constant factor."""
    made, ids = replayed
    result = recorded(yahoo, file)
    adjusted = result["indicators"]["adjclose"][0]["adjclose"]
    with made.app.app_context():
        text = b"".join(open_export(row_of(made, ids[symbol]).id, "csv", "all").chunks).decode()
    ours = [float(row["close"]) for row in csv.DictReader(io.StringIO(text))]
    assert len(ours) == len(adjusted)
    constant = ours[-1] / adjusted[-1]
    assert ours == pytest.approx([value * constant for value in adjusted], rel=1e-6)
    raw = result["indicators"]["quote"][0]["close"]
    assert any(
        a / b != pytest.approx(c / d, rel=1e-5) for (a, b), (c, d) in zip(pairwise(ours), pairwise(raw), strict=True)
    )


def collect_at(made: Plant, now: dt.datetime, request: CollectRequest) -> int:
    """Collect in this process, with the real client, at a moment of the past."""
    told = made.environment
    settings: dict[str, str | float | None] = {
        "proxy": told["YAHOO_PROXY"],
        "ca_bundle": told["YAHOO_CA_BUNDLE"],
        "requests_per_second": 20.0,
    }
    tools = ClientTools(made.redis.client(), made.folder / "past", now.timestamp, settings)
    with made.app.app_context():
        past = dataclasses.replace(context(), now=lambda: now, open_client=lambda name: open_client(name, tools))
        [job_id] = job_services.submit(past, validate_request(request, now), "test").job_ids
        run(past, job_id, "past", lambda: False)
    return job_id


def test_the_empty_weekend_is_recorded_as_empty(market: Market, redis_server: RedisServer, tmp_path: Path) -> None:
    saturday = dt.datetime(2025, 2, 1, tzinfo=dt.UTC)
    now = saturday + dt.timedelta(days=10)  # Yahoo keeps minutes for a month: asked when it was fresh
    with plant(tmp_path, redis_server, market) as made:
        job_id = collect_at(made, now, CollectRequest("yahoo", ("AAPL",), Interval.M1, saturday, saturday + DAY))
        assert made.bars(job_id) == []
        start = int(saturday.timestamp())
        assert made.covered(job_id) == [(start, start + 86_400, "empty")]


@pytest.mark.parametrize(("symbol", "currency"), [("OCDO.L", "GBp"), ("WSU.DE", "EUR"), ("0P000071W8.TO", "CAD")])
def test_currencies_survive(replayed: tuple[Plant, dict[str, int]], symbol: str, currency: str) -> None:
    made, ids = replayed
    assert row_of(made, ids[symbol]).facts.currency == currency
