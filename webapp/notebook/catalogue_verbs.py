"""What is stored, what is known and missing of it, and when exchanges trade: ``JobManager``'s verbs for looking."""

from typing import Unpack

import pandas as pd

from webapp.coverage.gaps import all_gaps, report
from webapp.coverage.session_lists import list_sessions
from webapp.framing.arguments import IntervalName, Moment
from webapp.notebook.calendar_frames import calendars_frame, sessions_frame
from webapp.notebook.catalogue_frames import actions_frame, coverage_frame, gaps_frame, series_frame
from webapp.notebook.database_errors import opened
from webapp.notebook.values import find_named, parse_dates, parse_search, parse_series
from webapp.reading.lookup import known_actions, known_spans, stored_series
from webapp.reading.series_names import DEFAULT_SOURCE
from webapp.sources.choices import SourceOptions

_MOST = 1_000_000


class CatalogueVerbs:
    """Looking at what is there; nothing is asked of a source."""

    @staticmethod
    def series(search: str = "") -> pd.DataFrame:
        """Return the series that hold bars, by symbol; ``search`` is part of a symbol or name.

        The index is the series' ``id``. Columns: ``source symbol interval variant name currency`` (text), ``rows``,
        and ``first_bar last_bar updated_at`` (UTC; bars by their starts, the last to the millisecond).
        """
        with opened():
            return series_frame(stored_series(parse_search(search), _MOST))

    @staticmethod
    def coverage(
        symbol: str, *, source: str | None = None, interval: IntervalName = "1d", **options: Unpack[SourceOptions]
    ) -> pd.DataFrame:
        """Return what is known of a series: a row a span, its ``start`` (UTC) the index, with ``end`` and ``verdict``.

        ``have``: the source gave its bars; ``empty``: it said there are none; ``unknown``: it was never asked.
        """
        with opened():
            return coverage_frame(known_spans(find_named(symbol, source, interval, options)))

    @staticmethod
    def gaps(
        symbol: str, *, source: str | None = None, interval: IntervalName = "1d", **options: Unpack[SourceOptions]
    ) -> pd.DataFrame:
        """Return what a series misses by its exchange's calendar: ``start`` (UTC) is the index, ``end`` exclusive.

        ``sessions`` says how many sessions (weeks, months) are missing in between. Nights and holidays are no gaps.
        """
        with opened() as context:
            row = find_named(symbol, source, interval, options)
            return gaps_frame([(gap.span, gap.sessions) for gap in all_gaps(report(context, row))])

    @staticmethod
    def actions(symbol: str, *, source: str = "yahoo", **options: Unpack[SourceOptions]) -> pd.DataFrame:
        """Return dividends, splits and capital gains; the index ``time`` is the ex-date (00:00 UTC).

        ``kind`` is ``dividend``, ``split`` or ``capital_gain``; ``value`` is money a share, for a split new shares per
        old one; ``currency`` is what a payout is in, empty where it is that of the prices.
        """
        with opened():
            name = parse_series(symbol, source, "1d", options)
            return actions_frame(known_actions(name.symbol, name.source or DEFAULT_SOURCE, name.options))

    @staticmethod
    def calendars() -> pd.DataFrame:
        """Return the calendars that instruments may follow: ``code`` (ISO 10383) is the index.

        ``name`` is the exchange or its city, ``zone`` its time zone (a name of the IANA's), empty for those of no
        place.
        """
        return calendars_frame()

    @staticmethod
    def sessions(
        symbol: str | None = None,
        *,
        calendar: str | None = None,
        source: str | None = None,
        interval: IntervalName = "1d",
        start: Moment | None = None,
        end: Moment | None = None,
        **options: Unpack[SourceOptions],
    ) -> pd.DataFrame:
        """Return when an exchange trades: the sessions of the calendar that a symbol's instrument follows.

        That is the one that a person chose for it, with the days that people corrected, or else its exchange's. Instead
        of a symbol a ``calendar`` may be given by its code (``XPAR``). Dates are inclusive; without them the sessions
        of the last year are returned.

        The index ``session`` is the exchange's date (00:00, ``datetime64[us, UTC]``). ``open`` and ``close`` are
        instants (UTC), ``break_start`` and ``break_end`` a lunch break's, NaT where there is none.

        :raises NotFoundError: when nothing of the symbol was ever collected.
        :raises InvalidRequestError: unless either a symbol or a calendar is given, and the calendar is one of those of
            ``calendars``.
        :raises CalendarError: when the calendar cannot be made.
        """
        dates = parse_dates(start, end)
        with opened() as context:
            row = None if symbol is None else find_named(symbol, source, interval, options)
            return sessions_frame(list_sessions(context, row, calendar, dates))
