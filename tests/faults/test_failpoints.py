"""Every labelled line of the collect loop × {kill, raise, sleep}, each to completion with a real worker.

What the first attempt has committed stays, what it has not is done again, and nothing is there twice.
"""

from collections.abc import Callable

import pytest

from tests.faults.story import check
from tests.faults.test_kills import fetched_again
from tests.plant import Plant, succeeded
from webapp.failpoints import Failpoint
from webapp.kernel.intervals import Interval

MakePlant = Callable[..., Plant]
ACTIONS = ["kill", *(pytest.param(action, marks=pytest.mark.slow) for action in ("raise", "sleep:1.5"))]
SYMBOLS = ["AAPL", "MSFT", "NVDA", "AMZN", "GOOGL", "TSLA", "SPY", "QQQ", "MC.PA"]


@pytest.mark.parametrize("action", ACTIONS)
def test_a_fault_at_any_line_of_the_collect_loop_loses_nothing(make_plant: MakePlant, action: str) -> None:
    plant = make_plant(JOB_LEASE_SECONDS="3", YAHOO_REQUESTS_PER_SECOND="50")
    plant.kept_worker(), plant.clock()
    for point, symbol in zip(Failpoint, SYMBOLS, strict=True):
        plant.strike(point, action)
        [job] = plant.wait(*plant.submit(symbol, interval=Interval.M1, period="2wk"))
        assert plant.has_struck, point
        assert succeeded([job]), (point, str(job.message))
        assert fetched_again(plant, symbol) <= 1, point
        kinds = [event.kind for event in plant.log(job.id)]
        # A short wait after an error keeps the worker's slot, a longer one gives it back: chance decides.
        expected = {"kill": {"lost"}, "raise": {"error", "waiting"}}.get(action)
        if expected and point not in (Failpoint.LEFT, Failpoint.FINISHING, Failpoint.CLAIMED):
            assert expected & set(kinds), (point, kinds)
    check(plant)
