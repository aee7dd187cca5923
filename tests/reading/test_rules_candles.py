"""The levels that candles are kept at."""

from itertools import pairwise

import pytest

from webapp.kernel.intervals import DAY, Interval
from webapp.reading.rules_resolutions import level_for, levels, resolutions

INTRADAY = [interval for interval in Interval if not interval.is_dated]


@pytest.mark.parametrize("interval", INTRADAY)
def test_levels_are_resolutions_of_a_chart_and_each_is_made_of_the_one_before(interval: Interval) -> None:
    lengths = [interval.seconds, *levels(interval)]
    assert set(levels(interval)) <= {step.seconds for step in resolutions(interval)}
    assert all(longer % shorter == 0 for shorter, longer in pairwise(lengths))


@pytest.mark.parametrize("interval", INTRADAY)
def test_a_candle_is_made_of_thirty_rows_at_most(interval: Interval) -> None:
    steps = [step.seconds for step in resolutions(interval) if step.seconds <= DAY]
    assert max(step // (level_for(interval, step) or interval.seconds) for step in steps) <= 30


@pytest.mark.parametrize("interval", [Interval.D1, Interval.W1, Interval.MO1])
def test_nothing_is_kept_of_dated_bars(interval: Interval) -> None:
    assert levels(interval) == ()
    assert level_for(interval, DAY) is None
