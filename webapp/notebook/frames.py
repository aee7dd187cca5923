"""Bars as DataFrames and Arrow tables: what was laid out becomes what its reader works with."""

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from webapp.errors import MissingPackageError, sentence
from webapp.notebook.arguments import FrameKind
from webapp.notebook.bar_columns import Flags, Numbers, columns_of
from webapp.reading.bars import StoredBars
from webapp.reading.queries_packed_bars import Times, Values

_UTC = "UTC"
FlagRows = np.ndarray[tuple[int, int], np.dtype[np.bool_]]


class ArrowTable(Protocol):
    """A ``pyarrow.Table``, of which type checkers know nothing by themselves.

    It goes wherever the Arrow C stream interface does: ``polars.from_arrow``, DuckDB, ``pyarrow.parquet.write_table``.
    """

    @property
    def num_rows(self) -> int:
        """How many rows it has."""
        ...

    @property
    def column_names(self) -> list[str]:
        """What its columns are called."""
        ...

    @property
    def schema(self) -> Any:  # noqa: ANN401 -- a pyarrow.Schema
        """Its fields, and ``metadata``: ``b"moisson"`` is what frames have as ``attrs``, as JSON."""
        ...

    def to_pandas(self) -> pd.DataFrame:
        """Return it as a DataFrame."""
        ...

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return it as a stream of the Arrow C interface."""
        ...


@dataclass(frozen=True, slots=True)
class SymbolLevel:
    """Whose bars rows are, in a long frame: a place in ``labels`` for each row."""

    labels: tuple[str, ...]
    places: Times


@dataclass(frozen=True, slots=True)
class Sheet:
    """Bars laid out: their starts (epoch seconds) and a row of ``values`` for each of ``names``.

    ``extra`` are further columns; ``order`` are all names in the order of the frame, where it is another one.
    """

    times: Times
    names: tuple[str, ...]
    values: Values | FlagRows
    is_dated: bool
    zone: str = _UTC
    extra: Mapping[str, Numbers | Flags] = field(default_factory=dict)
    order: tuple[str, ...] | None = None
    symbols: SymbolLevel | None = None
    axis: str | None = None
    """What the columns are, of a wide frame."""
    facts: Mapping[str, object] = field(default_factory=dict)


def frame_of(stored: StoredBars, many: int | None = None) -> pd.DataFrame:
    """Return stored bars as they are, with what must be said of their prices.

    :param many: from how many bars on they are read in packs; by default what was measured to be best.
    :raises SeriesChangedError: when the series was re-based or deleted meanwhile.
    """
    bars = columns_of(stored, many)
    extra = {} if bars.partial is None else {"partial": bars.partial}
    facts = {"notes": [str(note) for note in stored.notes]} if stored.notes else {}
    return pandas_frame(Sheet(bars.times, bars.names, bars.values, stored.interval.is_dated, extra=extra, facts=facts))


def as_kind(sheet: Sheet, kind: FrameKind) -> object:
    """Return bars as a pandas or polars DataFrame, or as an Arrow table.

    :raises MissingPackageError: when polars is not installed.
    """
    if kind == "pandas":
        return pandas_frame(sheet)
    return arrow_table(sheet) if kind == "arrow" else _polars_frame(sheet)


def pandas_frame(sheet: Sheet) -> pd.DataFrame:
    """Return bars with their times as the index; in a long frame, symbols are its first level."""
    index: pd.Index = pd.DatetimeIndex(zoned_times(sheet.times, sheet.zone, is_dated=sheet.is_dated), name="time")
    if sheet.symbols is not None:
        places, starts = pd.factorize(index, sort=True)
        index = pd.MultiIndex(
            levels=[pd.Index(sheet.symbols.labels, dtype="str"), starts],
            codes=[sheet.symbols.places, places],
            names=["symbol", "time"],
        )
    columns = pd.Index(sheet.names, dtype="str", name=sheet.axis)
    frame = pd.DataFrame(
        np.transpose(sheet.values), columns=columns, index=index, copy=False
    )  # nobody else holds these values
    for name, column in sheet.extra.items():
        frame[name] = column
    if sheet.order is not None and sheet.order != tuple(frame.columns):
        frame = frame[list(sheet.order)]
    frame.attrs.update(sheet.facts)
    return frame


def zoned_times(times: Times, zone: str, *, is_dated: bool) -> pd.DatetimeIndex:
    """Return starts as times of a zone; dates are midnights there, or the first moment of a day that has none."""
    index = pd.DatetimeIndex(times.astype("datetime64[s]").astype("datetime64[us]"))
    if zone == _UTC:
        return index.tz_localize(_UTC)
    if not is_dated:
        return index.tz_localize(_UTC).tz_convert(ZoneInfo(zone))
    first = np.ones(len(times), np.bool_)  # of a midnight that the clock strikes twice, the first
    return index.tz_localize(ZoneInfo(zone), ambiguous=first, nonexistent="shift_forward")


def arrow_table(sheet: Sheet) -> ArrowTable:
    """Return bars as columns: symbols in a long one, then ``time``, then numbers; what is unknown is null."""
    starts = zoned_times(sheet.times, sheet.zone, is_dated=sheet.is_dated).as_unit("us").asi8
    columns: dict[str, Any] = {}
    if sheet.symbols is not None:
        places = pa.array(sheet.symbols.places, pa.int32())
        columns["symbol"] = pa.DictionaryArray.from_arrays(places, pa.array(sheet.symbols.labels, pa.string())).cast(
            pa.string()
        )
    columns["time"] = pa.array(starts, pa.timestamp("us", tz=sheet.zone))
    numbers = {**dict(zip(sheet.names, sheet.values, strict=True)), **sheet.extra}
    for name in sheet.order or numbers:
        columns[name] = pa.array(np.ascontiguousarray(numbers[name]), from_pandas=True)
    facts = {"moisson": json.dumps(sheet.facts)} if sheet.facts else None
    return cast("ArrowTable", pa.table(columns, metadata=facts))


def _polars_frame(sheet: Sheet) -> object:
    try:
        polars = importlib.import_module("polars")
    except ImportError as err:
        message = sentence("Polars is not installed here. Install it with: pip install polars.")
        raise MissingPackageError(message) from err
    return polars.from_arrow(arrow_table(sheet))
