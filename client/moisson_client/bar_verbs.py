"""Bars as frames: of one symbol, of several above each other, or of several beside each other."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

import pyarrow as pa

from moisson_client.bar_frames import frame_of
from moisson_client.calls import Flow, worked
from moisson_client.options import options_of, symbols_of, text_of
from moisson_client.records import (
    AdjustName,
    ColumnName,
    FrameKind,
    IntervalName,
    Moment,
    OnFailure,
    SourceOptions,
)
from moisson_client.session import Session

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


class BarVerbs(Session):
    """Stored bars."""

    @overload
    def bars(
        self,
        symbols: str | Iterable[str],
        *,
        source: str | None = None,
        interval: IntervalName = "1d",
        adjust: AdjustName = "splits",
        start: Moment | None = None,
        end: Moment | None = None,
        complete_only: bool = False,
        field: ColumnName | None = None,
        columns: Iterable[ColumnName] | None = None,
        actions: bool = False,
        zone: str = "UTC",
        partial: OnFailure = "raise",
        as_: Literal["pandas"] = "pandas",
        **options: Unpack[SourceOptions],
    ) -> Flow["pd.DataFrame"]: ...

    @overload
    def bars(
        self,
        symbols: str | Iterable[str],
        *,
        source: str | None = None,
        interval: IntervalName = "1d",
        adjust: AdjustName = "splits",
        start: Moment | None = None,
        end: Moment | None = None,
        complete_only: bool = False,
        field: ColumnName | None = None,
        columns: Iterable[ColumnName] | None = None,
        actions: bool = False,
        zone: str = "UTC",
        partial: OnFailure = "raise",
        as_: Literal["polars"],
        **options: Unpack[SourceOptions],
    ) -> Flow["pl.DataFrame"]: ...

    @overload
    def bars(
        self,
        symbols: str | Iterable[str],
        *,
        source: str | None = None,
        interval: IntervalName = "1d",
        adjust: AdjustName = "splits",
        start: Moment | None = None,
        end: Moment | None = None,
        complete_only: bool = False,
        field: ColumnName | None = None,
        columns: Iterable[ColumnName] | None = None,
        actions: bool = False,
        zone: str = "UTC",
        partial: OnFailure = "raise",
        as_: Literal["arrow"],
        **options: Unpack[SourceOptions],
    ) -> Flow[pa.Table]: ...

    def bars(  # noqa: PLR0913 -- the fields of an export
        self,
        symbols: str | Iterable[str],
        *,
        source: str | None = None,
        interval: IntervalName = "1d",
        adjust: AdjustName = "splits",
        start: Moment | None = None,
        end: Moment | None = None,
        complete_only: bool = False,
        field: ColumnName | None = None,
        columns: Iterable[ColumnName] | None = None,
        actions: bool = False,
        zone: str = "UTC",
        partial: OnFailure = "raise",
        as_: FrameKind = "pandas",
        **options: Unpack[SourceOptions],
    ) -> Flow[Any]:
        """Return stored bars, ascending; nothing is asked of the source.

        One symbol makes a frame whose index ``time`` are bars' starts (the exchange's date at 00:00 for daily and
        longer bars), with the columns ``open high low close volume``, and ``wap count`` where the source gives them.
        Several make a long one, with the symbol as the first level of its index; with ``field`` a wide one of that
        column, a column a symbol and a row a session, with holes left as NaN.

        ``adjust`` is ``none`` (as traded on the day), ``splits`` (on today's split basis) or ``all`` (dividends and
        capital gains taken out too). ``columns`` chooses columns, ``actions`` adds dividends, splits and capital gains,
        ``zone`` is that of the index (an IANA name, or ``exchange``). Without ``source`` a symbol is looked for
        wherever it is stored. Where no bars of the interval are stored, they are made of smaller ones; the column
        ``partial`` says which of them are not whole, and ``complete_only`` leaves these out.

        ``as_`` is ``pandas``, ``polars`` or ``arrow`` (a ``pyarrow.Table``). ``attrs`` (of an Arrow table, the
        metadata ``moisson``) say what the figures are: source, currency, unit, adjustment, when it was read.

        :raises MoissonError: when nothing of the kind was ever collected, or an argument is not understood; of several
            symbols ``symbols`` says why each cannot be had. With ``partial="keep"`` those that can be had are returned.
        """
        asked: dict[str, object] = {
            "source": source,
            "interval": interval,
            "adjust": adjust,
            "start": text_of(start),
            "end": text_of(end),
            "complete_only": complete_only,
            "field": field,
            "columns": None if columns is None else symbols_of(columns),
            "actions": actions,
            "zone": zone,
            "partial": partial,
            "as_": as_,
            "options": options_of(options),
        }
        return (yield from self._frame(symbols, asked, as_))

    def _frame(self, symbols: str | Iterable[str], asked: Mapping[str, object], kind: FrameKind) -> Flow[Any]:
        """Return the frame that a question is answered with; what is None in it is left out."""
        named = {"symbol": symbols} if isinstance(symbols, str) else {"symbols": symbols_of(symbols)}
        body = {name: value for name, value in {**named, **asked}.items() if value is not None}
        content = yield from self.table("/frames", body)
        return (yield from worked(lambda: frame_of(content, kind)))
