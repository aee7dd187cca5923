"""Rows that wait for a worker, and the messages that announce them: how both are kept in step, for every kind of work.

The row is the truth and a message is a hint. That a row is announced is written down before its message is sent, so
that two who deliver at once send one; what the queue did not take is taken back, and the clock tries later. A message
may be lost without anybody noticing, so a note is believed for a while only (``lost_before``).
"""

import datetime as dt
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.context import Context
from webapp.database.transactions import reading, writing
from webapp.errors import QueueAwayError
from webapp.kernel.job_states import Priority
from webapp.queue import TaskName

log = logging.getLogger(__name__)

_LIMIT = 200
"""How many rows of a kind one tick of the clock announces."""
_TRUSTED_TICKS = 2
"""For how many ticks a message may be under way while the queue is empty, before it counts as lost."""
_LONG_TRUSTED = dt.timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The questions that delivering asks of one table, and the task that is sent its rows' ids.

    ``find_due(connection, now, limit, lost_before)`` returns the ids that a worker could take and that no message
    announces; ``mark(connection, ids, now, lost_before)`` notes that one is about to, and returns those that nobody
    else announces, with their priorities; ``clear(connection, ids)`` takes the note back.
    """

    task: TaskName
    find_due: Callable[[Connection, dt.datetime, int, dt.datetime], list[int]]
    mark: Callable[[Connection, Iterable[int], dt.datetime, dt.datetime], dict[int, Priority]]
    clear: Callable[[Connection, Iterable[int]], None]


def deliver(context: Context, delivery: Delivery, ids: Iterable[int], lost_before: dt.datetime | None = None) -> bool:
    """Send a message for each row that none announces, as far as the queue takes them; tell whether it took all.

    :param lost_before: count messages sent before this moment as lost.
    """
    candidates = list(ids)
    now = context.now()
    with writing() as connection:
        marked = delivery.mark(connection, candidates, now, lost_before or now)
    to_send = [ident for ident in candidates if ident in marked]
    try:
        while to_send:
            context.queue.enqueue(delivery.task, to_send[0], marked[to_send[0]])
            del to_send[0]
    except QueueAwayError:
        with writing() as connection:
            delivery.clear(connection, to_send)
        return False
    return True


def deliver_due_rows(context: Context, delivery: Delivery) -> int:
    """Send a message for each row that could be worked on and that none announces; return how many there were."""
    now = context.now()
    with reading() as connection:
        if not delivery.find_due(connection, now, 1, lost_before(0, now, context.rules.tick)):
            return 0  # whatever the queue holds
    queue_length = context.queue.length()
    if queue_length is None:
        return 0
    lost = lost_before(queue_length, now, context.rules.tick)
    with reading() as connection:
        due = delivery.find_due(connection, now, _LIMIT, lost)
    if due:
        log.info("delivering %d messages for %s", len(due), delivery.task)
        deliver(context, delivery, due, lost)
    return len(due)


def lost_before(queue_length: int, now: dt.datetime, tick: float) -> dt.datetime:
    """Return the moment before which a message that was sent, and whose row nobody has taken, counts as lost.

    With an empty queue that is two ticks (seconds each; at least two seconds) ago, and a quarter of an hour otherwise.
    """
    soon = dt.timedelta(seconds=max(2.0, _TRUSTED_TICKS * tick))
    return now - (soon if queue_length == 0 else _LONG_TRUSTED)
