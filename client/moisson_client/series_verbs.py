"""Verbs on what is stored: the catalogue, what is known of a series, what it misses, actions."""

from typing import TYPE_CHECKING, Unpack

from moisson_client.answers import Record
from moisson_client.calls import Flow, worked
from moisson_client.catalogue_frames import (
    actions_frame,
    calendars_frame,
    coverage_frame,
    gaps_frame,
    series_frame,
    sessions_frame,
)
from moisson_client.options import options_text, text_of
from moisson_client.records import IntervalName, Moment, SourceOptions
from moisson_client.session import Query, Session

if TYPE_CHECKING:
    import pandas as pd

_PAGE = 200


class SeriesVerbs(Session):
    """What is stored."""

    def series(self, search: str = "") -> Flow["pd.DataFrame"]:
        """Return the series that hold bars, by symbol; ``search`` is part of a symbol or name.

        The index is the series' ``id``. Columns: ``source symbol interval variant name currency`` (text), ``rows``,
        and ``first_bar last_bar updated_at`` (UTC; bars by their starts, the last to the millisecond).
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

    def calendars(self) -> Flow["pd.DataFrame"]:
        """Return the calendars that instruments may follow: ``code`` (ISO 10383) is the index.

        ``name`` is the exchange or its city, ``zone`` its time zone (a name of the IANA's), empty for those of no
        place.
        """
        rows = (yield from self.read("/calendars"))["calendars"]
        return (yield from worked(lambda: calendars_frame(rows)))

    def sessions(
        self,
        symbol: str | None = None,
        *,
        calendar: str | None = None,
        source: str | None = None,
        interval: IntervalName = "1d",
        start: Moment | None = None,
        end: Moment | None = None,
        **options: Unpack[SourceOptions],
    ) -> Flow["pd.DataFrame"]:
        """Return when an exchange trades: the sessions of the calendar that a symbol's instrument follows.

        Instead of a symbol a ``calendar`` may be given by its code (``XPAR``). Dates are inclusive; without them the
        sessions of the last year are returned.

        The index ``session`` is the exchange's date (00:00, ``datetime64[us, UTC]``). ``open`` and ``close`` are
        instants (UTC), ``break_start`` and ``break_end`` a lunch break's, NaT where there is none.

        :raises MoissonError: when nothing of the symbol was ever collected, and unless either a symbol or a calendar is
            given, and the calendar is one of those of ``calendars``.
        """
        query: Query = [
            ("symbol", symbol),
            ("calendar", calendar),
            ("source", source),
            ("interval", interval),
            ("start", text_of(start)),
            ("end", text_of(end)),
            ("options", options_text(options)),
        ]
        listed = yield from self.read("/symbols/sessions", query)
        return (yield from worked(lambda: sessions_frame(listed)))
