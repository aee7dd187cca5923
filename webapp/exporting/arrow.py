"""Bars as Parquet and Arrow files, written piece by piece. PyArrow is loaded on first use: the web starts without."""

import importlib
import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from webapp.exporting.rules_exports import UTC
from webapp.exporting.sink import Sink
from webapp.kernel.bars import Bar, ShortBar

_PRICES = ("open", "high", "low", "close", "volume")


class _Writer(Protocol):
    """What ParquetWriter and RecordBatchFileWriter have in common."""

    def write_batch(self, batch: object) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Table:
    """What a file says of its columns. ``facts`` become the schema's metadata; ``zone`` is a name of the IANA's."""

    facts: Mapping[str, str]
    is_dated: bool
    has_wap: bool
    zone: str = UTC
    partial: Container[int] | None = None
    """The starts of partial bars, which a column of truth values tells; None for a table without it."""


def stream(pages: Iterable[Sequence[Bar] | Sequence[ShortBar]], table: Table, fmt: str) -> Iterator[bytes]:
    """Yield a file of format ``parquet`` or ``arrow`` (IPC file, as ``pandas.read_feather`` and polars take it).

    ``time`` is ``timestamp[us, zone]`` (an instant, whatever the zone), and for dated bars the date at 00:00 UTC;
    prices, volume, ``wap`` and ``count`` are float64, ``partial`` is a truth value. pandas reads the file with ``time``
    as its index: it is the frame that a notebook gets of the same bars.
    """
    pa = importlib.import_module("pyarrow")
    zone = UTC if table.is_dated else table.zone
    fields = [("time", pa.timestamp("us", tz=zone))]
    fields += [(name, pa.float64()) for name in _PRICES]
    if table.has_wap:
        fields += [("wap", pa.float64()), ("count", pa.float64())]
    if table.partial is not None:
        fields.append(("partial", pa.bool_()))
    names = [name for name, _ in fields]
    schema = pa.schema(fields, metadata={**table.facts, "pandas": _pandas_metadata(names, zone)})
    sink = Sink()
    writer = _open(fmt, sink, schema)
    for page in pages:
        columns: list[Sequence[object]] = list(zip(*page, strict=True))
        if table.partial is not None:
            columns.append([bar[0] in table.partial for bar in page])
        starts, *others = columns
        arrays = [pa.array(starts, pa.timestamp("s", tz=zone)).cast(fields[0][1])]
        arrays += [pa.array(column, kind) for column, (_, kind) in zip(others, fields[1:], strict=True)]
        writer.write_batch(pa.record_batch(arrays, schema=schema))
        yield sink.take()
    writer.close()
    yield sink.take()


def _pandas_metadata(names: Sequence[str], zone: str) -> str:
    """Return what pandas reads of a file: which column is the index, and what each is (its developers' guide)."""
    kinds = {
        "time": ("datetimetz", "datetime64[us]", {"timezone": zone}),
        "partial": ("bool", "bool", None),
    }
    columns = []
    for name in names:
        kind, numpy_kind, details = kinds.get(name, ("float64", "float64", None))
        columns.append(
            {"name": name, "field_name": name, "pandas_type": kind, "numpy_type": numpy_kind, "metadata": details}
        )
    labels = {"name": None, "field_name": None, "pandas_type": "unicode", "numpy_type": "str", "metadata": None}
    return json.dumps({"index_columns": ["time"], "column_indexes": [labels], "columns": columns})


def _open(fmt: str, sink: Sink, schema: object) -> _Writer:
    if fmt == "arrow":
        ipc = importlib.import_module("pyarrow.ipc")
        return cast("_Writer", ipc.new_file(sink, schema))
    parquet = importlib.import_module("pyarrow.parquet")
    return cast("_Writer", parquet.ParquetWriter(sink, schema, compression="zstd"))
