"""How long a file's bars are, by how far its times are apart; and whether that contradicts what a person chose."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

from webapp.errors import Sentence, sentence
from webapp.kernel.intervals import DAY, WEEK, Interval
from webapp.sources.own.rules_imported import Cell, DateOrder, Names, Reading, UnreadableLineError
from webapp.sources.own.rules_times import Moments

_MONTHS = range(28, 32)
_SHORTEST_MONTH = 27 * DAY
_FEWEST_GAPS = 2
"""A file of two lines far apart may have lost all others; lines that are too near contradict by themselves."""


def starts(columns: Mapping[str, int], rows: Sequence[Sequence[Cell]], order: DateOrder) -> list[int]:
    """Return the times of lines (epoch seconds), ascending, each once, as clocks showed them; unreadable ones left out.

    :param order: that of day and month hardly matters for how far times are apart.
    """
    moments = Moments(Reading(columns, order, "UTC", Names.START, Interval.S1, "."))
    place, clock = columns["time"], columns.get("clock")
    times: set[int] = set()
    for row in rows:
        try:
            times.add(moments.start(row[place], None if clock is None else row[clock]))
        except (UnreadableLineError, IndexError):
            continue
    return sorted(times)


def usual_step(times: Sequence[int]) -> Interval | None:
    """Return the interval that most neighbouring times are apart; of two that are as frequent, the shorter one."""
    steps = Counter(interval_of_step(after - before) for before, after in pairwise(times))
    intervals = [interval for interval in steps if interval is not None]
    return min(intervals, key=lambda interval: (-steps[interval], interval.seconds), default=None)


def interval_of_step(seconds: int) -> Interval | None:
    """Return the interval of bars that begin so many seconds apart."""
    if seconds % DAY == 0 and seconds // DAY in _MONTHS:
        return Interval.MO1
    exact = {interval.seconds: interval for interval in Interval if interval.seconds <= WEEK}
    return exact.get(seconds)


def contradiction(times: Sequence[int], interval: Interval) -> Sentence | None:
    """Say how times contradict an interval: most are nearer than its bars are long, or most a longer bar apart."""
    gaps = [after - before for before, after in pairwise(times)]
    step = usual_step(times)
    shortest = _SHORTEST_MONTH if interval is Interval.MO1 else interval.seconds
    is_too_near = 2 * sum(gap < shortest for gap in gaps) > len(gaps)
    is_too_far = (
        step is not None
        and step.seconds > interval.seconds
        and len(gaps) >= _FEWEST_GAPS
        and 2 * sum(interval_of_step(gap) is step for gap in gaps) >= len(gaps)
    )
    if not is_too_near and not is_too_far:
        return None
    if step is None or step is interval:
        return sentence("Most lines of this file are nearer to each other than one such bar is long.")
    return sentence(
        "The lines of this file are %(step)s apart, so they are no bars of %(interval)s.",
        step=step.value,
        interval=interval.value,
    )
