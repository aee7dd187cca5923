import dataclasses
import datetime as dt
from typing import cast

import pytest

from tests.exporting.exporting import five_thousand_days, request_file
from tests.world import HandQueue, World
from webapp.delivery import deliver, lost_before
from webapp.errors import QueueAwayError, sentence
from webapp.exporting.background import EXPORTS
from webapp.exporting.rescue import deliver_due_exports
from webapp.kernel.job_states import Priority
from webapp.queue import Queue, TaskName

NOW = dt.datetime(2024, 3, 1, 18, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("queue_length", "tick", "seconds"),
    [(0, 5.0, 10), (0, 0.5, 2), (1, 5.0, 900), (4000, 60.0, 900)],
)
def test_a_message_counts_as_lost_sooner_when_the_queue_is_empty(
    queue_length: int, tick: float, seconds: float
) -> None:
    assert lost_before(queue_length, NOW, tick) == NOW - dt.timedelta(seconds=seconds)


class Full(HandQueue):
    """A queue that takes a number of messages and is away then."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def enqueue(self, task: TaskName, ident: int, priority: Priority = Priority.NORMAL) -> None:
        if len(self.sent) == self.room:
            raise QueueAwayError(sentence("The queue (Redis) does not answer."))
        super().enqueue(task, ident, priority)


def test_what_the_queue_did_not_take_is_delivered_by_the_clock_and_nothing_twice(world: World) -> None:
    world.queue.is_away = True
    series_id = five_thousand_days(world)
    ids = [request_file(world, series_id) for _ in range(3)]
    full = Full(1)
    assert not deliver(dataclasses.replace(world.context, queue=cast("Queue", full)), EXPORTS, ids)
    assert full.sent == ids[:1]
    world.queue.is_away = False
    assert deliver_due_exports(world.context) == 2
    assert world.queue.sent == ids[1:]


def test_of_two_who_deliver_the_same_export_one_sends_a_message(world: World) -> None:
    world.queue.is_away = True
    export_id = request_file(world, five_thousand_days(world))
    world.queue.is_away = False

    class Racing(HandQueue):
        """A queue at which somebody else delivers the same while our message is on its way."""

        def enqueue(self, task: TaskName, ident: int, priority: Priority = Priority.NORMAL) -> None:
            assert deliver(world.context, EXPORTS, [ident])
            super().enqueue(task, ident, priority)

    ours = Racing()
    assert deliver(dataclasses.replace(world.context, queue=cast("Queue", ours)), EXPORTS, [export_id])
    assert (ours.sent, world.queue.sent) == ([export_id], [])
