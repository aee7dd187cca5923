"""Which interval a chart shows, so that its candles are few enough."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stored import label
from webapp.kernel.day_runs import ExchangeClock, day_runs
from webapp.kernel.intervals import DAY, HOUR, Interval
from webapp.kernel.spans import Span
from webapp.reading.rules_resolutions import choose_resolution, coarser_resolution, resolutions

NEW_YORK = ExchangeClock(ZoneInfo("America/New_York"), 34_200)
INTRADAY = [interval for interval in Interval if not interval.is_dated]


@pytest.mark.parametrize(
    ("rows", "max_points", "step"),
    [(600, 600, "1m"), (600, 599, "5m"), (600, 100, "15m"), (0, 1, "1m"), (1441, 1, "1wk"), (10**9, 1, "1mo")],
)
def test_the_finest_interval_that_makes_few_enough_candles_is_chosen(rows: int, max_points: int, step: str) -> None:
    assert choose_resolution(Interval.M1, rows, max_points) is Interval(step)


@pytest.mark.parametrize(("seconds", "step"), [(0, "1m"), (60, "1m"), (61, "5m"), (HOUR, "1h"), (60 * DAY, "1mo")])
def test_a_chart_may_ask_for_longer_candles_than_it_needs(seconds: int, step: str) -> None:
    assert choose_resolution(Interval.M1, 10, 100, min_seconds=seconds) is Interval(step)


@pytest.mark.parametrize("interval", Interval)
def test_every_interval_is_its_own_finest_resolution(interval: Interval) -> None:
    assert resolutions(interval)[0] is interval
    assert choose_resolution(interval, 10, 10) is interval


def test_bars_that_come_once_an_hour_are_as_many_candles_until_these_are_longer() -> None:
    times = [label("2024-03-04T15:00:00") + hour * HOUR for hour in range(240)]
    runs = list(day_runs(NEW_YORK, Span(times[0], times[-1] + 1)))
    steps = [step for step in resolutions(Interval.M15) if step.seconds <= DAY]
    assert coarser_resolution(times, steps, 240, runs) is Interval.M15
    assert coarser_resolution(times, steps, 239, runs) is Interval.H4
    assert coarser_resolution(times, steps, 5, runs) is Interval.D1


@given(
    interval=st.sampled_from(INTRADAY),
    times=st.sets(st.integers(0, 12 * DAY // 900), min_size=1),
    max_points=st.integers(1, 60),
)
def test_it_is_the_first_resolution_at_which_no_candle_is_too_many(
    interval: Interval, times: set[int], max_points: int
) -> None:
    starts = sorted(label("2024-03-07") + time * 900 for time in times)  # the clocks change on the 10th
    runs = list(day_runs(NEW_YORK, Span(starts[0], starts[-1] + 1)))
    steps = [step for step in resolutions(interval) if step.seconds <= DAY]

    def count(step: Interval) -> int:
        pairs = [(run, time) for run in runs for time in starts if run.span.start <= time < run.span.end]
        return len({run.bucket(time, step.seconds) for run, time in pairs})

    chosen = coarser_resolution(starts, steps, max_points, runs)
    assert all(count(step) > max_points for step in steps[: steps.index(chosen)])
    assert chosen is Interval.D1 or count(chosen) <= max_points
