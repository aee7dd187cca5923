"""What a client meets rarely, and must not meet differently than at a real TWS."""

import asyncio
import socket
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from tests.sandbox.tws.conftest import Run
from tests.sandbox.tws.library import completed, ib
from tests.sandbox.tws.talk import Talk, opened, until
from tests.sandbox.tws.truth import APPLE, STOCK
from webapp.sandbox.control import RunningSandbox, running_sandbox
from webapp.sandbox.tws.client import TwsClient

END = "20260227-15:00:00"
SMALL: dict[str, Any] = {"duration": "60 S", "size": "30 secs"}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (162, "pacing violation"),
        (200, "No security definition"),
        (321, "Error validating request"),
        (322, "simultaneous API historical data requests"),
        (354, "not subscribed"),
        (10197, "competing live session"),
    ],
)
def test_an_error_without_a_text_has_its_usual_one(code: int, words: str, run: Run, tws: TwsClient) -> None:
    tws.fault(error=code, times=1)

    async def use(talk: Talk) -> object:
        return await talk.refusal(talk.asked(APPLE))

    told, text = run(use)
    assert told == code
    assert words in text


@pytest.mark.parametrize(
    "given",
    [
        {"never": True, "match": {"sybmol": "AAPL"}},
        {"nevver": True},
        {"text": "an error without a code"},
        {"never": True, "per": "day"},
    ],
)
def test_a_rule_that_would_do_nothing_is_refused(given: dict[str, Any], tws: TwsClient) -> None:
    with pytest.raises(HTTPError, match="400"):
        tws.fault(**given)


@pytest.mark.parametrize("kind", ["details", "head", "matching"])
def test_every_kind_of_answer_can_be_cut(kind: str, run: Run, tws: TwsClient) -> None:
    tws.fault(cut=True, times=1, match={"kind": kind})

    async def use(talk: Talk) -> object:
        if kind == "details":
            question = asyncio.ensure_future(talk.details(symbol="AAPL", **STOCK))
        else:
            ask = talk.head(APPLE) if kind == "head" else talk.ib.reqMatchingSymbolsAsync("AAPL")
            question = asyncio.ensure_future(ask)
        await until(lambda: not talk.ib.isConnected())
        question.cancel()
        await asyncio.wait({question})
        return talk.ib.isConnected()

    assert run(use) is False
    assert [entry["fault"] for entry in tws.log(kind=kind)] == ["cut"]


def test_what_is_asked_twice_under_one_number_is_refused_once(run: Run, tws: TwsClient) -> None:
    tws.set(pacing={"max_open": 1})
    tws.fault(never=True, times=1, match={"kind": "history"})

    async def use(talk: Talk) -> object:
        for _ in range(2):
            talk.ib.client.reqHistoricalData(77, APPLE, "", "1 D", "1 day", "TRADES", 1, 2, False, [])  # noqa: FBT003 (the library's)
        await talk.told(386)
        talk.ib.client.cancelHistoricalData(77)
        await talk.told(162)
        return len(await talk.bars(APPLE))

    assert run(use) == 1  # the number of open requests is right again


def test_an_answer_is_noted_and_over_before_it_arrives(run: Run, free: TwsClient) -> None:
    free.set(pacing={"max_open": 1, "messages_per_second": 1000})

    async def use(talk: Talk) -> object:
        for days in range(1, 41):
            await talk.bars(APPLE, f"{days} D")
            assert free.log(kind="history")[-1]["answer"] == "data"
        return talk.codes()

    assert 322 not in run(use)


def test_a_request_too_many_is_counted_as_a_violation(run: Run, tws: TwsClient) -> None:
    tws.set(pacing={"max_open": 0})

    async def use(talk: Talk) -> object:
        return await talk.refusal(talk.asked(APPLE))

    assert run(use)[0] == 322
    assert [(one["rule"], one["what"]) for one in tws.violations()] == [("open", "AAPL")]


def test_a_contract_is_the_same_to_the_rules_however_it_is_described(run: Run, tws: TwsClient) -> None:
    tws.set(pacing={"identical_seconds": 60})
    by_number = ib.Contract(conId=265598, exchange="SMART")

    async def use(talk: Talk) -> object:
        await talk.bars(APPLE, **SMALL, end=END)
        return await talk.refusal(talk.asked(by_number, **SMALL, end=END))

    assert run(use)[0] == 162
    assert [one["rule"] for one in tws.violations()] == ["identical"]


