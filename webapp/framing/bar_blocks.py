"""The bars of a series as blocks of columns, one after the other: for whoever passes many on while they are read.

A block is read in a transaction that does not wait for whoever takes it. ``bar_columns`` has them all at once.
"""

from collections.abc import Iterator

import numpy as np

from webapp.framing import packed_streams
from webapp.framing.bar_columns import adjust_columns, is_long, names_of, page_tables
from webapp.reading.bars import StoredBars
from webapp.reading.queries_packed_bars import Packed


def blocks(stored: StoredBars, many: int | None = None) -> Iterator[Packed]:
    """Yield starts and values of what was opened, adjusted, ascending; there may be no block, and none is empty.

    :param many: from how many bars on they are read in packs; by default what was measured to be best.
    :raises SeriesChangedError: after the last block, when the series was re-based or deleted meanwhile.
    :raises PackError: when reading in packs broke off.
    """
    names = names_of(stored)
    for times, values in _packs(stored, many) or _pages(stored):
        if stored.factors.edges:
            adjust_columns(values, times, names, stored)
        yield times, values
    stored.steadiness.check()


def _packs(stored: StoredBars, many: int | None) -> Iterator[Packed] | None:
    """Return the packs of a long series, or None when it is to be read by pages."""
    if not is_long(stored, many):
        return None
    return packed_streams.stream(stored.reading, stored.series.id, stored.span, has_wap=stored.has_wap)


def _pages(stored: StoredBars) -> Iterator[Packed]:
    for table in page_tables(stored):
        if len(table):
            yield table[:, 0].astype(np.int64), table[:, 1:].T
