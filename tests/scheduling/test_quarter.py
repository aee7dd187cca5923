"""A quarter on a moved clock: every run once, every day asked for once, over a change of the hour and holidays."""

import datetime as dt

import pytest

from tests.scheduling.calendars import ScheduleWorld, schedule_world
from tests.world import World
from webapp.kernel.intervals import Interval
from webapp.scheduling.rules_run_states import RunState

FIRST, LAST = dt.date(2024, 2, 1), dt.date(2024, 4, 30)
HOURS = (0, 1, 7, 18, 22, 23)
"""When the clock ticks, at ten to the hour after: later than each close and each line."""
SESSIONS = {"XNYS": 62, "XPAR": 62, "XTKS": 60, "24/7": 89, "24/5": 64}
"""Sessions whose runs are due from 1 February, 01:00 UTC, to 30 April, 23:50 UTC, counted in a calendar by hand.

February to April has 29 + 31 + 30 = 90 days, 64 of them weekdays. New York rests on 19 February and Good Friday, Paris
on Good Friday and Easter Monday, Tokyo on 12 and 23 February, 20 March and 29 April. The coin's last day
ends too late."""


@pytest.fixture
def here(world: World) -> ScheduleWorld:
    return schedule_world(world)


def test_a_quarter(here: ScheduleWorld) -> None:
    here.go_to("2024-02-01 01:00:00")
    symbols = ("AAPL", "MC.PA", "7203.T", "BTC-USD", "EURUSD=X")
    mixed = here.create(*symbols, minutes="45")
    nightly = here.create("AAPL", kind="cron", cron="30 2 * * *", zone="Europe/Paris")
    weekly = here.create("MSFT", interval=Interval.W1, minutes="60")
    asked: dict[str, int] = dict.fromkeys((*symbols, "MSFT"), 0)
    _tick_through(here)
    for request in here.source.asked:
        asked[request.symbol] += 1
    runs = here.runs(mixed)
    assert {run.state for run in runs} <= {RunState.SUCCEEDED, RunState.UP_TO_DATE}
    by_exchange = {code: sum(run.exchange == code for run in runs) for code in SESSIONS}
    assert by_exchange == SESSIONS
    nights = here.runs(nightly)
    assert len(nights) == 90, "each day once: also 31 March, which has no half past two in Paris"
    assert {run.state for run in nights} == {RunState.UP_TO_DATE, RunState.SUCCEEDED}
    assert len(here.runs(weekly)) == 13
    assert asked == {
        "AAPL": 63,
        "MC.PA": 62,
        "7203.T": 60,
        "BTC-USD": 89,
        "EURUSD=X": 64,
        "MSFT": 13,
    }, "a request for each session, whoever asks first, none for weekends; and one for January, in AAPL's first night"


def _tick_through(here: ScheduleWorld) -> None:
    day = FIRST
    while day <= LAST:
        for hour in HOURS:
            moment = dt.datetime(day.year, day.month, day.day, hour, 50, tzinfo=dt.UTC)
            if moment > here.clock.at:
                here.clock.at = moment
                here.tick()
                here.work()
        day += dt.timedelta(days=1)
    here.tick()
