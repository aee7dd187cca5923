"""Bars as frames: an Arrow stream becomes a pandas frame, a polars frame, or an Arrow table.

The server lays the table out; here it only changes its form. What must be said of it stands in the schema's metadata.
"""

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from moisson_client.catalogue_frames import package, pandas
from moisson_client.errors import MoissonError
from moisson_client.records import FrameKind

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_FACTS = b"moisson"
_SYMBOL = "symbol"


def check_package(kind: str) -> None:
    """Make sure that frames of a kind can be made here.

    :raises MoissonError: when the package is missing.
    """
    if kind in ("pandas", "polars"):
        package(kind)


def frame_of(content: pa.Table | bytes, kind: FrameKind) -> Any:  # noqa: ANN401 -- the frame of a package that may be missing
    """Return what the server has answered, in the form that is asked for.

    :raises MoissonError: when the package is missing, or the answer is no table.
    """
    table = _table(content) if isinstance(content, bytes) else content
    if kind == "arrow":
        return table
    if kind == "polars":
        return package("polars").from_arrow(table)
    return _pandas_frame(table)


def _table(content: bytes) -> pa.Table:
    try:
        return pa.ipc.open_stream(pa.py_buffer(content)).read_all()
    except (pa.ArrowInvalid, OSError) as err:
        raise no_table() from err


def no_table() -> MoissonError:
    """Return the error for an answer that should be a table and is none."""
    message = "The answer is no table. Does something stand before the server that changes what it sends?"
    return MoissonError(message, code="not_understood")


def _pandas_frame(table: pa.Table) -> "pd.DataFrame":
    pd = pandas()
    facts = json.loads((table.schema.metadata or {}).get(_FACTS, b"{}"))
    names = [name for name in table.column_names if name not in ("time", _SYMBOL)]
    kinds = {table.schema.field(name).type for name in names}
    index = _index(table)
    columns = pd.Index(names, dtype="str", name=_SYMBOL if "field" in facts else None)
    if kinds == {pa.float64()}:
        values = package("numpy").empty((len(names), table.num_rows))
        for row, name in zip(values, names, strict=True):
            _fill(row, table.column(name))
        frame = pd.DataFrame(values.T, columns=columns, index=index, copy=False)  # nobody else holds these values
    else:
        frame = pd.DataFrame({name: _column(table.column(name)) for name in names}, index=index)
        frame.columns = columns
    frame.attrs.update(facts)
    return frame


def _fill(row: "np.ndarray[Any, Any]", column: pa.ChunkedArray) -> None:
    place = 0
    for chunk in column.chunks:
        row[place : place + len(chunk)] = chunk.to_numpy(zero_copy_only=False)
        place += len(chunk)


def _column(column: pa.ChunkedArray) -> "np.ndarray[Any, Any]":
    values: np.ndarray[Any, Any] = column.to_numpy()
    return values


def _index(table: pa.Table) -> Any:  # noqa: ANN401 -- an index of pandas
    pd = pandas()
    times = table.column("time")
    zone = times.type.tz
    stamps = times.cast(pa.timestamp("us")).to_numpy() if zone else times.to_numpy()
    index = pd.DatetimeIndex(stamps, name="time").tz_localize("UTC")
    index = index if zone in (None, "UTC") else index.tz_convert(zone)
    if _SYMBOL not in table.column_names:
        return index
    symbols = table.column(_SYMBOL).combine_chunks().dictionary_encode()
    level = pd.Index(symbols.dictionary.to_pylist(), dtype="str")
    codes, moments = pd.factorize(index)
    return pd.MultiIndex(levels=[level, moments], codes=[symbols.indices.to_numpy(), codes], names=[_SYMBOL, "time"])
