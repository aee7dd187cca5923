"""How the system is: is the queue there, who works, does the clock beat. Cheap enough for every poll of every page."""

import datetime as dt
from dataclasses import dataclass
from threading import Lock
from weakref import WeakKeyDictionary

from webapp.collecting.rescue import CLOCK
from webapp.context import Context
from webapp.database import queries_health, schema
from webapp.database.transactions import reading
from webapp.jobs import queries_events, queries_jobs
from webapp.kernel.job_states import JobState
from webapp.queue import Queue
from webapp.upkeep.clock import LATE_AFTER

_FRESH = 1.0
_AWAY = 5.0


@dataclass(frozen=True, slots=True)
class SystemStatus:
    """How the system is. ``workers`` is None when Redis, which knows them, does not answer."""

    queue_up: bool
    workers: list[str] | None
    clock_beat_at: dt.datetime | None
    clock_is_late: bool
    """Whether no clock has beaten within a minute."""
    pending: int
    running: int
    waiting: int


@dataclass(frozen=True, slots=True)
class _Seen:
    """Who worked when we last asked Redis (None: it did not answer), and when that was (epoch seconds)."""

    workers: list[str] | None
    at: float

    def is_good(self, now: float) -> bool:
        """Tell whether it may be told again: a second; longer when Redis is away, since asking it costs a second."""
        return 0 <= now - self.at < (_AWAY if self.workers is None else _FRESH)


_seen: WeakKeyDictionary[Queue, _Seen] = WeakKeyDictionary()
_asking: WeakKeyDictionary[Queue, Lock] = WeakKeyDictionary()


def system_status(context: Context) -> SystemStatus:
    """Return how the system is: Redis as of at most a second ago (a few when it is away), the database as of now.

    A frozen Redis holds up one caller for about a second, and no other.
    """
    workers = _workers(context)
    with reading() as connection:
        counts = queries_jobs.counts_by_state(connection)
        beat = queries_events.last_beat(connection, CLOCK)
    return SystemStatus(
        queue_up=workers is not None,
        workers=workers,
        clock_beat_at=beat,
        clock_is_late=beat is None or context.now() - beat > dt.timedelta(seconds=LATE_AFTER),
        pending=counts[JobState.PENDING],
        running=counts[JobState.RUNNING],
        waiting=counts[JobState.WAITING],
    )


def _workers(context: Context) -> list[str] | None:
    """Return who works, None when Redis is away; asked by one thread at a time, the others take what was seen last."""
    now = context.now().timestamp()
    seen = _seen.get(context.queue)
    if seen and seen.is_good(now):
        return seen.workers
    lock = _asking.setdefault(context.queue, Lock())
    if not lock.acquire(blocking=seen is None):
        return seen.workers if seen else None
    try:
        newer = _seen.get(context.queue)
        if newer is None or not newer.is_good(now):
            newer = _seen[context.queue] = _Seen(context.queue.workers(), context.now().timestamp())
        return newer.workers
    finally:
        lock.release()


def readiness(context: Context) -> dict[str, bool]:
    """Tell of ``database``, ``schema`` and ``queue`` whether each is ready; asked now, nothing remembered."""
    return {
        "database": queries_health.answers(),
        "schema": schema.is_current(),
        "queue": context.queue.is_up(),
    }
