"""The resolutions of a chart: which intervals bars can be merged to, and which of them shows a span in few candles.

Candles of some are kept ready (``levels``), so that a chart of any span is drawn from a few thousand rows. The levels
of an interval are so far apart that keeping them costs some three bytes a bar, and so near that the 2,000 candles of a
chart are never merged from more than some 60,000 rows.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import takewhile

from webapp.kernel.day_runs import DayRun
from webapp.kernel.intervals import DAY, HOUR, MINUTE, Interval

_USUAL = (
    *(Interval.S1, Interval.S5, Interval.S15, Interval.S30, Interval.M1, Interval.M5, Interval.M15, Interval.M30),
    *(Interval.H1, Interval.H4, Interval.D1, Interval.W1, Interval.MO1),
)
_LEVELS = {
    Interval.S1: (MINUTE, 30 * MINUTE),
    Interval.S5: (5 * MINUTE, HOUR),
    Interval.S10: (5 * MINUTE, HOUR),
    Interval.S15: (5 * MINUTE, HOUR),
    Interval.S30: (30 * MINUTE,),
    Interval.M1: (30 * MINUTE,),
    Interval.M2: (HOUR,),
    Interval.M3: (HOUR,),
    Interval.M5: (4 * HOUR,),
}
WORTH_KEEPING = 20_000
"""Bars: fewer are merged faster than a chart is drawn."""


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


def levels(interval: Interval) -> tuple[int, ...]:
    """Return the lengths (seconds, ascending) of the candles that are kept of a series; none of dated ones."""
    return () if interval.is_dated else (*_LEVELS.get(interval, ()), DAY)


def level_for(interval: Interval, step: int) -> int | None:
    """Return the longest level that candles of ``step`` seconds are made of; None when bars are needed."""
    fitting = tuple(takewhile(lambda level: level <= step, levels(interval)))
    return fitting[-1] if fitting else None
