"""Each pacing rule at its edge. Windows are short where time must pass, and long where none may have passed."""

import asyncio
import time
from collections.abc import Awaitable
from typing import Any

import pytest

from tests.sandbox.tws.conftest import Run
from tests.sandbox.tws.library import completed, ib
from tests.sandbox.tws.talk import Talk, opened
from tests.sandbox.tws.truth import APPLE, STOCK
from webapp.sandbox.control import RunningSandbox
from webapp.sandbox.tws.client import TwsClient

TEXT = "Historical Market Data Service error message:Historical data request pacing violation"
MICROSOFT = ib.Contract(symbol="MSFT", currency="USD", **STOCK)
NEVER: dict[str, float] = {"burst_seconds": 0, "identical_seconds": 0}
"""Settings that leave the rule for the window alone."""


def rules(tws: TwsClient) -> list[str]:
    return [one["rule"] for one in tws.violations()]


async def outcomes(talk: Talk, count: int, what: str = "TRADES", size: str = "30 secs") -> list[object]:
    """Ask for different spans of one contract, one after the other; return for each True or the error's code."""
    found = []
    for number in range(count):
        end = f"20260227-15:{number:02}:00"
        found.append(await outcome(talk.asked(APPLE, "60 S", size, end=end, what=what)))
    return found


def send_at_once(talk: Talk) -> None:
    """Ask for the time, past the library's own throttle."""
    talk.ib.client.conn.sendMsg(b"\x00\x00\x00\x0549\x001\x00")


async def outcome(question: Awaitable[object]) -> object:
    try:
        return bool(await question)
    except ib.wrapper.RequestError as error:
        return int(error.code) if error.message == TEXT else error.message


def test_no_more_than_so_many_in_the_window(run: Run, tws: TwsClient) -> None:
    tws.set(pacing={"window_requests": 4, **NEVER})
    assert run(lambda talk: outcomes(talk, 6)) == [True] * 4 + [162] * 2
    assert rules(tws) == ["window", "window"]
    assert [entry["answer"] for entry in tws.log(kind="history")] == ["data"] * 4 + ["162"] * 2


def test_the_real_window_holds_sixty(run: Run, tws: TwsClient) -> None:
    tws.set(pacing=NEVER, rejects_messages=False)

    async def use(talk: Talk) -> object:
        ends = [f"202602{day}-15:{minute:02}:00" for day in (25, 26, 27) for minute in range(30)]
        questions = [outcome(talk.asked(APPLE, "60 S", "30 secs", end=end)) for end in ends[:61]]
        return await asyncio.gather(*questions)

    tws.set(pacing={"max_open": 100})
    assert run(use) == [True] * 60 + [162]


def test_a_window_passes(run: Run, tws: TwsClient) -> None:
    tws.set(pacing={"window_seconds": 0.3, "window_requests": 1, **NEVER})

    async def use(talk: Talk) -> object:
        first = await outcome(talk.asked(APPLE, "60 S", "30 secs", end="20260227-15:00:00"))
        await asyncio.sleep(0.35)
        return first, await outcome(talk.asked(APPLE, "60 S", "30 secs", end="20260227-15:01:00"))

    assert run(use) == (True, True)
    assert rules(tws) == []


def test_bid_and_ask_count_twice(run: Run, tws: TwsClient) -> None:
    tws.set(pacing={"window_requests": 4, **NEVER})
    assert run(lambda talk: outcomes(talk, 3, "BID_ASK")) == [True, True, 162]


def test_minutes_are_not_counted(run: Run, tws: TwsClient) -> None:
    tws.set(pacing={"window_requests": 1, "burst_seconds": 600})
    assert run(lambda talk: outcomes(talk, 8, size="1 min")) == [True] * 8
    assert rules(tws) == []


def test_heads_are_counted(run: Run, tws: TwsClient) -> None:
    tws.set(pacing={"window_requests": 2, **NEVER})

    async def use(talk: Talk) -> object:
        return [await outcome(talk.head(one, what)) for one in (APPLE, MICROSOFT) for what in ("TRADES", "BID")]

    assert run(use) == [True, True, 162, 162]


def test_the_sixth_of_one_contract_within_two_seconds_is_too_much(run: Run, tws: TwsClient) -> None:
    tws.set(pacing={"burst_seconds": 60})

    async def use(talk: Talk) -> object:
        found = await outcomes(talk, 6)
        for contract, what in ((MICROSOFT, "TRADES"), (APPLE, "BID")):
            found.append(await outcome(talk.asked(contract, "60 S", "30 secs", end="20260227-15:00:00", what=what)))
        return found

    assert run(use) == [True] * 5 + [162, True, True]
    assert rules(tws) == ["burst"]


