import dataclasses
from typing import cast

import pytest
from redis import Redis

from tests.sources.ibkr.conftest import Server
from webapp.errors import sentence
from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import SourceError
from webapp.sources.ibkr.connection import connection_status
from webapp.sources.ibkr.connection.connection_status import ConnectionState

STATE = ConnectionState(
    gateway="default",
    host="127.0.0.1",
    port=4002,
    client_id=11,
    server_version=176,
    accounts=(connection_status.mask_account("DU1234567"),),
    is_paper=True,
    connected_since=1_800_000_000.5,
    login=connection_status.login_key(["DU1234567"]),
    owner="host 4711",
    farms={"usfarm": "ok", "ushmds": "inactive"},
)


def test_a_connection_is_read_as_it_was_written(redis: Redis) -> None:
    assert connection_status.list_connections(redis) == []
    connection_status.publish(redis, STATE)
    assert connection_status.list_connections(redis) == [STATE]
    broken = dataclasses.replace(STATE, is_linked=False, farms={"usfarm": "broken"})
    connection_status.publish(redis, broken)
    assert connection_status.list_connections(redis) == [broken]


def test_all_connections_are_read_by_gateway_and_client_id(redis: Redis) -> None:
    states = [
        dataclasses.replace(STATE, client_id=number, owner=f"host {number}", gateway=gateway)
        for gateway, number in (("paper", 12), ("default", 12), ("default", 11))
    ]
    for state in states:
        connection_status.publish(redis, state)
    assert connection_status.list_connections(redis) == [states[2], states[1], states[0]]
    connection_status.withdraw(redis, states[1].owner, states[1].gateway)
    assert connection_status.list_connections(redis) == [states[2], states[0]]


def test_a_line_that_nobody_rewrites_vanishes_and_comes_back_when_somebody_does(redis: Redis) -> None:
    connection_status.publish(redis, STATE)
    second = dataclasses.replace(STATE, owner="host 2", client_id=12)
    connection_status.publish(redis, second)
    lifetimes = [redis.ttl(key) for key in cast("list[bytes]", redis.keys("*connection:*"))]
    assert len(lifetimes) == 2
    assert all(0 < each <= 30 for each in lifetimes)
    redis.delete("moisson:ibkr:connection:host 2:default")
    assert connection_status.list_connections(redis) == [STATE]
    assert redis.scard("moisson:ibkr:connections") == 1
    connection_status.publish(redis, second)
    assert connection_status.list_connections(redis) == [STATE, second]


@pytest.mark.parametrize(
    ("account", "shown"),
    [("DU1234567", "DU•••567"), ("U7654321", "U•••321"), ("DFO123", "DFO•••"), ("1234", "•••234"), ("", "•••")],
)
def test_an_account_is_shown_without_its_middle(account: str, shown: str) -> None:
    assert connection_status.mask_account(account) == shown


def test_paper_accounts_begin_with_d() -> None:
    assert connection_status.are_paper(["DU1", "DU2"])
    assert not connection_status.are_paper(["U1"])
    assert not connection_status.are_paper([])


def test_a_login_has_one_name_whatever_the_order_of_its_accounts() -> None:
    assert connection_status.login_key(["U1", "U2"]) == connection_status.login_key(["U2", "U1"])
    assert connection_status.login_key(["U1"]) != connection_status.login_key(["U2"])
    assert "U1234567" not in connection_status.login_key(["U1234567"])


def test_a_failure_is_kept_as_a_sentence_for_ten_minutes(redis: Redis) -> None:
    message = sentence("Nobody answers at %(host)s:%(port)d.", host="127.0.0.1", port=4002)
    assert connection_status.read_failure(redis, "default") is None
    connection_status.write_failure(redis, "default", message, 1_800_000_000.0)
    failure = connection_status.read_failure(redis, "default")
    assert failure == connection_status.ConnectionFailure("default", message, 1_800_000_000.0)
    assert str(failure.message) == "Nobody answers at 127.0.0.1:4002."
    assert connection_status.read_failure(redis, "paper") is None
    assert 590 < redis.ttl("moisson:ibkr:failure:default") <= 600
    connection_status.clear_failure(redis, "default")
    assert connection_status.read_failure(redis, "default") is None


def test_a_handle_that_decodes_reads_the_same(redis: Redis, redis_server: Server) -> None:
    connection_status.publish(redis, STATE)
    connection_status.write_failure(redis, "default", sentence("No."), 1.0)
    with Redis.from_url(redis_server.url, decode_responses=True) as decoding:
        assert connection_status.list_connections(decoding) == [STATE]
        assert connection_status.read_failure(decoding, "default") == connection_status.read_failure(redis, "default")


def test_without_redis_nothing_is_read_as_if_there_were_no_connection(away: Redis) -> None:
    for attempt in (
        lambda: connection_status.list_connections(away),
        lambda: connection_status.read_failure(away, "default"),
        lambda: connection_status.publish(away, STATE),
        lambda: connection_status.withdraw(away, "owner", "default"),
        lambda: connection_status.write_failure(away, "default", sentence("No."), 1.0),
        lambda: connection_status.clear_failure(away, "default"),
    ):
        with pytest.raises(SourceError) as caught:
            attempt()
        assert caught.value.kind is ErrorKind.GATEWAY_DOWN