def test_the_months_of_a_future_are_different_contracts_to_the_rules(run: Run, tws: TwsClient) -> None:
    tws.set(pacing={"burst_seconds": 60})

    async def use(talk: Talk) -> None:
        gold = {"symbol": "GC", "secType": "FUT", "exchange": "COMEX", "currency": "USD"}
        for month in ("202604", "202606"):
            contract = ib.Contract(**gold, lastTradeDateOrContractMonth=month)
            for minute in range(4):
                await talk.bars(contract, **SMALL, end=f"20260227-15:{minute:02}:00")

    run(use)
    assert tws.violations() == []


def test_a_head_timestamp_counts_to_the_burst_of_its_contract(run: Run, tws: TwsClient) -> None:
    tws.set(pacing={"burst_seconds": 60})

    async def use(talk: Talk) -> object:
        for minute in range(5):
            await talk.bars(APPLE, **SMALL, end=f"20260227-15:{minute:02}:00")
        return await talk.refusal(talk.head(APPLE))

    assert run(use)[0] == 162
    assert [one["rule"] for one in tws.violations()] == ["burst"]


@pytest.mark.parametrize(
    ("version", "date", "span"),
    [
        (173, "20260227  09:30:00", ("20260219  10:00:00", "20260227  10:00:00")),
        (174, "20260227 09:30:00 US/Eastern", ("20260219 10:00:00 US/Eastern", "20260227 10:00:00 US/Eastern")),
    ],
)
def test_an_older_version_writes_dates_without_a_zone(
    version: int, date: str, span: tuple[str, str], run: Run, tws: TwsClient
) -> None:
    """The answer names the span as it was asked for, on the calendar: eight sessions begin earlier."""
    tws.set(server_version=version)

    async def use(talk: Talk) -> object:
        dates: list[str] = []
        spans: list[tuple[str, str]] = []
        wrapper = talk.ib.wrapper
        bar_kept, end_kept = wrapper.historicalData, wrapper.historicalDataEnd

        def bar_came(number: int, bar: Any) -> None:  # noqa: ANN401 (the library's)
            dates.append(bar.date)
            bar_kept(number, bar)

        def end_came(number: int, start: str, end: str) -> None:
            spans.append((start, end))
            end_kept(number, start, end)

        wrapper.historicalData, wrapper.historicalDataEnd = bar_came, end_came
        await talk.bars(APPLE, "8 D", "30 mins", end=END, date_format=1)
        return dates, spans

    dates, spans = run(use)
    assert date in dates
    assert spans == [span]


def test_the_log_tells_every_message_and_when_it_came(run: Run, tws: TwsClient) -> None:
    async def use(talk: Talk) -> None:
        talk.ib.client.cancelHistoricalData(5)
        await talk.told(366)
        talk.ib.client.send(96, 6, "nobody answers this")
        await talk.ib.reqCurrentTimeAsync()

    run(use)
    log = tws.log()
    assert [entry["kind"] for entry in log][-3:] == ["cancel", "96", "49"]
    assert [entry["sequence"] for entry in log] == sorted(entry["sequence"] for entry in log)
    assert all(abs(entry["time"] - time.time()) < 60 for entry in log)
    moments = [entry["monotonic"] for entry in log]
    assert moments == sorted(moments)


def test_hundreds_of_questions_at_once_are_all_answered(running: RunningSandbox, free: TwsClient) -> None:
    free.set(pacing={"max_open": 1000, "messages_per_second": 1000})

    async def main() -> list[int]:
        talks = [await opened(running.tws) for _ in range(6)]
        questions = [talk.asked(APPLE, f"{days} D", "1 hour") for talk in talks for days in range(1, 41)]
        found = await asyncio.gather(*questions)
        for talk in talks:
            talk.ib.disconnect()
        return [len(bars) > 0 for bars in found]

    assert completed(main()) == [True] * 240
    assert free.violations() == []


def test_it_ends_while_a_client_is_connected(tmp_path: Path) -> None:
    with running_sandbox(tmp_path, ("--now", "2026-03-02T18:00:00Z")) as sandbox:
        host, _, port = sandbox.tws.partition(":")
        client = socket.create_connection((host, int(port)), timeout=20)
        client.sendall(b"API\0\x00\x00\x00\x09v157..176")
        assert client.recv(100)
        client.sendall(b"\x00\x00\x00\x0771\x002\x009\x00")
        assert client.recv(100)
    with client:
        try:
            while client.recv(4096):
                continue
        except ConnectionError:
            return
