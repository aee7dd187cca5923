"""``JobManager.bars``: stored bars as frames."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, Unpack, overload

import pandas as pd

from webapp.framing.arguments import (
    AdjustName,
    ColumnName,
    FrameKind,
    IntervalName,
    Moment,
    OnFailure,
)
from webapp.framing.bars_parsing import parse_bars_request
from webapp.framing.bars_reading import read_symbol, read_symbols
from webapp.notebook.database_errors import opened
from webapp.notebook.frames import ArrowTable, as_kind
from webapp.notebook.values import plain_values
from webapp.sources.choices import SourceOptions

if TYPE_CHECKING:
    import polars as pl


class BarsArguments(SourceOptions, total=False):
    """What ``JobManager.bars`` takes by name, besides ``as_``."""

    source: str | None
    interval: IntervalName
    adjust: AdjustName
    start: Moment | None
    end: Moment | None
    complete_only: bool
    field: ColumnName | None
    columns: Iterable[ColumnName] | None
    actions: bool
    zone: str
    partial: OnFailure


class BarVerbs:
    """Reading stored bars; nothing is asked of a source."""

    @overload
    @staticmethod
    def bars(
        symbol: str | Iterable[str], *, as_: Literal["pandas"] = "pandas", **arguments: Unpack[BarsArguments]
    ) -> pd.DataFrame: ...

    @overload
    @staticmethod
    def bars(
        symbol: str | Iterable[str], *, as_: Literal["polars"], **arguments: Unpack[BarsArguments]
    ) -> "pl.DataFrame": ...

    @overload
    @staticmethod
    def bars(
        symbol: str | Iterable[str], *, as_: Literal["arrow"], **arguments: Unpack[BarsArguments]
    ) -> ArrowTable: ...

    @staticmethod
    def bars(  # noqa: PLR0913 -- the fields of an export, and how frames are laid out
        symbol: str | Iterable[str],
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
    ) -> object:
        """Return the stored bars of a symbol or of several, ascending; nothing is asked of a source.

        **One symbol** (a text): the index ``time`` is a ``DatetimeIndex`` (``datetime64[us, UTC]``) of bars' starts,
        the exchange's date at 00:00 for bars of a day and longer. The columns ``open high low close volume`` are
        float64, and so are ``wap count`` where the source gives them. ``adjust`` is ``none`` (as traded on the day),
        ``splits`` (on today's split basis) or ``all`` (dividends and capital gains taken out too). Without ``source``
        the symbol is looked for wherever it is stored. ``start`` and ``end`` are as in ``submit``.

        **Several symbols** (a list): a long frame, whose index has the levels ``symbol``, in the order asked, and
        ``time``. With ``field="close"``, or another column, a wide one: a column a symbol, and a row for each session
        (week, month) of the symbols' calendars from their first to their last bar; bars shorter than a day stand where
        any symbol has one. Holes are NaN and are never filled. A symbol is called as its source writes it where that
        differs from what was typed by its case alone, else as it was typed. ``partial="keep"`` leaves out what
        cannot be had and says why in ``attrs["failed"]``.

        ``columns`` are chosen ones in their order. ``actions=True`` adds ``dividends``, ``splits`` and
        ``capital_gains`` (float64), each at the first bar that trades ex and 0.0 elsewhere: payouts are money a share
        in the prices' currency and on their basis, NaN where no rate is stored; splits are new shares per old one.
        ``zone`` is that of the index, by its name or ``exchange``; dates stand at midnight there. ``as_`` is
        ``pandas``, ``polars`` or ``arrow``; in the latter two ``time`` is a column, and what is missing is null.

        Where no bars of the interval are stored, they are made of smaller ones. A last one whose time is not over is
        left out, and the column ``partial`` (bool) says which have a hole inside or are cut at the edge of what was
        collected; ``complete_only`` leaves these out, too.

        ``frame.attrs`` says ``source symbol interval variant currency unit exchange_zone made_of partial`` of the
        series (of several, of each in ``series``) and ``zone adjust as_of`` of the frame: ``currency`` is ``GBP`` where
        the ``unit`` of prices is ``GBp``, ``made_of`` the interval of the stored bars, ``partial`` how many bars are
        partial, ``as_of`` when it was read and adjusted by what was known; ``notes``, where there are any, say what
        prices are not adjusted for. An Arrow table has them as JSON in its schema's metadata, at ``moisson``.

        :raises NotFoundError: when nothing of the kind was ever collected.
        :raises SymbolsError: when that is so of some of several symbols: ``symbols`` has a sentence for each.
        :raises InvalidRequestError: when an argument is not understood.
        :raises MissingPackageError: when polars is asked for and not installed.
        """
        chosen = {"adjust": adjust, "start": start, "end": end, "complete_only": complete_only}
        layout = {"field": field, "columns": columns, "actions": actions, "zone": zone, "as_": as_, "partial": partial}
        series = {"symbol": symbol, "source": source, "interval": interval, "options": options}
        with opened() as context:
            symbols, request = parse_bars_request(plain_values(chosen), plain_values(layout), plain_values(series))
            if isinstance(symbols, str) and field is None:
                sheet = read_symbol(context, symbols, request)
            else:
                sheet = read_symbols(context, [symbols] if isinstance(symbols, str) else symbols, request)
        return as_kind(sheet, request.shape.kind)
