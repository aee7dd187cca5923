"""Connecting, client ids, outages, restarts, and what must never be sent."""

import asyncio
import socket
import struct
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.sandbox.tws.conftest import Run
from tests.sandbox.tws.library import IS_ASYNC, completed, ib
from tests.sandbox.tws.talk import Talk, opened, talking, until
from tests.sandbox.tws.truth import APPLE
from webapp.sandbox.control import RunningSandbox, running_sandbox
from webapp.sandbox.tws.client import TwsClient

ORDERS = (3, 4, 21, 58)
"""Place, cancel, exercise, cancel all."""
IN_USE = "Unable to connect as the client id is already in use. Retry with a unique client id."


async def nothing(talk: Talk) -> object:
    return talk.ib.client.getAccounts(), talk.ib.client.serverVersion()


async def refused(address: str, client_id: int) -> list[tuple[int, int, str]]:
    """Connect where that is not possible; return what was said."""
    talk = Talk(ib.IB())
    host, _, port = address.partition(":")
    with pytest.raises((TimeoutError, ConnectionError)):
        await talk.ib.connectAsync(host, int(port), clientId=client_id, timeout=1)
    return talk.errors


@pytest.mark.parametrize("is_readonly", [False, True])
def test_both_ways_to_connect(is_readonly: bool, run: Run, tws: TwsClient) -> None:  # noqa: FBT001 (a parameter)
    accounts, version = run(nothing, is_readonly=is_readonly)
    assert (accounts, version) == (["DU1234567"], 178 if IS_ASYNC else 176)
    kinds = {entry["kind"] for entry in tws.log()}
    assert ("5" in kinds, "99" in kinds) == (not is_readonly,) * 2
    assert tws.orders() == []


def test_the_account_can_be_a_live_one_and_the_version_an_older_one(run: Run, tws: TwsClient) -> None:
    tws.set(account="U7654321", server_version=165)
    assert run(nothing) == (["U7654321"], 165)


def test_a_setting_that_is_none_is_refused(tws: TwsClient) -> None:
    with pytest.raises(HTTPError, match="400"):
        tws.set(colour="red")
    with pytest.raises(HTTPError, match="400"):
        tws.set(pacing={"speed": 9})


def test_the_farms_are_said_to_be_there(run: Run) -> None:
    async def use(talk: Talk) -> object:
        await talk.told(2158)
        return talk.codes()

    assert run(use)[:3] == [2104, 2106, 2158]


def test_the_time_is_the_markets(run: Run) -> None:
    async def use(talk: Talk) -> object:
        return await talk.ib.reqCurrentTimeAsync()

    assert f"{run(use):%Y-%m-%d %H:%M}" == "2026-03-02 18:00"


@pytest.mark.parametrize("number", [0, 7])
def test_a_client_id_serves_one_at_a_time(number: int, running: RunningSandbox, tws: TwsClient) -> None:
    async def main() -> tuple[list[tuple[int, int, str]], list[int]]:
        first = await opened(running.tws, number)
        told = await refused(running.tws, number)
        during = tws.clients()
        first.ib.disconnect()
        await until(lambda: number not in tws.clients())
        again = await opened(running.tws, number)
        again.ib.disconnect()
        return told, during

    told, during = completed(main())
    assert [error[1:] for error in told] == [(326, IN_USE)]
    assert during == [number]


def test_another_programs_client_id(running: RunningSandbox, tws: TwsClient) -> None:
    tws.occupy(7, 8)
    assert completed(refused(running.tws, 8))[0][1] == 326
    tws.occupy()
    assert talking(running.tws, nothing, client_id=8)


def test_after_an_unclean_exit_the_id_may_be_held_for_a_while(running: RunningSandbox, tws: TwsClient) -> None:
    tws.set(held_seconds=600)
    break_off(running.tws, 9)
    completed(until_free(tws))
    assert completed(refused(running.tws, 9))[0][1] == 326
    tws.clear()
    assert talking(running.tws, nothing, client_id=9)


