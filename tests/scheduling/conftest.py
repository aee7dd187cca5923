"""A world with schedules, for every test of them."""

import pytest

from tests.scheduling.calendars import ScheduleWorld, schedule_world
from tests.world import World


@pytest.fixture
def world_of_schedules(world: World) -> ScheduleWorld:
    return schedule_world(world)
