"""The rows of a wide frame: every session of the symbols' calendars, so that a hole is seen even where all have it."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from webapp.coverage.calendars import Calendar, calendars_of
from webapp.coverage.queries_corrections import Corrections
from webapp.framing.bar_columns import BarColumns
from webapp.kernel.intervals import Interval, next_start, period_start
from webapp.kernel.spans import Span
from webapp.reading.queries_packed_bars import Times

_Followed = tuple[str, str | None, Corrections]
"""By what calendars have the same dates: code, time zone, corrections."""


def row_starts(bars: Sequence[BarColumns]) -> Times:
    """Return the starts of rows, ascending: of all bars, and for days and longer of every session they lie between.

    A calendar counts from the first to the last bar of those that follow it. Bars shorter than a day stand where any
    symbol has one.

    :raises CalendarError: when an exchange's calendar is needed and cannot be made.
    """
    there = [each for each in bars if len(each.times)]
    if not there:
        return np.empty(0, np.int64)
    interval = there[0].stored.interval
    starts = _session_starts(there, interval) if interval.is_dated else there[0].times
    for each in there:
        place = np.searchsorted(starts, each.times).clip(max=max(len(starts) - 1, 0))
        is_new = starts[place] != each.times if len(starts) else np.ones(len(each.times), np.bool_)
        if is_new.any():
            starts = np.union1d(starts, each.times[is_new])
    return starts


def _session_starts(bars: Sequence[BarColumns], interval: Interval) -> Times:
    spans: defaultdict[_Followed, list[Span]] = defaultdict(list)
    calendars: dict[_Followed, Calendar] = {}
    followed = calendars_of({each.stored.series.instrument_id: each.stored.series.facts for each in bars})
    for each in bars:
        calendar = followed[each.stored.series.instrument_id]
        key = (calendar.code, calendar.facts.timezone, calendar.corrections)
        calendars[key] = calendar
        spans[key].append(Span(int(each.times[0]), next_start(int(each.times[-1]), interval)))
    starts = {
        period_start(date, interval)
        for key, calendar in calendars.items()
        for date in calendar.dates(Span(min(span.start for span in spans[key]), max(span.end for span in spans[key])))
    }
    return np.array(sorted(starts), np.int64)
