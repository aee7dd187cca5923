"""One connection a process and gateway: opened when needed, proved, reopened, closed, and never shared with a fork."""

import logging
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis

from tests.servers import ROOT, find_free_port, wait_until
from tests.sources.ibkr.client.conftest import DAY, NOV_20, NOW, POOL_SETTINGS, SETTINGS, Ask, MakeClient, seconds_of
from tests.sources.ibkr.gateway import BAR, Connection, ScriptedTws, silence
from webapp.kernel.gateways import Gateway
from webapp.kernel.job_states import ErrorKind
from webapp.kernel.spans import Span
from webapp.sources.base import ClientTools, SourceError
from webapp.sources.ibkr.client import IbkrClient
from webapp.sources.ibkr.connection import connection_status


def down(client: IbkrClient, gateway: Gateway) -> SourceError:
    with pytest.raises(SourceError) as caught:
        Ask(client, gateway)()
    assert caught.value.kind is ErrorKind.GATEWAY_DOWN
    return caught.value


def test_little_is_asked_at_the_start_and_nothing_of_orders_or_positions(tws: ScriptedTws, ask: Ask) -> None:
    ask()
    assert [fields[0] for fields in tws.connections[0].requests] == ["9", "87", "90", "20"]


def test_where_nobody_listens_the_sentence_says_so(client: IbkrClient) -> None:
    error = down(client, Gateway("default", "127.0.0.1", find_free_port()))
    assert "Nobody answers at 127.0.0.1" in str(error)
    assert "Enable ActiveX and Socket Clients" in str(error.hint)


def test_a_host_without_an_address_is_nobody_either(client: IbkrClient) -> None:
    assert "Nobody answers" in str(down(client, Gateway("default", "no-such-host.invalid", 7497)))


def test_what_listens_but_does_not_greet_is_told_apart(
    tws: ScriptedTws, make_client: MakeClient, gateway: Gateway
) -> None:
    tws.greets = False
    error = down(make_client(replace(POOL_SETTINGS, opening=0.5)), gateway)
    assert "did not complete the greeting" in str(error)
    assert "Trusted IPs" in str(error.hint)


@pytest.fixture
def other_program() -> Iterator[int]:
    """A server that answers whoever comes as a web server does, and closes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    accepted, _ = listener.accept()
                except OSError:
                    return
                with accepted:
                    accepted.recv(100)
                    accepted.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def test_another_program_is_not_taken_for_a_tws(client: IbkrClient, other_program: int) -> None:
    assert "did not complete the greeting" in str(down(client, Gateway("default", "127.0.0.1", other_program)))


def test_a_tws_that_is_too_old_is_said(tws: ScriptedTws, client: IbkrClient, gateway: Gateway) -> None:
    tws.version = 100
    assert "too old" in str(down(client, gateway))


def test_an_id_that_another_program_holds_is_skipped(tws: ScriptedTws, ask: Ask) -> None:
    tws.held_ids = {11, 12}
    ask()
    assert [connection.client_id for connection in tws.connections] == [13]


def test_ids_that_are_all_held_end_in_a_sentence(tws: ScriptedTws, client: IbkrClient, gateway: Gateway) -> None:
    tws.held_ids = set(range(200))
    assert "client ids" in str(down(client, gateway))


def test_a_gateway_that_is_away_is_left_alone_for_a_while_but_not_by_a_person(
    tws: ScriptedTws, make_client: MakeClient, gateway: Gateway
) -> None:
    tws.greets = False
    client = make_client(replace(POOL_SETTINGS, opening=0.5, first_pause=60.0, longest_pause=60.0))
    down(client, gateway)
    tws.greets = True
    error = down(client, gateway)
    assert error.retry_after is not None
    assert 0 < error.retry_after <= 60
    assert client.check(gateway).server_version == 176
    Ask(client, gateway)()


def test_four_threads_share_one_connection(tws: ScriptedTws, ask: Ask) -> None:
    tws.answers["20"] = lambda connection, fields: connection.bars(fields[1], ("20261120", *BAR))
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(ask, f"A{number}", span=Span(NOV_20, NOV_20 + DAY)) for number in range(4)]
        assert [len(answer.result().bars) for answer in answers] == [1, 1, 1, 1]
    assert len(tws.connections) == 1


def test_two_clients_of_one_process_share_it_too(tws: ScriptedTws, make_client: MakeClient, gateway: Gateway) -> None:
    for client in make_client(), make_client():
        Ask(client, gateway)()
    assert len(tws.connections) == 1


def in_child(ask: Ask, results: "multiprocessing.Queue[tuple[int, int]]") -> None:
    results.put((os.getpid(), len(ask().bars)))
    ask.client.close()


def test_a_forked_child_opens_its_own_and_leaves_its_parent_s_alone(tws: ScriptedTws, ask: Ask) -> None:
    tws.answers["20"] = lambda connection, fields: connection.bars(fields[1], ("20261120", *BAR))
    ask()
    forking = multiprocessing.get_context("fork")
    results = forking.Queue()
    child = forking.Process(target=in_child, args=(ask, results))
    child.start()
    assert results.get(timeout=30) == (child.pid, 1)
    child.join(30)
    assert child.exitcode == 0
    assert len(ask().bars) == 1
    assert [connection.client_id for connection in tws.connections] == [11, 12]
    assert len([fields for fields in tws.connections[0].requests if fields[0] == "20"]) == 2


def test_a_connection_that_tws_closed_is_opened_again(tws: ScriptedTws, ask: Ask) -> None:
    ask()
    tws.drop()
    wait_until(lambda: _has_asked(ask) and len(tws.connections) > 1)
    assert len(tws.connections) == 2


def _has_asked(ask: Ask) -> bool:
    """Ask, and tell whether that worked; the moment of the loss itself is the gateway's fault and nothing else."""
    try:
        ask()
    except SourceError as error:
        return error.kind is not ErrorKind.GATEWAY_DOWN
    return True