def test_after_a_clean_exit_the_id_is_free_at_once(run: Run, tws: TwsClient) -> None:
    """All that was sent must have been read: what is left over turns the end of a connection into a reset."""
    tws.set(held_seconds=600)
    for _ in range(2):
        run(lambda talk: talk.told(2158), client_id=9)
        completed(until_free(tws))
    assert tws.clients() == []


async def until_free(tws: TwsClient) -> None:
    await until(lambda: 9 not in tws.clients())


def break_off(address: str, number: int) -> None:
    """Connect by hand and reset the connection, as a machine that vanishes does."""
    host, _, port = address.partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        for text in ("v157..176", f"71\0002\0{number}\0\0"):
            prefix = b"API\0" if text[0] == "v" else b""
            connection.sendall(prefix + struct.pack(">I", len(text)) + text.encode())
            assert connection.recv(4096)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_orders_are_noted_for_good_and_refused(tmp_path: Path) -> None:
    """In a sandbox of its own, so that no other test finds them."""

    async def use(talk: Talk) -> object:
        for kind in ORDERS:
            talk.ib.client.send(kind, 77, "AAPL", "BUY")
        await until(lambda: talk.codes().count(201) == len(ORDERS))
        return {number for number, code, _ in talk.errors if code == 201}

    with running_sandbox(tmp_path) as sandbox:
        tws = sandbox.client.tws
        assert tws.orders() == []
        assert talking(sandbox.tws, use) == {77}
        sandbox.client.clear()
        assert [order["fields"] for order in tws.orders()] == [[str(kind), "77", "AAPL", "BUY"] for kind in ORDERS]


def test_a_message_that_cannot_be_read_is_refused_and_the_connection_goes_on(run: Run) -> None:
    async def use(talk: Talk) -> object:
        talk.ib.client.send(20, 5, "what")
        await talk.told(320)
        return len(await talk.bars(APPLE))

    assert run(use) == 1


@pytest.mark.parametrize("code", [1101, 1102])
def test_an_outage_answers_nothing_and_is_told_before_and_after(code: int, run: Run, tws: TwsClient) -> None:
    async def use(talk: Talk) -> object:
        await asyncio.to_thread(tws.outage, 600, code)
        await talk.told(2105)
        lost = asyncio.ensure_future(talk.asked(APPLE, timeout=0))
        await until(lambda: tws.log(kind="history"))
        await asyncio.to_thread(tws.restore)
        await talk.told(code)
        again = len(await talk.bars(APPLE, "1 D", "1 hour"))
        is_answered = lost.done()
        lost.cancel()
        return talk.codes(), again, is_answered

    codes, again, is_answered = run(use)
    own = [one for one in codes if one in (1100, 1101, 1102, 2105, 2106)]
    assert own[own.index(1100) :] == [1100, 2105, code, 2106]
    assert (again, is_answered) == (4, False)
    assert [entry["answer"] for entry in tws.log(kind="history")] == ["", "data"]


def test_an_outage_ends_by_itself(run: Run, tws: TwsClient) -> None:
    async def use(talk: Talk) -> object:
        await asyncio.to_thread(tws.outage, 0.1)
        await talk.told(1102)
        return len(await talk.bars(APPLE))

    assert run(use) == 1


def test_who_connects_during_an_outage_is_told(run: Run, tws: TwsClient) -> None:
    tws.outage(600)

    async def use(talk: Talk) -> None:
        await talk.told(1100)

    run(use)


def test_a_restart_drops_all_and_lets_in_again_later(running: RunningSandbox, tws: TwsClient) -> None:
    async def main() -> bool:
        talk = await opened(running.tws, 11)
        gone: list[bool] = []
        talk.ib.disconnectedEvent += lambda: gone.append(True)
        await asyncio.to_thread(tws.restart, 600)
        await until(lambda: gone)
        await refused(running.tws, 11)
        await asyncio.to_thread(tws.restart, 0.05)
        return await connected(running.tws)

    assert completed(main())


async def connected(address: str) -> bool:
    for _ in range(100):
        try:
            talk = await opened(address, 11, patience=1)
        except (TimeoutError, ConnectionError):
            continue
        talk.ib.disconnect()
        return True
    return False
