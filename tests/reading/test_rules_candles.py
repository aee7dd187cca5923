"""The levels that candles are kept at."""

from itertools import pairwise

import pytest

from webapp.kernel.intervals import DAY, Interval
from webapp.reading.charts import ladder
from webapp.reading.rules_candles import level_for, levels

INTRADAY = [interval for interval in Interval if not interval.is_dated]


@pytest.mark.parametrize("interval", INTRADAY)
def test_levels_are_rungs_of_the_ladder_and_each_is_made_of_the_one_before(interval: Interval) -> None:
    lengths = [interval.seconds, *levels(interval)]
    assert set(levels(interval)) <= {rung.seconds for rung in ladder(interval)}
    assert all(longer % shorter == 0 for shorter, longer in pairwise(lengths))


@pytest.mark.parametrize("interval", INTRADAY)
def test_a_candle_is_made_of_thirty_rows_at_most(interval: Interval) -> None:
    rungs = [rung.seconds for rung in ladder(interval) if rung.seconds <= DAY]
    assert max(rung // (level_for(interval, rung) or interval.seconds) for rung in rungs) <= 30


@pytest.mark.parametrize("interval", [Interval.D1, Interval.W1, Interval.MO1])
def test_nothing_is_kept_of_dated_bars(interval: Interval) -> None:
    assert levels(interval) == ()
    assert level_for(interval, DAY) is None
