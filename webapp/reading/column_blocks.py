"""The bars of a series as blocks of NumPy columns, adjusted, one after the other: for whoever passes many on at once.

A block is read in a transaction that does not wait for whoever takes it. ``notebook.frames`` makes one table of them.
"""

from collections.abc import Iterator
from itertools import chain

import numpy as np

from webapp.kernel.spans import Span
from webapp.reading import packed_streams
from webapp.reading.bars import StoredBars
from webapp.reading.queries_packed_bars import Packed, Times, Values
from webapp.series import queries_bar_pages

_PAGE = 50_000
MANY = {"sqlite": 150_000, "postgresql": 2_000}
"""From how many bars on they are read in packs: a process must start for those of SQLite."""


def blocks(stored: StoredBars, many: int | None = None) -> Iterator[Packed]:
    """Yield starts and values of what was opened, ascending; there may be no block, and none is empty.

    :param many: from how many bars on they are read in packs; by default what was measured to be best.
    :raises SeriesChangedError: after the last block, when the series was re-based or deleted meanwhile.
    :raises PackError: when reading in packs broke off.
    """
    for times, values in _packs(stored, many) or _pages(stored):
        yield times, _adjusted(values, times, stored) if stored.factors.edges else values
    stored.steadiness.check()


def _packs(stored: StoredBars, many: int | None) -> Iterator[Packed] | None:
    """Return the packs of a long series, or None when it is to be read by pages."""
    if stored.derived:
        return None
    with stored.reading() as connection:
        threshold = MANY.get(connection.dialect.name, 0) if many is None else many
        if queries_bar_pages.nth_time(connection, stored.series.id, stored.span, threshold) is None:
            return None
    return packed_streams.stream(stored.reading, stored.series.id, stored.span, has_wap=stored.has_wap)


def _pages(stored: StoredBars) -> Iterator[Packed]:
    tables = _plain_tables(stored) if not (stored.has_wap or stored.derived) else _other_tables(stored)
    for table in tables:
        if len(table):
            yield table[:, 0].astype(np.int64), table[:, 1:].T


def _plain_tables(stored: StoredBars) -> Iterator[Values]:
    """Yield tables of time, prices and volume, each read in one transaction, without a list of rows in between."""
    span, size = stored.span, _PAGE
    while size == _PAGE:
        with stored.reading() as connection:
            rows = queries_bar_pages.short_rows(connection, stored.series.id, span, _PAGE)
            table = np.fromiter(chain.from_iterable(rows), np.float64).reshape(-1, 6)
        yield table
        size = len(table)
        span = Span(int(table[-1, 0]) + 1, span.end) if size else span


def _other_tables(stored: StoredBars) -> Iterator[Values]:
    """Yield tables of larger bars, and those with average and count too; what the source left out is NaN."""
    for page in stored.pages(_PAGE) if stored.has_wap else stored.short_pages(_PAGE):
        yield np.array([np.array(column, np.float64) for column in zip(*page, strict=True)]).T


def _adjusted(values: Values, times: Times, stored: StoredBars) -> Values:
    """Return prices and volumes multiplied by their factors; a whole volume stays whole."""
    place = np.searchsorted(np.array(stored.factors.edges, np.int64), times, side="right")
    prices, volumes = (np.array(factors)[place] for factors in (stored.factors.prices, stored.factors.volumes))
    scaled = np.array(values)
    for column in (0, 1, 2, 3, *([5] if stored.has_wap else [])):
        scaled[column] *= prices
    traded = scaled[4]
    scaled[4] = np.where((traded % 1 == 0) & (volumes != 1.0), np.rint(traded * volumes), traded * volumes)
    return scaled
