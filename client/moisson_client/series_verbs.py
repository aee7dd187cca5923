"""Verbs on what is stored: the catalogue, what is known of a series, what it misses, actions."""

from typing import TYPE_CHECKING, Unpack

from moisson_client.answers import Record
from moisson_client.calls import Flow, worked
from moisson_client.catalogue_frames import actions_frame, coverage_frame, gaps_frame, series_frame
from moisson_client.options import options_text
from moisson_client.records import IntervalName, SourceOptions
from moisson_client.session import Query, Session

if TYPE_CHECKING:
    import pandas as pd

_PAGE = 200


class SeriesVerbs(Session):
    """What is stored."""

    def series(self, search: str = "") -> Flow["pd.DataFrame"]:
        """Return the series that hold bars, by symbol; ``search`` is part of a symbol or name.

        The index is the series' ``id``. Columns: ``source symbol interval variant name currency`` (text), ``rows``,
        and ``first_bar last_bar updated_at`` (UTC; bars by their starts).
        """
        rows: list[Record] = []
        cursor: str | None = "0"
        while cursor is not None:
            page = yield from self.read("/series", [("search", search), ("limit", _PAGE), ("cursor", cursor)])
            rows += page["series"]
            cursor = page["next_cursor"]
        return (yield from worked(lambda: series_frame(rows)))

    def coverage(
        self,
        symbol: str,
        *,
        source: str | None = None,
        interval: IntervalName = "1d",
        **options: Unpack[SourceOptions],
    ) -> Flow["pd.DataFrame"]:
        """Return what is known of a series: a row a span, its ``start`` (UTC) the index, with ``end`` and ``verdict``.

        ``have``: the source gave its bars; ``empty``: it said there are none; ``unknown``: it was never asked.
        """
        query: Query = [
            ("symbol", symbol), ("source", source), ("interval", interval), ("options", options_text(options))
        ]  # fmt: skip
        spans = (yield from self.read("/symbols/coverage", query))["spans"]
        return (yield from worked(lambda: coverage_frame(spans)))

    def gaps(
        self,
        symbol: str,
        *,
        source: str | None = None,
        interval: IntervalName = "1d",
        **options: Unpack[SourceOptions],
    ) -> Flow["pd.DataFrame"]:
        """Return what a series misses by its exchange's calendar: ``start`` (UTC) is the index, ``end`` exclusive.

        ``sessions`` says how many sessions (weeks, months) are missing in between. Nights and holidays are no gaps.
        """
        query: Query = [
            ("symbol", symbol), ("source", source), ("interval", interval), ("options", options_text(options))
        ]  # fmt: skip
        gaps = (yield from self.read("/symbols/gaps", query))["gaps"]
        return (yield from worked(lambda: gaps_frame(gaps)))

    def actions(self, symbol: str, *, source: str = "yahoo", **options: Unpack[SourceOptions]) -> Flow["pd.DataFrame"]:
        """Return dividends, splits and capital gains; the index ``time`` is the ex-date (00:00 UTC).

        ``kind`` is ``dividend``, ``split`` or ``capital_gain``; ``value`` is money a share, for a split new shares per
        old one; ``currency`` is what a payout is in, empty where it is that of the prices.
        """
        query: Query = [("symbol", symbol), ("source", source), ("options", options_text(options))]
        actions = (yield from self.read("/symbols/actions", query))["actions"]
        return (yield from worked(lambda: actions_frame(actions)))
