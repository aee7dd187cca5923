"""The queue: messages that carry an id and nothing else, sent by a task's name so that nobody imports tasks."""

from enum import StrEnum

from celery import Celery
from kombu import pools
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

from webapp.errors import QueueAwayError, sentence
from webapp.kernel.job_states import Priority

KEYS = "celery"
WORKER_BEAT_SECONDS = 5
_WORKER_KEY = "moisson:worker:"


class TaskName(StrEnum):
    """The tasks that exist; a test proves that each is registered."""

    COLLECT = "moisson.collect"
    CLEAN_UP = "moisson.clean_up"
    INQUIRE = "moisson.inquire"
    EXPORT = "moisson.export"


class Queue:
    """Celery and Redis behind the few questions that rooms ask."""

    def __init__(self, celery: Celery, redis: Redis) -> None:
        self._celery = celery
        self._redis = redis

    def enqueue(self, task: TaskName, ident: int, priority: Priority = Priority.NORMAL) -> None:
        """Send a message.

        :raises QueueAwayError: within about two seconds when Redis does not take it.
        """
        connection = self._celery.connection_for_write()
        connection.transport_options = {**(connection.transport_options or {}), **_IMPATIENT}
        try:
            # A pool by address, not the Celery object's own: that one stays with the address it was first used with.
            with pools.producers[connection].acquire(block=True, timeout=2) as producer:
                self._celery.send_task(task.value, args=[ident], priority=int(priority), producer=producer)
        except (OperationalError, RedisError, OSError) as err:
            message = sentence("The queue (Redis) does not answer. The job is kept and starts when the queue is back.")
            raise QueueAwayError(message) from err

    def length(self) -> int | None:
        """Return how many messages wait, or None when Redis does not answer."""
        names = [f"{KEYS}{_SEPARATOR}{step}" if step else KEYS for step in PRIORITY_STEPS]
        try:
            return sum(int(self._redis.llen(name)) for name in names)
        except RedisError:
            return None

    def is_up(self) -> bool:
        """Tell whether Redis answers, within about a second."""
        try:
            return bool(self._redis.ping())
        except RedisError:
            return False

    def worker_beat(self, name: str) -> None:
        """Note that a worker is alive; the note fades by itself.

        :raises QueueAwayError: when Redis does not take it.
        """
        try:
            self._redis.set(_WORKER_KEY + name, "1", ex=4 * WORKER_BEAT_SECONDS)
        except RedisError as err:
            raise QueueAwayError(sentence("The queue (Redis) does not answer.")) from err

    def workers(self) -> list[str] | None:
        """Return the names of the workers that are alive, or None when Redis does not answer."""
        try:
            keys = list(self._redis.scan_iter(_WORKER_KEY + "*"))
        except RedisError:
            return None
        return sorted(key.decode().removeprefix(_WORKER_KEY) for key in keys)


_IMPATIENT = {"max_retries": 0, "socket_timeout": 0.5, "socket_connect_timeout": 0.5}
"""For publishing: a page must not wait for a queue that is away; the clock delivers later."""
PRIORITY_STEPS = [int(priority) for priority in Priority]
_SEPARATOR = "\x06\x16"  # kombu's, between a queue's name and its priority


def celery_settings(redis_url: str, task_time_limit: int) -> dict[str, object]:
    """Return Celery's settings: early acknowledgement, no prefetch, no result backend, endless reconnection.

    Each was measured with Celery 5.7 over Redis: the job row is the truth and a message is a hint, so nothing may be
    held unacknowledged (a worker with an unacknowledged message exits when Redis goes away).
    """
    return {
        "broker_url": redis_url,
        "result_backend": None,
        "task_ignore_result": True,
        "task_acks_late": False,
        "task_reject_on_worker_lost": False,
        "worker_prefetch_multiplier": 1,
        "worker_disable_prefetch": True,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "broker_connection_retry": True,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_channel_error_retry": True,
        "broker_connection_timeout": 4,
        "broker_pool_acquire_timeout": 2,
        "broker_transport_options": {
            "visibility_timeout": task_time_limit + 3600,
            "socket_timeout": 5,
            "socket_connect_timeout": 2,
            "socket_keepalive": True,
            "health_check_interval": 10,
            "priority_steps": PRIORITY_STEPS,
            "sep": _SEPARATOR,
            "queue_order_strategy": "priority",
        },
        "task_publish_retry": False,
        "task_default_priority": int(Priority.NORMAL),
        "worker_soft_shutdown_timeout": 5,
        "worker_proc_alive_timeout": 30,
        "worker_max_tasks_per_child": 200,
        "worker_concurrency": 2,
        "worker_send_task_events": True,
        "worker_hijack_root_logger": False,
        "enable_utc": True,
        "task_serializer": "json",
        "accept_content": ["json"],
    }
