"""Candles for a chart: a series, merged into as many as can be seen."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from webapp.domain.adjustment import Adjustment, scaled
from webapp.domain.bars import Action, Bar, aggregate
from webapp.domain.closing import local_date_label
from webapp.domain.intervals import HOUR, Interval, period_start
from webapp.domain.spans import Span
from webapp.services import adjusting
from webapp.store import actions, bar_pages, bars
from webapp.store.transactions import reading

_RUNGS = (
    *(Interval.S1, Interval.S5, Interval.S15, Interval.S30, Interval.M1, Interval.M5, Interval.M15, Interval.M30),
    *(Interval.H1, Interval.H4, Interval.D1, Interval.W1, Interval.MO1),
)
_EVER = Span(-(2**62), 2**62)


@dataclass(frozen=True, slots=True)
class Candles:
    """Columns of equal length, ascending: ``time`` in epoch seconds UTC (a date's 00:00 UTC for 1d and longer).

    Prices have nine significant digits: they are drawn, and more is float32's noise. ``step`` is the interval shown,
    ``rows`` how many stored bars the candles stand for, ``actions`` what happened to the instrument in their time.
    """

    time: list[int]
    open: list[float]
    high: list[float]
    low: list[float]
    close: list[float]
    volume: list[float]
    step: str
    rows: int
    actions: list[Action]


def candles(
    series_id: int,
    *,
    adjust: str = "splits",
    max_points: int = 2000,
    start: int | None = None,
    end: int | None = None,
) -> Candles:
    """Return the bars that start in ``[start, end)`` (epoch seconds; all without), merged when over ``max_points``.

    They are merged to the smallest usual interval that brings them under ``max_points``, to months at most.

    :raises NotFoundError: when there is no series of this id.
    :raises InvalidRequestError: with the field ``adjust`` for an unknown adjustment.
    """
    wanted = adjusting.understood(adjust)
    span = Span(_EVER.start if start is None else start, _EVER.end if end is None else end)
    with reading() as connection:
        row = adjusting.found(connection, series_id)
        known = actions.read(connection, row.instrument_id)
        factors = adjusting.adjustment_of(connection, row, wanted, known)
        rows = bars.count(connection, series_id, span)
        ladder = _ladder(row.interval)
        least = _rung(ladder, rows, max_points)
        read = max(place for place in range(least + 1) if place == 0 or ladder[place].seconds <= HOUR)
        merged = _read(connection, series_id, span, ladder[read] if read else None, factors)
    place, zone = read, adjusting.zone_of(row)
    while place < least or (len(merged) > max_points and place < len(ladder) - 1):
        merged = aggregate(merged, _bucket(ladder[place], ladder[place + 1], zone))
        place += 1
    return _columns(merged, ladder[place], rows, known)


def _ladder(interval: Interval) -> list[Interval]:
    """Return the intervals that bars of this one can be merged into, itself first, each made of whole ones before."""
    ladder = [interval]
    for rung in _RUNGS:
        if rung.seconds > ladder[-1].seconds and (rung.is_dated or rung.seconds % ladder[-1].seconds == 0):
            ladder.append(rung)
    return ladder


def _rung(ladder: list[Interval], rows: int, max_points: int) -> int:
    """Return the first rung that could bring so many rows under the limit if no bar were missing."""
    needed = -(-rows // max(1, max_points)) * ladder[0].seconds
    return min(bisect_left([rung.seconds for rung in ladder], needed), len(ladder) - 1)


def _read(connection: Connection, series_id: int, span: Span, step: Interval | None, factors: Adjustment) -> list[Bar]:
    """Return adjusted bars, merged by the database to ``step`` where one is given.

    Bars of one bucket on two sides of a factor's edge must not be merged before they are adjusted.
    """
    if step is None:
        return list(factors.apply(bars.read(connection, series_id, span)))
    edges = [span.start, *(edge for edge in factors.edges if span.start < edge < span.end), span.end]
    merged: list[Bar] = []
    for start, end in pairwise(edges):
        place = factors.place(start)
        grouped = bar_pages.groups(connection, series_id, Span(start, end), step.seconds)
        merged += (scaled(bar, factors.prices[place], factors.volumes[place]) for bar in grouped)
    return aggregate(merged, lambda time: time) if len(edges) > 2 else merged  # noqa: PLR2004 -- two ends, no edge


def _bucket(step: Interval, rung: Interval, zone: ZoneInfo) -> Callable[[int], int]:
    """Return how bars of ``step`` find their bar of ``rung``: a day is the exchange's, and not UTC's."""
    if rung.is_dated and not step.is_dated:
        return lambda time: period_start(local_date_label(time, zone), rung)
    return lambda time: period_start(time, rung)


def _columns(merged: list[Bar], step: Interval, rows: int, known: list[Action]) -> Candles:
    times = [bar[0] for bar in merged]
    prices = [[float(f"{bar[column]:.9g}") for bar in merged] for column in range(1, 5)]
    since = period_start(times[0], Interval.D1) if times else 0
    shown = [action for action in known if times and since <= action.time <= times[-1] + step.seconds]
    return Candles(
        time=times,
        open=prices[0],
        high=prices[1],
        low=prices[2],
        close=prices[3],
        volume=[bar[5] for bar in merged],
        step=step.value,
        rows=rows,
        actions=shown,
    )
