import time

import pytest
from celery import Celery
from redis import Redis

from tests.servers import RedisServer
from webapp.errors import QueueAwayError
from webapp.queue import Queue, TaskName, celery_settings


def queue_at(url: str) -> Queue:
    celery = Celery("test", set_as_current=False)
    celery.config_from_object(celery_settings(url, 60))
    return Queue(celery, Redis.from_url(url, socket_timeout=1.0, socket_connect_timeout=1.0))


def test_a_message_is_counted_and_carries_an_id_and_nothing_else(redis_server: RedisServer) -> None:
    queue = queue_at(redis_server.url)
    with redis_server.client() as client:
        client.flushall()
        queue.enqueue(TaskName.COLLECT, 42)
        assert queue.length() == 1
        [name] = [key for key in client.scan_iter() if client.type(key) == b"list"]
        [message] = client.lrange(name, 0, -1)
        assert b'"argsrepr": "[42]"' in message or b'"argsrepr": "(42,)"' in message
        client.flushall()


def test_a_queue_that_is_away_answers_within_two_seconds(free_port: int) -> None:
    queue = queue_at(f"redis://127.0.0.1:{free_port}/0")
    began = time.monotonic()
    with pytest.raises(QueueAwayError, match="job is kept"):
        queue.enqueue(TaskName.COLLECT, 1)
    assert time.monotonic() - began < 2
    assert (queue.length(), queue.is_up(), queue.workers()) == (None, False, None)


def test_a_frozen_queue_answers_within_two_seconds(redis_server: RedisServer) -> None:
    queue = queue_at(redis_server.url)
    queue.enqueue(TaskName.COLLECT, 1)
    redis_server.freeze()
    try:
        began = time.monotonic()
        with pytest.raises(QueueAwayError):
            queue.enqueue(TaskName.COLLECT, 1)
        assert time.monotonic() - began < 2
        assert queue.length() is None
    finally:
        redis_server.thaw()
    queue.enqueue(TaskName.COLLECT, 1)
    with redis_server.client() as client:
        client.flushall()


def test_workers_are_known_by_their_sign_of_life(redis_server: RedisServer) -> None:
    queue = queue_at(redis_server.url)
    queue.worker_beat("one@host")
    assert queue.workers() == ["one@host"]
    with redis_server.client() as client:
        client.flushall()
