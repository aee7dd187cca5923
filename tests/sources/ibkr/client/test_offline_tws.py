"""The client on the offline market: what it brings is the market's truth, whatever happens on the way."""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.servers import wait_until
from tests.sources.ibkr.client.conftest import POOL_SETTINGS, Ask, MakeClient
from webapp.kernel.bars import Bar, aggregate
from webapp.kernel.gateways import Gateway
from webapp.kernel.intervals import DAY, HOUR, Interval
from webapp.kernel.job_states import ErrorKind
from webapp.kernel.spans import Span
from webapp.sandbox.control import RunningSandbox, running_sandbox
from webapp.sandbox.market import Market
from webapp.sandbox.tws.client import TwsClient
from webapp.sources.base import ChunkRequest, SourceError
from webapp.sources.contract import find_answer_problems
from webapp.sources.ibkr.client import IbkrClient
from webapp.sources.ibkr.contract_names import contract_of, whats


def at(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())


NOW = at("2026-03-02T18:00")
CONTRACTS = [
    "AAPL",
    "SPX.IND.CBOE.USD",
    "EUR.CASH.IDEALPRO.USD",
    "BTC.CRYPTO.PAXOS.USD",
    "ES.FUT.CME.USD.202603",
    "ES.FUT.CME.USD.202512",
    "ES.CONTFUT.CME.USD",
    "AAPL.OPT.SMART.USD.20260320.240.C",
]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox"), ("--now", "2026-03-02T18:00:00Z")) as running:
        yield running


@pytest.fixture
def offline(sandbox: RunningSandbox) -> Iterator[TwsClient]:
    sandbox.client.clear()
    yield sandbox.client.tws
    assert sandbox.client.tws.orders() == []
    sandbox.client.clear()


@pytest.fixture
def gateway(sandbox: RunningSandbox) -> Gateway:
    host, port = sandbox.tws.split(":")
    return Gateway("default", host, int(port))


@pytest.fixture
def client(make_client: MakeClient, offline: TwsClient) -> IbkrClient:
    return make_client(now=lambda: NOW, request_timeout=20.0, soft_per_second=50.0)


@pytest.fixture(scope="module")
def market() -> Market:
    return Market(lambda: NOW)


def prices(bars: list[Bar]) -> list[tuple[float, ...]]:
    return [bar[:6] for bar in bars]


def fetched(ask: Ask, interval: Interval, start: str, end: str, symbol: str = "AAPL", **options: str) -> list[Bar]:
    return list(ask(symbol, interval, Span(at(start), at(end)), **options).bars)


@pytest.mark.parametrize("interval", [Interval.S5, Interval.M1, Interval.H1, Interval.D1, Interval.MO1])
def test_answers_keep_the_contract(client: IbkrClient, gateway: Gateway, interval: Interval) -> None:
    span = Span(at("2026-02-26T15:00"), at("2026-02-26T16:00"))
    if interval.is_dated:
        span = Span(at("2025-06-01"), at("2026-02-01"))
    request = ChunkRequest("AAPL", interval, span, {"what": "TRADES", "rth": "true"}, gateway)
    assert list(find_answer_problems(client, request, NOW)) == []


@pytest.mark.parametrize("interval", [Interval.D1, Interval.W1, Interval.MO1])
def test_dated_bars_are_the_market_s(ask: Ask, market: Market, interval: Interval) -> None:
    start, end = {"1wk": ("2025-06-02", "2026-03-02")}.get(interval.value, ("2025-06-01", "2026-03-01"))
    truth = market.bars("AAPL", interval.value, at(start), at(end))
    got = fetched(ask, interval, start, end)
    assert len(got) == len(truth) > 8
    assert [bar[1:6] for bar in got] == [(b.open, b.high, b.low, b.close, b.volume) for b in truth]


@pytest.mark.parametrize("interval", ["1s", "5s", "10s", "15s", "30s", "1m", "2m", "3m", "5m", "10m", "15m", "30m"])
def test_intraday_bars_are_the_market_s(ask: Ask, market: Market, interval: str) -> None:
    start, end = "2026-02-20T14:30", "2026-02-20T15:00"
    truth = market.bars("AAPL", interval, at(start), at(end))
    got = fetched(ask, Interval(interval), start, end)
    assert prices(got) == [(b.start, b.open, b.high, b.low, b.close, b.volume) for b in truth]


