"""Rates between currencies, of the currency pairs that are stored of a source."""

from sqlalchemy import Connection

from webapp.kernel.intervals import DAY, Interval
from webapp.series import queries_bar_pages, queries_series
from webapp.series.queries_series import SeriesRow
from webapp.sources import choices

_OLDEST = 7 * DAY
"""A weekend and holidays may lie between; an older rate is no rate of the day before."""


def find_rate(connection: Connection, source: str, base: str, quote: str, day: int) -> float | None:
    """Return what one of ``base`` cost in ``quote`` at the end of the day before a day (label); None when unknown.

    It is the close of the daily series of the pair, or of the pair the other way round, at the same source.
    """
    if base == quote:
        return 1.0
    close = _close_before(connection, source, base, quote, day)
    if close is not None:
        return close
    inverse = _close_before(connection, source, quote, base, day)
    return None if inverse is None else 1 / inverse


def find_pair_series(connection: Connection, source: str, currencies: tuple[str, str]) -> list[SeriesRow]:
    """Return the stored daily series of a pair of currencies, either way round."""
    base, quote = currencies
    names = (*choices.pairs_of(source, base, quote), *choices.pairs_of(source, quote, base))
    rows = (queries_series.find(connection, source, symbol, Interval.D1, "") for symbol in names)
    return [row for row in rows if row is not None]


def _close_before(connection: Connection, source: str, base: str, quote: str, day: int) -> float | None:
    for symbol in choices.pairs_of(source, base, quote):
        row = queries_series.find(connection, source, symbol, Interval.D1, "")
        last = None if row is None else queries_bar_pages.last_close(connection, row.id, day)
        if last is not None and day - last[0] <= _OLDEST and last[1] > 0:
            return last[1]
    return None
