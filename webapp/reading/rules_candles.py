"""Which candles of a series are kept ready, so that a chart of any span is drawn from a few thousand rows.

Each level is a resolution of charts (``rules_resolutions``). The levels of an interval are so far apart that keeping
them costs some three bytes a bar, and so near that the 2,000 candles of a chart are never merged from more than some
60,000 rows.
"""

from itertools import takewhile

from webapp.kernel.intervals import DAY, HOUR, MINUTE, Interval

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


def levels(interval: Interval) -> tuple[int, ...]:
    """Return the lengths (seconds, ascending) of the candles that are kept of a series; none of dated ones."""
    return () if interval.is_dated else (*_LEVELS.get(interval, ()), DAY)


def level_for(interval: Interval, step: int) -> int | None:
    """Return the longest level that candles of ``step`` seconds are made of; None when bars are needed."""
    fitting = tuple(takewhile(lambda level: level <= step, levels(interval)))
    return fitting[-1] if fitting else None