@pytest.mark.parametrize("interval", ["20m", "1h", "2h", "3h", "4h", "8h"])
@pytest.mark.parametrize(("symbol", "zone"), [("AAPL", "America/New_York"), ("MC.STK.SMART.EUR", "Europe/Paris")])
def test_large_bars_add_up_from_small_ones_on_the_local_clock_when_clocks_change(
    ask: Ask, interval: str, symbol: str, zone: str
) -> None:
    step, local = Interval(interval).seconds, ZoneInfo(zone)
    minutes: list[Bar] = []
    for start in range(at("2025-10-24"), at("2025-11-05"), 4 * DAY):
        minutes += ask(symbol, Interval.M1, Span(start, start + 4 * DAY)).bars

    def slot(moment: int) -> int:
        wall = dt.datetime.fromtimestamp(moment, local)
        return moment - (wall.hour * HOUR + wall.minute * 60 + wall.second) % step

    truth = aggregate(minutes, slot)
    got = fetched(ask, Interval(interval), "2025-10-24", "2025-11-05", symbol)
    assert [bar[1:6] for bar in got] == [bar[1:6] for bar in truth]
    pieces: list[Bar] = []
    for start in range(at("2025-10-24"), at("2025-11-05"), 36 * HOUR + 1200):
        span = Span(start, min(start + 36 * HOUR + 1200, at("2025-11-05")))
        pieces += ask(symbol, Interval(interval), span).bars
    assert pieces == got


@pytest.mark.parametrize("symbol", CONTRACTS)
def test_everything_that_a_type_can_show_is_brought(ask: Ask, symbol: str) -> None:
    start, end = ("2025-12-01", "2025-12-19") if symbol.endswith("202512") else ("2026-02-16", "2026-02-28")
    for what in whats(contract_of(symbol).kind):
        bars = fetched(ask, Interval.D1, start, end, symbol, what=what.value)
        assert len(bars) >= 9, what
        is_traded = what.value in {"TRADES", "AGGTRADES", "ADJUSTED_LAST"}
        assert all((bar[7] is not None) is is_traded for bar in bars), what


def test_all_hours_are_more_than_regular_ones(ask: Ask) -> None:
    span = "2026-02-20", "2026-02-21"
    assert len(fetched(ask, Interval.M5, *span, rth="true")) == 78
    assert len(fetched(ask, Interval.M5, *span, rth="false")) > 150


def test_the_running_day_is_left_out(ask: Ask) -> None:
    answer = ask(span=Span(at("2026-02-26"), at("2026-03-03")))
    assert [bar[0] for bar in answer.bars] == [at("2026-02-26"), at("2026-02-27")]
    assert answer.known_until == at("2026-03-02")


def test_the_running_minutes_are_left_out(ask: Ask) -> None:
    answer = ask(interval=Interval.M1, span=Span(at("2026-03-02T17:00"), at("2026-03-02T19:00")))
    assert (answer.bars[-1][0], answer.known_until) == (at("2026-03-02T17:44"), at("2026-03-02T17:45"))


@pytest.mark.parametrize("interval", list(Interval))
def test_each_interval_is_asked_as_tws_takes_it(ask: Ask, offline: TwsClient, interval: Interval) -> None:
    long = Span(at("2025-09-01"), at("2026-03-01"))
    short = Span(at("2026-02-20T14:30"), at("2026-02-20T15:00"))
    assert ask(interval=interval, span=short if interval.seconds <= 60 else long).bars
    wait_until(lambda: [entry["answer"] for entry in offline.log(kind="history")] == ["data"])


def test_a_share_of_two_exchanges_is_offered_by_both(ask: Ask) -> None:
    with pytest.raises(SourceError) as caught:
        ask("AIR.STK.SMART.EUR")
    for choice in caught.value.choices:
        assert ask(choice.symbol, span=Span(at("2026-02-16"), at("2026-02-20"))).bars
    assert len(caught.value.choices) == 2


def test_what_a_search_finds_can_be_collected(client: IbkrClient, ask: Ask, gateway: Gateway) -> None:
    hits = client.search("AAPL", gateway)
    assert ask(hits[0].symbol, span=Span(at("2026-02-16"), at("2026-02-20"))).bars


def test_an_expired_option_and_an_old_future_are_said(ask: Ask) -> None:
    with pytest.raises(SourceError, match="has expired"):
        ask("AAPL.OPT.SMART.USD.20251219.210.C")
    with pytest.raises(SourceError, match="two years"):
        ask("ES.FUT.CME.USD.202303")


