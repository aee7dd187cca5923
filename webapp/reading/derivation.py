"""The layout of larger bars: where they begin, and which are partial."""

from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.spans import Span
from webapp.reading.clocks import exchange_clock, source_clock
from webapp.reading.partial_bars import find_partial, is_known_throughout, known_spans, whole_dates
from webapp.reading.session_parts import TradingDay, late_starts, place_of, trading_days
from webapp.series.queries_series import SeriesRow
from webapp.sources.registry import capabilities_of


@dataclass(frozen=True, slots=True)
class Layout:
    """Where larger bars begin later than at their place on the source's clock, and the starts of partial ones."""

    late_starts: dict[int, int]
    partial: frozenset[int]


def lay_out(connection: Connection, row: SeriesRow, step: Interval, span: Span) -> Layout:
    """Return the layout of the bars of ``step`` that start in a span (of dates for bars of a day and longer).

    :raises CalendarError: when the exchange's calendar is needed, not there yet and cannot be made.
    """
    clock = exchange_clock(row) if step.is_dated else source_clock(row)
    dates = whole_dates(row, clock, step).intersection(_dates_around(span, step))
    if not dates:
        return Layout({}, frozenset())
    answered = known_spans(connection, row)
    is_on_clock = not step.is_dated and not capabilities_of(row.source).opens_with_session
    is_known = is_known_throughout(row, clock, dates, answered)
    days: list[TradingDay] = [] if is_known and not is_on_clock else trading_days(connection, row, dates)
    starts = late_starts(days, clock, step) if is_on_clock else {}

    def start_of(time: int) -> int:
        place = place_of(clock, time, step)
        return starts.get(place, place)

    return Layout(starts, frozenset() if is_known else find_partial(row, step, days, answered, start_of))


def partial_candles(connection: Connection, row: SeriesRow, step: Interval, span: Span) -> frozenset[int]:
    """Return the starts of a chart's candles of ``step`` that are partial, of those that start in a span.

    :raises CalendarError: when the exchange's calendar is needed, not there yet and cannot be made.
    """
    clock = exchange_clock(row)
    dates = whole_dates(row, clock, step).intersection(_dates_around(span, step))
    if not dates:
        return frozenset()
    answered = known_spans(connection, row)
    if is_known_throughout(row, clock, dates, answered):
        return frozenset()
    days = trading_days(connection, row, dates)
    return find_partial(row, step, days, answered, lambda time: place_of(clock, time, step))


def _dates_around(span: Span, step: Interval) -> Span:
    """Return dates that hold all that the bars of a span are made of: a month, or two days, around it."""
    margin = step.seconds + 2 * DAY
    return Span((span.start - margin) // DAY * DAY, -(-(span.end + margin) // DAY) * DAY)