def test_the_same_again_must_wait(run: Run, tws: TwsClient) -> None:
    tws.set(pacing={"identical_seconds": 60})

    async def use(talk: Talk) -> object:
        wanted = ["20260227-15:00:00", "20260227-15:01:00", "20260227-15:00:00"]
        return [await outcome(talk.asked(APPLE, "60 S", "30 secs", end=end)) for end in wanted]

    assert run(use) == [True, True, 162]
    assert rules(tws) == ["identical"]


def test_the_same_again_may_come_when_the_time_has_passed(run: Run, tws: TwsClient) -> None:
    tws.set(pacing={"identical_seconds": 0.3})

    async def use(talk: Talk) -> object:
        question = {"duration": "60 S", "size": "30 secs", "end": "20260227-15:00:00"}
        first = await outcome(talk.asked(APPLE, **question))
        await asyncio.sleep(0.35)
        return first, await outcome(talk.asked(APPLE, **question))

    assert run(use) == (True, True)


def test_all_client_ids_share_one_budget(running: RunningSandbox, tws: TwsClient) -> None:
    tws.set(pacing={"window_requests": 4, **NEVER})

    async def main() -> list[object]:
        talks = [await opened(running.tws) for _ in range(2)]
        found = [await outcomes(talk, 3) for talk in talks]
        for talk in talks:
            talk.ib.disconnect()
        return found[0] + found[1]

    assert completed(main()) == [True] * 4 + [162] * 2
    assert len({entry["client_id"] for entry in tws.log(kind="history")}) == 2


def test_violations_may_be_counted_only(run: Run, tws: TwsClient) -> None:
    tws.set(pacing={"window_requests": 1, "is_enforced": False, **NEVER})
    assert run(lambda talk: outcomes(talk, 3)) == [True] * 3
    assert rules(tws) == ["window", "window"]


@pytest.mark.parametrize("most", [3, 50])
def test_one_more_open_request_than_allowed_is_refused(most: int, run: Run, tws: TwsClient) -> None:
    tws.set(pacing={"max_open": most, "messages_per_second": 500})
    tws.fault(never=True, match={"kind": "history"}, times=most)

    async def use(talk: Talk) -> object:
        waiting = [asyncio.ensure_future(talk.asked(APPLE, "1 D", "1 hour")) for _ in range(most)]
        refusal = await talk.refusal(talk.asked(APPLE, "1 D", "2 hours"))
        for number in {entry["number"] for entry in tws.log(kind="history")}:
            talk.ib.client.cancelHistoricalData(number)
        codes: list[Any] = await asyncio.gather(*waiting, return_exceptions=True)
        return refusal, {error.code for error in codes}, await outcome(talk.asked(APPLE, "1 D", "2 hours"))

    (code, text), cancelled, afterwards = run(use)
    assert code == 322
    assert "Only 50 simultaneous API historical data requests allowed" in text
    assert (cancelled, afterwards) == ({162}, True)


def test_too_many_messages_in_a_second_are_refused(run: Run, tws: TwsClient) -> None:
    async def use(talk: Talk) -> object:
        for _ in range(60):
            send_at_once(talk)
        await talk.told(100)
        return talk.errors

    texts = [text for number, code, text in run(use) if (number, code) == (-1, 100)]
    assert texts[0].startswith("Max rate of messages per second has been exceeded:max=50 rec=51 (1)")
    assert set(rules(tws)) == {"messages"}


def test_the_third_time_ends_the_session(run: Run, tws: TwsClient) -> None:
    tws.set(pacing={"messages_per_second": 20})

    async def use(talk: Talk) -> None:
        async def burst() -> None:
            for _ in range(25):
                send_at_once(talk)
            await asyncio.sleep(1.1)

        started = time.monotonic()
        while talk.ib.isConnected():
            assert time.monotonic() - started < 30
            await burst()

    run(use)
    assert {one["what"][-3:] for one in tws.violations()} == {"(1)", "(2)", "(3)"}


def test_messages_may_be_counted_only(run: Run, tws: TwsClient) -> None:
    tws.set(pacing={"messages_per_second": 3}, rejects_messages=False)
    assert all(run(lambda talk: outcomes(talk, 5, size="1 min")))
    assert set(rules(tws)) == {"messages"}
