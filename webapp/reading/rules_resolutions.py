"""The resolutions of a chart: which intervals bars can be merged to, and which of them shows a span in few candles."""

from bisect import bisect_left
from collections.abc import Sequence

from webapp.kernel.day_runs import DayRun
from webapp.kernel.intervals import Interval

_USUAL = (
    *(Interval.S1, Interval.S5, Interval.S15, Interval.S30, Interval.M1, Interval.M5, Interval.M15, Interval.M30),
    *(Interval.H1, Interval.H4, Interval.D1, Interval.W1, Interval.MO1),
)


def resolutions(interval: Interval) -> list[Interval]:
    """Return what bars of an interval can be merged to, itself first, ascending, each made of whole ones before."""
    steps = [interval]
    for step in _USUAL:
        if step.seconds > steps[-1].seconds and (step.is_dated or step.seconds % steps[-1].seconds == 0):
            steps.append(step)
    return steps


def choose_resolution(interval: Interval, rows: int, max_points: int, min_seconds: int = 0) -> Interval:
    """Return the finest resolution at which so many bars would be at most ``max_points`` candles if none were missing.

    It has ``min_seconds`` at least; the coarsest one is returned where nothing fits.
    """
    steps = resolutions(interval)
    seconds = max(-(-rows // max_points) * interval.seconds, min_seconds)
    return steps[min(bisect_left([step.seconds for step in steps], seconds), len(steps) - 1)]


def coarser_resolution(
    times: Sequence[int], steps: Sequence[Interval], max_points: int, runs: Sequence[DayRun]
) -> Interval:
    """Return the first of ascending resolutions at which candles would be at most ``max_points``, or the last one.

    :param times: the starts of the candles, ascending; each resolution is made of whole ones.
    :param runs: the days of the exchange in which they lie.
    """
    for step in steps[:-1]:
        if sum(_count(times, run, step.seconds) for run in runs) <= max_points:
            return step
    return steps[-1]


def _count(times: Sequence[int], run: DayRun, seconds: int) -> int:
    in_run = times[bisect_left(times, run.span.start) : bisect_left(times, run.span.end)]
    return len({run.bucket(time, seconds) for time in in_run})
