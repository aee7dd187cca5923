"""Bars as DataFrames and Arrow tables: what was laid out becomes what its reader works with."""

import importlib
from typing import Any, Protocol, cast
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from webapp.errors import MissingPackageError, sentence
from webapp.exporting.rules_exports import UTC
from webapp.framing.arguments import FrameKind
from webapp.framing.bar_columns import columns_of
from webapp.framing.sheets import Sheet, arrow_table
from webapp.reading.bars import StoredBars
from webapp.reading.queries_packed_bars import Times


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
    return arrow_frame(sheet) if kind == "arrow" else _polars_frame(sheet)


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
    if zone == UTC:
        return index.tz_localize(UTC)
    if not is_dated:
        return index.tz_localize(UTC).tz_convert(ZoneInfo(zone))
    first = np.ones(len(times), np.bool_)  # of a midnight that the clock strikes twice, the first
    return index.tz_localize(ZoneInfo(zone), ambiguous=first, nonexistent="shift_forward")


def arrow_frame(sheet: Sheet) -> ArrowTable:
    """Return bars as an Arrow table."""
    return cast("ArrowTable", arrow_table(sheet))


def _polars_frame(sheet: Sheet) -> object:
    try:
        polars = importlib.import_module("polars")
    except ImportError as err:
        message = sentence("Polars is not installed here. Install it with: pip install polars.")
        raise MissingPackageError(message) from err
    return polars.from_arrow(arrow_table(sheet))
