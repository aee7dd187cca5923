"""Stored bars as NumPy columns, of one series or of many: adjustment is done on whole columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from webapp.kernel.spans import Span
from webapp.reading import queries_packed_bars
from webapp.reading.bars import StoredBars
from webapp.reading.panel import queries_packed_panel
from webapp.reading.panel.panel_opening import check_many
from webapp.reading.queries_packed_bars import Packed, Times, Values
from webapp.series import queries_bar_pages

Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]
Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]

_SHORT = ("open", "high", "low", "close", "volume")
_LONG = (*_SHORT, "wap", "count")
_PRICES = ("open", "high", "low", "close", "wap")
_PAGE = 50_000
MANY = {"sqlite": 150_000, "postgresql": 2_000}
"""From how many bars on they are read in packs: a process must start for those of SQLite."""


@dataclass(frozen=True, slots=True)
class BarColumns:
    """Bars of a series: their starts (epoch seconds, ascending) and a row of numbers for each name."""

    stored: StoredBars
    times: Times
    names: tuple[str, ...]
    values: Values
    partial: Flags | None = None
    """Which of them are partial; None where they are stored ones, of which none is."""

    def column(self, name: str) -> Numbers | Flags:
        """Return one column; what a series has not got is NaN throughout, and no stored bar is partial."""
        if name == "partial":
            return np.zeros(len(self.times), np.bool_) if self.partial is None else self.partial
        if name not in self.names:
            return np.full(len(self.times), np.nan)
        column: Numbers = self.values[self.names.index(name)]
        return column


def columns_of(stored: StoredBars, many: int | None = None) -> BarColumns:
    """Return the bars of a series, adjusted.

    :param many: from how many bars on they are read in packs; by default what was measured to be best.
    :raises SeriesChangedError: when the series was re-based or deleted meanwhile.
    """
    times, values = _packed(stored, many) or _paged(stored)
    stored.steadiness.check()
    return _finished(stored, times, values, names_of(stored))


def columns_of_many(opened: Sequence[StoredBars], names: Sequence[str] | None = None) -> list[BarColumns]:
    """Return the bars of many series, adjusted, in their order; stored ones are read at once.

    :param names: the columns that are needed, None for all that each series has.
    :raises SeriesChangedError: when one of the series was re-based or deleted meanwhile.
    """
    plain = [stored for stored in opened if stored.derived is None]
    if len(opened) == 1 or not plain:
        return [columns_of(stored) for stored in opened]
    has_averages = any(stored.has_wap for stored in plain)
    needed = (tuple(names) or ("close",)) if names is not None else _LONG if has_averages else _SHORT
    panel = _read_panel(plain, needed)
    check_many(plain)
    return [_part(panel, stored, needed) if stored.derived is None else columns_of(stored) for stored in opened]


def _read_panel(plain: Sequence[StoredBars], names: Sequence[str]) -> queries_packed_panel.PackedPanel:
    span = Span(min(stored.span.start for stored in plain), max(stored.span.end for stored in plain))
    series = sorted({stored.series.id for stored in plain})
    with plain[0].reading() as connection:
        is_long = sum(map(_estimate, plain)) > MANY["sqlite"]
        return queries_packed_panel.read(connection, series, span, names, is_long=is_long)


def _estimate(stored: StoredBars) -> int:
    """Return about how many bars of a series start in the span that is read of it."""
    row = stored.series
    if row.first_bar is None or row.last_bar is None:
        return 0
    whole = Span(row.first_bar, row.last_bar + 1)
    return row.rows * whole.intersection(stored.span).seconds // whole.seconds


def _part(panel: queries_packed_panel.PackedPanel, stored: StoredBars, names: tuple[str, ...]) -> BarColumns:
    times, values = panel.part(stored.series.id, stored.span)
    own = names if stored.has_wap else tuple(name for name in names if name in _SHORT)
    rows = values[[names.index(name) for name in own]] if len(own) < len(names) else values.copy()
    return _finished(stored, times, rows, own)


def _finished(stored: StoredBars, times: Times, values: Values, names: tuple[str, ...]) -> BarColumns:
    if stored.factors.edges:
        adjust_columns(values, times, names, stored)
    partial = None if stored.partial is None else np.isin(times, np.array(sorted(stored.partial), np.int64))
    return BarColumns(stored, times, names, values, partial)


def names_of(stored: StoredBars) -> tuple[str, ...]:
    """Return the names of the columns that a series has."""
    return _LONG if stored.has_wap else _SHORT


def is_long(stored: StoredBars, many: int | None = None) -> bool:
    """Tell whether bars are so many that they are read in packs; never of larger ones, which are made of pages.

    :param many: from how many on; by default what was measured to be best.
    """
    if stored.derived:
        return False
    with stored.reading() as connection:
        threshold = MANY.get(connection.dialect.name, 0) if many is None else many
        return queries_bar_pages.nth_time(connection, stored.series.id, stored.span, threshold) is not None


def _packed(stored: StoredBars, many: int | None) -> Packed | None:
    """Return the columns of a long series, or None when they are to be made of its pages."""
    if not is_long(stored, many):
        return None
    with stored.reading() as connection:
        return queries_packed_bars.read(connection, stored.series.id, stored.span, has_wap=stored.has_wap)


def _paged(stored: StoredBars) -> Packed:
    values = np.concatenate([np.empty((0, 8 if stored.has_wap else 6)), *page_tables(stored)])
    return values[:, 0].astype(np.int64), values[:, 1:].T


def page_tables(stored: StoredBars) -> Iterator[Values]:
    """Yield tables of time and numbers, page by page; what the source left out is NaN."""
    plain = not (stored.has_wap or stored.derived)
    return _plain_tables(stored) if plain else _other_tables(stored)


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


def adjust_columns(values: Values, times: Times, names: Sequence[str], stored: StoredBars) -> None:
    """Multiply prices and volumes by their factors; a whole volume stays whole."""
    place = np.searchsorted(np.array(stored.factors.edges, np.int64), times, side="right")
    prices, volumes = (np.array(factors)[place] for factors in (stored.factors.prices, stored.factors.volumes))
    for row, name in enumerate(names):
        if name in _PRICES:
            values[row] *= prices
        elif name == "volume":
            traded = values[row]
            values[row] = np.where((traded % 1 == 0) & (volumes != 1.0), np.rint(traded * volumes), traded * volumes)
