"""Bars as frames: of one symbol, of several above each other, or of several beside each other."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

import pyarrow as pa

from moisson_client.bar_frames import check_package, frame_of
from moisson_client.calls import Flow, worked
from moisson_client.job_verbs import JobVerbs
from moisson_client.options import options_of, symbols_of, text_of
from moisson_client.progress_display import choose_display
from moisson_client.records import (
    AdjustName,
    BarsArguments,
    ColumnName,
    FrameKind,
    GetArguments,
    IntervalName,
    Moment,
    OnFailure,
    PriorityName,
    SourceOptions,
)

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


class BarVerbs(JobVerbs):
    """Reading stored bars, and collecting before what is missing of them."""

    @overload
    def bars(
        self, symbol: str | Iterable[str], *, as_: Literal["pandas"] = "pandas", **arguments: Unpack[BarsArguments]
    ) -> Flow["pd.DataFrame"]: ...

    @overload
    def bars(
        self, symbol: str | Iterable[str], *, as_: Literal["polars"], **arguments: Unpack[BarsArguments]
    ) -> Flow["pl.DataFrame"]: ...

    @overload
    def bars(
        self, symbol: str | Iterable[str], *, as_: Literal["arrow"], **arguments: Unpack[BarsArguments]
    ) -> Flow[pa.Table]: ...

    def bars(  # noqa: PLR0913 -- the fields of an export, and how frames are laid out
        self,
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
    ) -> Flow[Any]:
        """Return the stored bars of a symbol or of several, ascending; nothing is asked of a source.

        **One symbol** (a text): the index ``time`` is a ``DatetimeIndex`` (``datetime64[us, UTC]``) of bars' starts,
        the exchange's date at 00:00 for bars of a day and longer. The columns ``open high low close volume`` are
        float64, and so are ``wap count`` where the source gives them. ``adjust`` is ``none`` (as traded on the day),
        ``splits`` (on today's split basis) or ``all`` (dividends and capital gains taken out too). Without ``source``
        the symbol is looked for wherever it is stored. ``start`` and ``end`` are as in ``submit``.

        **Several symbols** (a list): a long frame, whose index has the levels ``symbol``, in the order asked, and
        ``time``. With ``field="close"``, or another column, a wide one: a column a symbol, and a row for each session
        (week, month) of the symbols' calendars from their first to their last bar; holes are NaN and are never filled.
        ``partial="keep"`` leaves out what cannot be had and says why in ``attrs["failed"]``.

        ``columns`` are chosen ones in their order. ``actions=True`` adds ``dividends``, ``splits`` and
        ``capital_gains``, each at the first bar that trades ex and 0.0 elsewhere. ``zone`` is that of the index, by its
        name or ``exchange``. ``as_`` is ``pandas``, ``polars`` or ``arrow`` (a ``pyarrow.Table``).

        Where no bars of the interval are stored, they are made of smaller ones; the column ``partial`` says which are
        not whole, and ``complete_only`` leaves these out. ``frame.attrs`` say what the figures are: source, currency,
        unit, adjustment and when it was read; an Arrow table has them in its schema's metadata, at ``moisson``.

        :raises MoissonError: when nothing of the kind was ever collected, or an argument is not understood (``fields``
            has a sentence for each); of several symbols, ``symbols`` says why each cannot be had.
        """
        asked: dict[str, object] = {
            "symbols" if not isinstance(symbol, str) else "symbol": symbol
            if isinstance(symbol, str)
            else symbols_of(symbol),
            "source": source,
            "interval": interval,
            "start": text_of(start),
            "end": text_of(end),
            "options": options_of(options),
            **_layout(adjust, zone, partial, as_, complete_only=complete_only, actions=actions),
            **_columns(field, columns),
        }
        return (yield from self._frame("/frames", asked, as_))

    @overload
    def get(
        self, symbols: str | Iterable[str], *, as_: Literal["pandas"] = "pandas", **arguments: Unpack[GetArguments]
    ) -> Flow["pd.DataFrame"]: ...

    @overload
    def get(
        self, symbols: str | Iterable[str], *, as_: Literal["polars"], **arguments: Unpack[GetArguments]
    ) -> Flow["pl.DataFrame"]: ...

    @overload
    def get(
        self, symbols: str | Iterable[str], *, as_: Literal["arrow"], **arguments: Unpack[GetArguments]
    ) -> Flow[pa.Table]: ...

    def get(  # noqa: PLR0913 -- the fields of a collection, of an export, and how frames are laid out
        self,
        symbols: str | Iterable[str],
        *,
        source: str = "yahoo",
        interval: IntervalName = "1d",
        start: Moment | None = None,
        end: Moment | None = None,
        period: str | None = None,
        priority: PriorityName = "normal",
        refresh: bool = False,
        adjust: AdjustName = "splits",
        complete_only: bool = False,
        field: ColumnName | None = None,
        columns: Iterable[ColumnName] | None = None,
        actions: bool = False,
        zone: str = "UTC",
        partial: OnFailure = "raise",
        as_: FrameKind = "pandas",
        timeout: float | None = None,
        progress: bool | None = None,
        **options: Unpack[SourceOptions],
    ) -> Flow[Any]:
        """Collect what is missing of some symbols, wait for it, and return their bars: ``submit``, ``wait``, ``bars``.

        The arguments are those of ``submit``, which say what is collected and which bars are returned, and those of
        ``bars``, which say how. One symbol makes a frame of its own; a list, and a text with several symbols, a long
        frame, or a wide one with ``field``. A job is submitted only for symbols that lack something.

        Meanwhile a bar shows how far it is, on standard error of a terminal or in a notebook, and says when no worker
        is there; elsewhere only that is said, in a line. ``progress=True`` draws it in any case, False says nothing.

        ``partial="keep"`` returns what could be had, although the collection of other symbols, or a part of it, failed:
        ``attrs["failed"]`` has a sentence for each.

        :raises MoissonError: with a sentence for each of ``fields`` that is wrong (nothing is queued then), or for each
            of ``symbols`` whose collection failed or was cancelled.
        :raises TimeoutError: when it takes longer than ``timeout`` seconds; the jobs go on.
        """
        asked: dict[str, object] = {
            "source": source,
            "symbols": symbols_of(symbols),
            "interval": interval,
            "start": text_of(start),
            "end": text_of(end),
            "period": period,
            "priority": priority,
            "refresh": refresh,
            "options": options_of(options),
            **_layout(adjust, zone, partial, as_, complete_only=complete_only, actions=actions),
            **_columns(field, columns),
        }
        check_package(as_)
        batch = (yield from self.post("/collections", _said(asked)))["batch_id"]
        if batch is not None:
            yield from self._wait(batch, timeout, choose_display(is_shown=progress))
        asked |= {"batch": batch, "is_single": isinstance(symbols, str) and field is None}
        return (yield from self._frame("/collections/frame", asked, as_))

    def _frame(self, path: str, asked: Mapping[str, object], kind: FrameKind) -> Flow[Any]:
        """Return the frame that a question is answered with."""
        check_package(kind)
        content = yield from self.table(path, _said(asked))
        return (yield from worked(lambda: frame_of(content, kind)))


def _said(asked: Mapping[str, object]) -> dict[str, object]:
    """Return what is said of a question: None says nothing."""
    return {name: value for name, value in asked.items() if value is not None}


def _layout(
    adjust: str, zone: str, partial: str, kind: str, *, complete_only: bool, actions: bool
) -> dict[str, object]:
    return {
        "adjust": adjust,
        "zone": zone,
        "partial": partial,
        "as_": kind,
        "complete_only": complete_only,
        "actions": actions,
    }


def _columns(field: str | None, columns: str | Iterable[str] | None) -> dict[str, object]:
    return {"field": field, "columns": None if columns is None else symbols_of(columns)}
