"""How the system is: is the queue there, who works, does the clock beat. Cheap enough for every poll of every page.

Gateways and their budgets are asked from ``gateways.connections``.
"""

import datetime as dt
from dataclasses import dataclass

from webapp.collecting.rescue import CLOCK
from webapp.context import Context
from webapp.database import queries_health, schema
from webapp.database.transactions import reading
from webapp.jobs import queries_events, queries_jobs
from webapp.kernel.job_states import JobState
from webapp.upkeep.clock import LATE_AFTER


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


def system_status(context: Context) -> SystemStatus:
    """Return how the system is: Redis as of at most a second ago (a few when it is away), the database as of now.

    A frozen Redis holds up one caller for about a second, and no other.
    """
    workers = context.live_workers.get(context.now, context.queue.workers)
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


def readiness(context: Context) -> dict[str, bool]:
    """Tell of ``database``, ``schema`` and ``queue`` whether each is ready; asked now, nothing remembered."""
    return {
        "database": queries_health.answers(),
        "schema": schema.is_current(),
        "queue": context.queue.is_up(),
    }
