"""Each thing that can go wrong on command."""

import asyncio
from collections.abc import Awaitable
from typing import Any
from urllib.error import HTTPError

import pytest

from tests.sandbox.tws.conftest import Run
from tests.sandbox.tws.library import ib
from tests.sandbox.tws.talk import Talk, until
from tests.sandbox.tws.truth import APPLE, STOCK
from webapp.sandbox.tws.client import TwsClient

MICROSOFT = ib.Contract(symbol="MSFT", currency="USD", **STOCK)
HISTORY = {"kind": "history"}


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (162, "Historical Market Data Service error message:No market data permissions for NYSE STK"),
        (200, "No security definition has been found for the request"),
        (321, "Error validating request.-'bS' : cause - What to show field is missing or incorrect."),
        (322, "Only 50 simultaneous API historical data requests allowed."),
        (354, "Requested market data is not subscribed."),
        (10197, "No market data during competing live session"),
    ],
)
def test_an_error(code: int, text: str, run: Run, tws: TwsClient) -> None:
    tws.fault(error=code, text=text, times=1, match=HISTORY)

    async def use(talk: Talk) -> object:
        return await talk.refusal(talk.asked(APPLE)), len(await talk.bars(APPLE))

    assert run(use) == ((code, text), 1)
    assert [(entry["answer"], entry["fault"]) for entry in tws.log(kind="history")] == [
        (str(code), "error"),
        ("data", ""),
    ]


def test_a_warning_leaves_the_request_open(run: Run, tws: TwsClient) -> None:
    tws.fault(error=165, text="Historical Market Data Service query message:HMDS server disconnect occurred.", times=1)
    tws.set(pacing={"max_open": 1})

    async def use(talk: Talk) -> object:
        waiting = asyncio.ensure_future(talk.asked(APPLE, timeout=0))
        await talk.told(165)
        refusal = await talk.refusal(talk.asked(APPLE))
        waiting.cancel()
        return refusal[0]

    assert run(use) == 322


def test_a_late_answer(run: Run, tws: TwsClient) -> None:
    tws.fault(delay=0.3, times=1, match=HISTORY)

    async def use(talk: Talk) -> object:
        late = asyncio.ensure_future(talk.bars(APPLE))
        await until_asked(tws)
        other = len(await talk.bars(MICROSOFT))
        was_waiting = not late.done()
        return was_waiting, other, len(await late)

    assert run(use) == (True, 1, 1)


def test_no_answer_until_it_is_cancelled(run: Run, tws: TwsClient) -> None:
    tws.fault(never=True, times=1, match=HISTORY)

    async def use(talk: Talk) -> object:
        waiting = asyncio.ensure_future(talk.asked(APPLE, timeout=0))
        await until_asked(tws)
        (entry,) = tws.log(kind="history")
        talk.ib.client.cancelHistoricalData(entry["number"])
        await asyncio.wait({waiting})
        talk.ib.client.cancelHistoricalData(entry["number"])
        await talk.told(366)
        return entry["number"], str(waiting.exception())

    number, text = run(use)
    assert text.endswith(f"error message:API historical data query cancelled: {number}")


@pytest.mark.parametrize("action", ["cut", "reset", "close"])
def test_the_connection_breaks_off(action: str, run: Run, tws: TwsClient) -> None:
    how: dict[str, Any] = {action: True}
    tws.fault(**how, times=1, match=HISTORY)

    async def use(talk: Talk) -> object:
        with pytest.raises(ConnectionError):
            await talk.asked(APPLE, "1 Y")
        return talk.ib.isConnected()

    assert run(use) is False
    assert len(run(lambda talk: talk.bars(APPLE, "1 Y"))) > 200


def test_a_date_that_is_none(run: Run, tws: TwsClient) -> None:
    tws.fault(garbage=True, times=1, match=HISTORY)

    async def use(talk: Talk) -> object:
        return list(await talk.asked(APPLE, "1 M", timeout=0.5))

    assert run(use) == []  # so the libraries show it
    assert tws.log(kind="history")[0]["answer"] == "data"


def test_an_answer_without_bars(run: Run, tws: TwsClient) -> None:
    tws.fault(empty=True, times=1, match=HISTORY)

    async def use(talk: Talk) -> object:
        return len(await talk.asked(APPLE)), len(await talk.asked(APPLE)), talk.codes()

    empty, full, codes = run(use)
    assert (empty, full) == (0, 1)
    assert not [code for code in codes if code < 2000]


def test_a_rule_matches_symbol_kind_and_client(run: Run, tws: TwsClient) -> None:
    tws.fault(error=354, text="x", match={"kind": "history", "symbol": "MSFT", "client_id": 21})

    async def use(talk: Talk) -> object:
        await talk.details(symbol="MSFT", **STOCK)
        await talk.bars(APPLE)
        return [code for _, code, _ in talk.errors if code == 354], await struck(talk.asked(MICROSOFT))

    assert run(use, client_id=21) == ([], True)
    assert run(use, client_id=22) == ([], False)
    tws.heal()
    assert run(use, client_id=21) == ([], False)


def test_each_distinct_request_can_fail_once(run: Run, tws: TwsClient) -> None:
    tws.fault(error=162, text="x", times=1, per="request", match=HISTORY)

    async def use(talk: Talk) -> object:
        return [await struck(talk.asked(one)) for one in (APPLE, MICROSOFT, APPLE, MICROSOFT)]

    assert run(use) == [True, True, False, False]


def test_chance_is_the_same_each_time(run: Run, tws: TwsClient) -> None:
    async def use(talk: Talk) -> object:
        return [await struck(talk.asked(APPLE, f"{days} D")) for days in range(1, 25)]

    found = []
    for seed in (7, 7, 8):
        tws.clear()
        kinds = [{"error": 322, "text": "x"}, {"error": 366, "text": "x"}]
        tws.fault(random={"p": 0.5, "seed": seed, "kinds": kinds}, match=HISTORY)
        found.append([entry["answer"] for _ in [run(use)] for entry in tws.log(kind="history")])
    assert found[0] == found[1] != found[2]
    assert set(found[0]) == {"data", "322", "366"}


def test_other_kinds_of_question_can_fail_too(run: Run, tws: TwsClient) -> None:
    tws.fault(error=200, text="x", times=1, match={"kind": "details"})
    tws.fault(error=162, text="x", times=1, match={"kind": "head"})

    async def use(talk: Talk) -> object:
        details = await talk.refusal(talk.details(symbol="AAPL", **STOCK))
        return details, await talk.refusal(talk.head(APPLE)), len(await talk.details(symbol="AAPL", **STOCK))

    assert run(use) == ((200, "x"), (162, "x"), 1)


def test_a_rule_needs_an_action(tws: TwsClient) -> None:
    with pytest.raises(HTTPError, match="400"):
        tws.fault()


async def struck(question: Awaitable[object]) -> bool:
    try:
        await question
    except ib.wrapper.RequestError:
        return True
    return False


async def until_asked(tws: TwsClient) -> None:
    await until(lambda: tws.log(kind="history"))
