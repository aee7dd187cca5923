"""The bars of a series, read by pages with their adjustment beside them: what exports and notebooks are made of."""

from collections.abc import Iterator
from dataclasses import dataclass

from webapp.domain.adjustment import Adjustment
from webapp.domain.bars import Bar
from webapp.domain.spans import Span
from webapp.services import adjusting
from webapp.store import bar_pages
from webapp.store.bar_pages import Reading
from webapp.store.series import SeriesRow
from webapp.store.transactions import reading

EVER = Span(-(2**62), 2**62)


@dataclass(frozen=True, slots=True)
class StoredBars:
    """A series opened for reading; it may be read after the application context has gone."""

    series: SeriesRow
    factors: Adjustment
    """What makes of the pages' bars what was asked for."""
    has_wap: bool
    """Whether the source gives average prices and trade counts."""
    span: Span
    reading: Reading

    def pages(self, most: int) -> Iterator[list[Bar]]:
        """Yield ascending bars as delivered, ``most`` a page, each page in a short transaction of its own.

        What a worker adds meanwhile may or may not be among them; no bar comes twice and none is left out.
        """
        start = self.span.start
        while True:
            with self.reading() as connection:
                page = bar_pages.page(connection, self.series.id, Span(start, self.span.end), most)
            if page:
                yield page
            if len(page) < most:
                return
            start = page[-1][0] + 1


def open_bars(series_id: int, adjust: str, span: Span = EVER) -> StoredBars:
    """Open the bars of a series that start in ``span``.

    :raises NotFoundError: when there is no series of this id.
    :raises InvalidRequestError: with the field ``adjust`` for an unknown adjustment.
    """
    wanted = adjusting.understood(adjust)
    with reading() as connection:
        row = adjusting.found(connection, series_id)
        return StoredBars(
            series=row,
            factors=adjusting.adjustment_of(connection, row, wanted),
            has_wap=bar_pages.has_wap(connection, series_id),
            span=span,
            reading=bar_pages.reader(),
        )
