"""Which derived bars are partial: made of less than what was traded in their time (docs/data.md#derived-bars).

A bar is partial when its source was not asked for all of its time (a hole, or an edge of what was collected). What was
answered counts as known, with bars or without; of a series without coverage nothing is said.
"""

from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import Connection

from webapp.coverage.rules_expected import known_seconds
from webapp.kernel.day_runs import ExchangeClock
from webapp.kernel.intervals import DAY, Interval, next_start, period_start
from webapp.kernel.plans import answered_spans
from webapp.kernel.spans import Span, subtract, union
from webapp.reading.session_parts import TradingDay
from webapp.series import queries_coverage
from webapp.series.queries_series import SeriesRow


def known_spans(connection: Connection, row: SeriesRow) -> list[Span]:
    """Return what the source answered of a series, in bars' starts; empty where nothing is kept of that."""
    return union(answered_spans(queries_coverage.read(connection, row.id)))


def whole_dates(row: SeriesRow, clock: ExchangeClock, step: Interval) -> Span:
    """Return the dates of the whole days, weeks or months that stored bars lie in; empty without any."""
    if row.first_bar is None or row.last_bar is None:
        return Span(0, 0)
    own = (row.first_bar, row.last_bar)
    first, last = own if row.interval.is_dated else (clock.label(time) for time in own)
    unit = step if step.is_dated else Interval.D1
    return Span(period_start(first, unit), next_start(last, unit))


def is_known_throughout(row: SeriesRow, clock: ExchangeClock, dates: Span, answered: Sequence[Span]) -> bool:
    """Tell whether nothing is missing between two dates, nights and holidays included; then no bar is partial."""
    frame = dates if row.interval.is_dated else Span(clock.midnight(dates.start), clock.midnight(dates.end))
    return not answered or not subtract([_since_first_trade(frame, row)], answered)


def find_partial(
    row: SeriesRow, step: Interval, days: Sequence[TradingDay], answered: Sequence[Span], start_of: Callable[[int], int]
) -> frozenset[int]:
    """Return the starts of partial bars of ``step``.

    :param start_of: returns the start of the bar, shorter than a day, in which an instant lies.
    """
    starts: set[int] = set()
    for day in days:
        unknown = list(_unknown(row, day, answered))
        if unknown and step.is_dated:
            starts.add(period_start(day.label, step))
        elif unknown:  # between a hole's edges there are no bars
            starts.update(start_of(time) for hole in unknown for time in (hole.start, hole.end - 1))
    return frozenset(starts)


def _unknown(row: SeriesRow, day: TradingDay, answered: Sequence[Span]) -> Iterator[Span]:
    parts = (Span(day.label, day.label + DAY),) if row.interval.is_dated else day.parts
    for part in parts:
        traded = _since_first_trade(part, row)
        if traded and known_seconds(answered, traded) < traded.seconds:
            yield from subtract([traded], answered)


def _since_first_trade(span: Span, row: SeriesRow) -> Span:
    first = row.facts.first_trade
    if first is None:
        return span
    return Span(max(span.start, period_start(first, Interval.D1) if row.interval.is_dated else first), span.end)
