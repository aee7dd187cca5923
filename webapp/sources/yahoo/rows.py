"""The rows of a chart answer: which of them are bars and when they start, which are blank, and which may change yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.kernel.bars import Bar
from webapp.kernel.closing import local_date_label, local_instant
from webapp.kernel.intervals import DAY, MINUTE
from webapp.sources.base import ChunkRequest
from webapp.sources.yahoo.stamps import Stamps

COLUMNS = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class Chart:
    """The one result of a chart answer."""

    meta: Mapping[str, Any]
    times: list[int]
    columns: Mapping[str, list[float | None]]
    events: Mapping[str, Any]
    adjusted: list[float | None]
    """The closes without later payouts; empty within a day, where Yahoo has none."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What rows amount to: ``bars``, ascending, each time once, and ``blanks``, the starts of rows that lack something.

    ``partial`` are the starts of bars that are made of such a row. ``preliminary`` is the date of the row that may
    still change, None without one.
    """

    bars: list[Bar]
    blanks: list[int]
    partial: frozenset[int]
    preliminary: int | None


def read_rows(chart: Chart, request: ChunkRequest, stamps: Stamps, now: float) -> Rows:
    """Return what the rows of a chart amount to at ``now`` (epoch seconds)."""
    starts, preliminary = _dates(chart, stamps, now) if request.interval.is_dated else (chart.times, None)
    closes = frozenset[int]() if request.interval.is_dated else _closes(chart, request, stamps)
    has_volume = any(volume is not None for volume in chart.columns["volume"])
    bars: dict[int, Bar] = {}
    blanks: set[int] = set()
    for start, *prices, volume in zip(starts, *(chart.columns[name] for name in COLUMNS), strict=True):
        if not request.interval.is_dated and (start % MINUTE or (start in closes and not volume)):
            continue  # the live row, stamped with the moment of the last trade; or the print of the close
        if start in bars:
            continue  # the last row comes twice while a market is open; the first is the bar
        if None in prices or (volume is None and has_volume):
            blanks.add(start)
        completed = _completed(*prices)
        if completed is not None:
            bars[start] = (start, *completed, volume or 0, None, None)
    return Rows([bars[start] for start in sorted(bars)], sorted(blanks), frozenset(blanks & bars.keys()), preliminary)


def _completed(
    opening: float | None, high: float | None, low: float | None, close: float | None
) -> tuple[float, float, float, float] | None:
    """Return open, high, low and close of a row that lacks one of the first three at most; None of any other.

    What is lacking is the least that the others allow: the open is the close, the high the higher of both, the low the
    lower. Such a bar is flagged, and its row asked for again. Without a close there is no bar.
    """
    if close is None or [opening, high, low].count(None) > 1:
        return None
    first = close if opening is None else opening
    return first, max(first, close) if high is None else high, min(first, close) if low is None else low, close


def _dates(chart: Chart, stamps: Stamps, now: float) -> tuple[list[int], int | None]:
    """Return the dates of a chart's rows, and that of the row which Yahoo still works on.

    For hours after the close, that row has the stamp of the last trade and preliminary values: AAPL's of 2025-08-15 had
    54.9 million shares that evening, 56.0 million on Saturday, and another open, high and low.
    """
    last = len(chart.times) - 1
    if last < 0 or not stamps.is_last_trade(chart.times[last], now):
        return [stamps.date_of(time) for time in chart.times], None
    dates = [stamps.date_of(time) for time in chart.times[:last]]
    preliminary = stamps.date_of_last_trade(chart.times[last])
    if preliminary in dates and not stamps.is_in_session(chart.times[last]):
        preliminary = local_date_label(chart.times[last], stamps.zone)  # that session has its row: it is of the next
    return [*dates, preliminary], preliminary


def _closes(chart: Chart, request: ChunkRequest, stamps: Stamps) -> frozenset[int]:
    """Return the instants at which regular sessions close, whose rows without volume are prints of the closing price.

    A half day's close stands in the answer's own sessions. With the hours after the close, a bar may begin there, and
    Yahoo gives none of those a volume.
    """
    facts = stamps.facts
    if request.options.get("prepost") == "true" or facts.session_close in (None, DAY):
        return frozenset()
    close = facts.session_close or DAY
    days = {local_date_label(time, stamps.zone) for time in chart.times if not time % MINUTE}
    usual = {local_instant(day, close, stamps.zone) for day in days}
    periods = chart.meta.get("tradingPeriods")
    sessions = periods if isinstance(periods, list) else []
    return frozenset(usual | {period["end"] for session in sessions for period in session if "end" in period})
