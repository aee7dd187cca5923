import threading

import pytest
from redis import Redis

from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import SourceError
from webapp.sources.ibkr.connection.client_ids import ClientId, lease

GATEWAY = "127.0.0.1:4002"
ENDS = f"moisson:ibkr:client_ids:{GATEWAY}:ends"


def ids(redis: Redis, count: int, size: int = 32) -> list[ClientId]:
    return [lease(redis, GATEWAY, 11, f"worker {number}", size) for number in range(count)]


def end_lease(redis: Redis, number: int, seconds_ago: float = 1) -> None:
    """Let a lease end as if its worker had crashed a minute and so many seconds ago."""
    seconds, microseconds = redis.time()
    redis.zadd(ENDS, {str(number): seconds * 1000 + microseconds // 1000 - seconds_ago * 1000})


def test_each_worker_gets_the_lowest_free_id(redis: Redis) -> None:
    leased = ids(redis, 3)
    assert [each.number for each in leased] == [11, 12, 13]
    leased[1].release()
    assert ids(redis, 1)[0].number == 12


def test_gateways_have_ids_of_their_own(redis: Redis) -> None:
    assert ids(redis, 1)[0].number == 11
    assert lease(redis, "127.0.0.1:7497", 11, "worker").number == 11


def test_workers_that_ask_at_once_never_get_the_same_id(redis: Redis) -> None:
    numbers: list[int] = []
    threads = [threading.Thread(target=lambda: numbers.append(ids(redis, 1)[0].number)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(11, 27))


def test_an_id_is_given_back_at_the_end_whatever_happened(redis: Redis) -> None:
    with pytest.raises(KeyError), ids(redis, 1)[0]:
        raise KeyError
    assert ids(redis, 1)[0].number == 11


def test_when_none_is_free_the_message_says_which(redis: Redis) -> None:
    ids(redis, 2, size=2)
    with pytest.raises(SourceError) as caught:
        ids(redis, 1, size=2)
    assert caught.value.kind is ErrorKind.GATEWAY_DOWN
    assert str(caught.value) == f"All client ids from 11 to 12 are in use at {GATEWAY}."
    assert caught.value.hint


def test_a_crashed_workers_id_comes_back_but_others_are_taken_first(redis: Redis) -> None:
    ids(redis, 2, size=3)
    end_lease(redis, 12, seconds_ago=2)
    end_lease(redis, 11, seconds_ago=1)
    assert [each.number for each in ids(redis, 3, size=3)] == [13, 12, 11]


def test_after_some_minutes_a_crashed_workers_id_is_as_good_as_any(redis: Redis) -> None:
    ids(redis, 1)
    end_lease(redis, 11, seconds_ago=301)
    assert ids(redis, 1)[0].number == 11


def test_an_id_that_another_program_holds_is_skipped_by_everybody_for_a_while(redis: Redis) -> None:
    client_id = ids(redis, 1)[0]
    client_id.skip(100)
    assert client_id.number == 12
    assert ids(redis, 1)[0].number == 13
    end_lease(redis, 11, seconds_ago=301)
    assert ids(redis, 1)[0].number == 11


def test_skipping_the_last_id_says_that_none_is_free(redis: Redis) -> None:
    client_id = ids(redis, 1, size=1)[0]
    with pytest.raises(SourceError, match="All client ids from 11 to 11"):
        client_id.skip()


def test_a_renewed_lease_lasts_another_minute(redis: Redis) -> None:
    client_id = ids(redis, 1)[0]
    end_lease(redis, client_id.number, seconds_ago=-1)
    assert client_id.renew()
    milliseconds = float(redis.zscore(ENDS, "11") or 0) - int(redis.time()[0]) * 1000
    assert 58_000 < milliseconds <= 61_000


def test_a_worker_that_overslept_has_its_id_still_unless_another_took_it(redis: Redis) -> None:
    client_id = ids(redis, 1, size=1)[0]
    end_lease(redis, 11)
    assert client_id.renew()
    end_lease(redis, 11)
    newcomer = ids(redis, 1, size=1)[0]
    assert not client_id.renew()
    client_id.release()  # frees nothing, because it is the other one's by now
    assert newcomer.renew()
    with pytest.raises(SourceError):
        ids(redis, 1, size=1)


def test_after_redis_was_emptied_those_who_are_connected_keep_their_ids(redis: Redis) -> None:
    connected = ids(redis, 1)[0]
    redis.flushall()
    newcomer = ids(redis, 1)[0]
    assert newcomer.number == 11  # which the gateway refuses, because it is in use
    newcomer.skip()
    assert newcomer.number == 12
    assert connected.renew()
    redis.flushall()
    assert connected.renew()
    assert ids(redis, 1)[0].number == 12


def test_everything_in_redis_goes_away_by_itself(redis: Redis) -> None:
    ids(redis, 1)
    assert [key for key in redis.keys("*") if redis.ttl(key) < 0] == []


def test_without_redis_no_id_is_leased(away: Redis) -> None:
    with pytest.raises(SourceError) as caught:
        ids(away, 1)
    assert caught.value.kind is ErrorKind.GATEWAY_DOWN


def test_when_redis_goes_away_giving_back_at_the_end_hides_no_other_error(redis: Redis, away: Redis) -> None:
    client_id = ids(redis, 1)[0]
    client_id._pool._release_script.registered_client = away  # noqa: SLF001 -- as if Redis went away meanwhile
    with pytest.raises(SourceError):
        client_id.release()
    with pytest.raises(KeyError), client_id:
        raise KeyError