FAULTS: list[tuple[dict[str, Any], ErrorKind]] = [
    ({"error": 162, "text": "…:Historical data request pacing violation"}, ErrorKind.RATE_LIMITED),
    ({"error": 162, "text": "…:No market data permissions for NYSE STK"}, ErrorKind.NO_PERMISSION),
    ({"error": 200, "text": "No security definition has been found for the request"}, ErrorKind.UNKNOWN_SYMBOL),
    ({"error": 321, "text": "Error validating request.-'bS' : cause - wrong"}, ErrorKind.BAD_REQUEST),
    ({"error": 322, "text": "Error processing request.-'wd' : cause - Only 50"}, ErrorKind.RATE_LIMITED),
    ({"error": 354, "text": "Requested market data is not subscribed."}, ErrorKind.NO_PERMISSION),
    ({"error": 10197, "text": "No market data during competing live session"}, ErrorKind.NO_PERMISSION),
    ({"garbage": True}, ErrorKind.UNAVAILABLE),
    ({"cut": True}, ErrorKind.GATEWAY_DOWN),
    ({"reset": True}, ErrorKind.GATEWAY_DOWN),
    ({"close": True}, ErrorKind.GATEWAY_DOWN),
]


@pytest.mark.parametrize(("action", "kind"), FAULTS, ids=lambda value: str(value)[:24])
def test_a_fault_is_told_for_what_it_is_and_the_next_answer_is_whole(
    ask: Ask, offline: TwsClient, action: dict[str, Any], kind: ErrorKind
) -> None:
    whole = ask(span=Span(at("2026-02-16"), at("2026-02-20"))).bars
    offline.fault(times=1, match={"kind": "history"}, **action)
    with pytest.raises(SourceError) as caught:
        ask(span=Span(at("2026-02-16"), at("2026-02-20")))
    assert caught.value.kind is kind
    if kind is not ErrorKind.RATE_LIMITED:
        wait_until(lambda: bars_or_none(ask) == whole)


def bars_or_none(ask: Ask) -> object:
    try:
        return ask(span=Span(at("2026-02-16"), at("2026-02-20"))).bars
    except SourceError as error:
        return error.kind


def test_silence_is_a_time_out(make_client: MakeClient, offline: TwsClient, gateway: Gateway) -> None:
    ask = Ask(make_client(now=lambda: NOW, request_timeout=1.0), gateway)
    offline.fault(times=1, match={"kind": "history"}, never=True)
    assert bars_or_none(ask) is ErrorKind.TIMEOUT
    assert bars_or_none(ask) != []


def test_an_answer_of_no_bars_is_empty_and_a_late_one_is_whole(ask: Ask, offline: TwsClient) -> None:
    offline.fault(times=1, match={"kind": "history"}, empty=True)
    assert bars_or_none(ask) == []
    offline.fault(times=1, match={"kind": "history"}, delay=0.5)
    assert len(ask(span=Span(at("2026-02-16"), at("2026-02-20"))).bars) == 3  # a holiday on Monday


@pytest.mark.parametrize("trouble", [lambda tws: tws.outage(1.0, 1101), lambda tws: tws.restart(1.0)])
def test_it_goes_on_by_itself_after_an_outage_and_a_restart(
    ask: Ask, offline: TwsClient, trouble: Callable[[TwsClient], None]
) -> None:
    whole = ask(span=Span(at("2026-02-16"), at("2026-02-20"))).bars
    trouble(offline)
    outcomes = set()

    def is_back() -> bool:
        got = bars_or_none(ask)
        outcomes.add(got if isinstance(got, ErrorKind) else "bars")
        return got == whole

    wait_until(lambda: bars_or_none(ask) is ErrorKind.GATEWAY_DOWN)
    wait_until(is_back)
    assert outcomes <= {ErrorKind.GATEWAY_DOWN, "bars"}


def test_ids_of_other_programs_are_left_to_them(ask: Ask, offline: TwsClient) -> None:
    offline.occupy(11, 12)
    ask()
    assert offline.clients() == [13]


def test_threads_under_strict_rules_break_none_and_bring_everything(
    make_client: MakeClient, offline: TwsClient, gateway: Gateway, market: Market
) -> None:
    rules = {"window_seconds": 4.0, "window_requests": 12, "identical_seconds": 1.0, "burst_seconds": 0.4}
    offline.set(pacing=rules)
    client = make_client(
        now=lambda: NOW, pool_settings=replace(POOL_SETTINGS, idle=60.0), request_timeout=20.0, **rules
    )
    starts = range(at("2026-02-20T14:30"), at("2026-02-20T14:50"), 60)

    def collect(start: int) -> list[Bar]:
        while True:
            try:
                return list(Ask(client, gateway)(interval=Interval.S5, span=Span(start, start + 60)).bars)
            except SourceError as error:
                if error.kind is not ErrorKind.RATE_LIMITED:
                    raise
                time.sleep(min(error.retry_after or 0.1, 4.0))

    with ThreadPoolExecutor(4) as pool:
        got = [bar for bars in pool.map(collect, starts) for bar in bars]
    truth = market.bars("AAPL", "5s", starts.start, starts.stop)
    assert prices(got) == [(b.start, b.open, b.high, b.low, b.close, b.volume) for b in truth]
    assert offline.violations() == []
    assert len(offline.clients()) == 1
