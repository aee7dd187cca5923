"""How many bars an export holds, counted without reading them: so that ten million are told in no time."""

from sqlalchemy import Connection

from webapp.coverage.answered import require_answered_in
from webapp.database.transactions import reading
from webapp.exporting.rules_exports import ExportRequest
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.spans import Span
from webapp.reading.bars import bars_span
from webapp.reading.kept_candles import open_candle_source
from webapp.series import queries_bars
from webapp.series.queries_series import SeriesRow

_DAYS = {
    True: {Interval.D1: 1, Interval.W1: 5, Interval.MO1: 21},
    False: {Interval.D1: 1, Interval.W1: 7, Interval.MO1: 30},
}
"""Days of trading in larger bars, for markets that close and for those that do not."""


def rows_of(request: ExportRequest) -> list[SeriesRow]:
    """Return the series of an export in its order.

    :raises NotFoundError: when one of them is not there, or nothing was ever told of it.
    """
    with reading() as connection:
        return [require_answered_in(connection, series_id) for series_id in request.series_ids]


def span_of(row: SeriesRow, request: ExportRequest) -> Span:
    """Return what is asked of a series.

    :raises InvalidRequestError: with the field ``end``, when it lies before the start.
    """
    return bars_span(row, request.start, request.end, Interval(request.step) if request.step else None)


def count_rows(connection: Connection, row: SeriesRow, request: ExportRequest) -> int:
    """Return how many bars of a series an export holds; with a larger interval about how many.

    A whole series knows its number; of a part, whole days are counted by the candles that are kept of them.
    """
    if row.first_bar is None or row.last_bar is None:
        return 0
    span = span_of(row, request)
    if span.start <= row.first_bar and row.last_bar < span.end:
        stored = row.rows
    elif row.interval.is_dated:
        stored = queries_bars.count(connection, row.id, span)
    else:
        stored = open_candle_source(connection, row, span).count_bars()
    return _merged(stored, row, request.step)


def _merged(stored: int, row: SeriesRow, step: str | None) -> int:
    """Return about how many larger bars so many stored ones make, by the hours and days of trading as far as known."""
    if step is None or step == row.interval:
        return stored
    facts, larger = row.facts, Interval(step)
    is_known = facts.session_open is not None and facts.session_close is not None
    day = ((facts.session_close or 0) - (facts.session_open or 0)) % DAY or DAY if is_known else DAY
    own = day if row.interval.is_dated else row.interval.seconds
    whole = day * _DAYS[is_known][larger] if larger.is_dated else larger.seconds
    return -(-stored * own // whole)
