"""Bars as DataFrames: a series becomes NumPy columns, and adjustment is done on whole columns."""

from collections.abc import Iterator
from itertools import chain

import numpy as np
import pandas as pd

from webapp.kernel.spans import Span
from webapp.reading import queries_packed_bars
from webapp.reading.bars import StoredBars
from webapp.reading.queries_packed_bars import Packed, Times, Values
from webapp.series import queries_bar_pages

_NAMES = ("open", "high", "low", "close", "volume")
_PAGE = 50_000
MANY = {"sqlite": 150_000, "postgresql": 2_000}
"""From how many bars on they are read in packs: a process must start for those of SQLite."""


def frame_of(stored: StoredBars, many: int | None = None) -> pd.DataFrame:
    """Return what was opened as ``JobManager.bars`` describes it.

    :param many: from how many bars on they are read in packs; by default what was measured to be best.
    :raises SeriesChangedError: when the series was re-based or deleted meanwhile.
    """
    times, values = _packed(stored, many) or _paged(stored)
    stored.steadiness.check()
    if stored.factors.edges:
        _adjust(values, times, stored)
    names = [*_NAMES, *(["wap", "count"] if stored.has_wap else [])]
    index = pd.DatetimeIndex(times.astype("datetime64[s]"), name="time").tz_localize("UTC")
    frame = pd.DataFrame(values.T, columns=names, index=index, copy=False)  # nobody else holds these values
    if stored.notes:
        frame.attrs["notes"] = [str(note) for note in stored.notes]
    if stored.partial is not None:
        frame["partial"] = np.isin(times, np.array(sorted(stored.partial), np.int64))
    return frame


def _packed(stored: StoredBars, many: int | None) -> Packed | None:
    """Return the columns of a long series, or None when they are to be made of its pages."""
    if stored.derived:
        return None
    with stored.reading() as connection:
        threshold = MANY.get(connection.dialect.name, 0) if many is None else many
        if queries_bar_pages.nth_time(connection, stored.series.id, stored.span, threshold) is None:
            return None
        return queries_packed_bars.read(connection, stored.series.id, stored.span, has_wap=stored.has_wap)


def _paged(stored: StoredBars) -> Packed:
    width = 8 if stored.has_wap else 6
    pages = _plain_pages(stored) if not (stored.has_wap or stored.derived) else _other_pages(stored)
    values = np.concatenate([np.empty((0, width)), *pages])
    return values[:, 0].astype(np.int64), values[:, 1:].T


def _plain_pages(stored: StoredBars) -> Iterator[Values]:
    """Yield tables of time, prices and volume, each read in one transaction, without a list of rows in between."""
    span, size = stored.span, _PAGE
    while size == _PAGE:
        with stored.reading() as connection:
            rows = queries_bar_pages.short_rows(connection, stored.series.id, span, _PAGE)
            table = np.fromiter(chain.from_iterable(rows), np.float64).reshape(-1, 6)
        yield table
        size = len(table)
        span = Span(int(table[-1, 0]) + 1, span.end) if size else span


def _other_pages(stored: StoredBars) -> Iterator[Values]:
    """Yield tables of larger bars, and those with average and count too; what the source left out is NaN."""
    for page in stored.pages(_PAGE) if stored.has_wap else stored.short_pages(_PAGE):
        yield np.array([np.array(column, np.float64) for column in zip(*page, strict=True)]).T


def _adjust(values: Values, times: Times, stored: StoredBars) -> None:
    """Multiply prices and volumes by their factors; a whole volume stays whole."""
    place = np.searchsorted(np.array(stored.factors.edges, np.int64), times, side="right")
    prices, volumes = (np.array(factors)[place] for factors in (stored.factors.prices, stored.factors.volumes))
    for column in (0, 1, 2, 3, *([5] if stored.has_wap else [])):
        values[column] *= prices
    traded = values[4]
    values[4] = np.where((traded % 1 == 0) & (volumes != 1.0), np.rint(traded * volumes), traded * volumes)