def test_an_idle_connection_proves_itself_before_it_is_used(
    tws: ScriptedTws, make_client: MakeClient, gateway: Gateway
) -> None:
    ask = Ask(make_client(replace(POOL_SETTINGS, proof=0.0, proof_patience=0.3)), gateway)
    ask()
    ask()
    assert (len(tws.requests("49")), len(tws.connections)) == (1, 1)
    tws.answers["49"] = silence
    ask()
    assert len(tws.connections) == 2


def test_an_idle_connection_is_closed(
    tws: ScriptedTws, make_client: MakeClient, gateway: Gateway, redis: Redis
) -> None:
    ask = Ask(make_client(replace(POOL_SETTINGS, idle=0.3, beat=0.1)), gateway)
    ask()
    assert len(connection_status.list_connections(redis)) == 1
    wait_until(lambda: connection_status.list_connections(redis) == [])
    ask()
    assert [connection.client_id for connection in tws.connections] == [11, 11]


def test_the_sidebar_s_line_follows_the_connection(tws: ScriptedTws, ask: Ask, redis: Redis) -> None:
    ask()
    (line,) = connection_status.list_connections(redis)
    assert (line.port, line.client_id, line.accounts, line.is_paper) == (tws.port, 11, ("DU•••567",), True)
    tws.say(1100, "lost")
    wait_until(lambda: not connection_status.list_connections(redis)[0].is_linked)


def test_a_failure_is_shown_until_the_gateway_is_reached(
    tws: ScriptedTws, make_client: MakeClient, gateway: Gateway, redis: Redis
) -> None:
    tws.greets = False
    client = make_client(replace(POOL_SETTINGS, opening=0.3))
    error = down(client, gateway)
    shown = connection_status.read_failure(redis, "default")
    assert shown is not None
    assert (str(shown.message), shown.at) == (str(error), NOW)
    tws.greets = True
    client.check(gateway)
    assert connection_status.read_failure(redis, "default") is None


def test_a_test_of_a_gateway_tells_what_is_there(client: IbkrClient, gateway: Gateway) -> None:
    report = client.check(gateway)
    assert (report.server_version, report.accounts, report.is_paper) == (176, ("DU•••567",), True)


def test_a_live_account_is_told_apart(tws: ScriptedTws, client: IbkrClient, gateway: Gateway) -> None:
    tws.accounts = "U7654321"
    assert client.check(gateway).is_paper is False


def test_without_redis_nobody_asks(away: Redis, tmp_path: Path, tws: ScriptedTws, gateway: Gateway) -> None:
    client = IbkrClient(ClientTools(away, tmp_path, lambda: NOW, SETTINGS), POOL_SETTINGS)
    assert "Redis" in str(down(client, gateway))
    assert tws.connections == []
    client.close()


SCRIPT = """
import sys, time
from pathlib import Path
from redis import Redis
from webapp.kernel.gateways import Gateway
from webapp.kernel.intervals import Interval
from webapp.kernel.spans import Span
from webapp.sources.base import ChunkRequest, ClientTools
from webapp.sources.ibkr.client import open_client
client = open_client(ClientTools(Redis(port=int(sys.argv[1])), Path("."), time.time, {}))
gateway = Gateway("default", "127.0.0.1", int(sys.argv[2]))
client.fetch(ChunkRequest("AAPL", Interval.D1, Span(1795132800, 1795219200), {}, gateway))
"""


def test_a_process_that_ends_hangs_not_and_gives_its_id_back(tws: ScriptedTws, redis: Redis) -> None:
    port = redis.connection_pool.connection_kwargs["port"]
    command = [sys.executable, "-W", "error", "-c", SCRIPT, str(port), str(tws.port)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=40, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert connection_status.list_connections(redis) == []
    assert list(redis.scan_iter("moisson:ibkr:client_ids:*:holders")) == []


def test_an_open_request_fails_when_the_client_is_closed(
    tws: ScriptedTws, make_client: MakeClient, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    client = make_client(request_timeout=30.0)
    is_asked = threading.Event()

    def answer(connection: Connection, fields: list[str]) -> None:
        is_asked.set()

    tws.answers["20"] = answer
    with ThreadPoolExecutor(1) as pool, caplog.at_level(logging.ERROR):
        open_one = pool.submit(down, client, gateway)
        assert is_asked.wait(30)
        assert seconds_of(client.close) < 10
        assert "broke off" in str(open_one.result(timeout=10))
    assert caplog.records == []
