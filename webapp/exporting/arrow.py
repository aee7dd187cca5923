"""Bars as Parquet and Arrow files, written piece by piece. PyArrow is loaded on first use: the web starts without."""

import importlib
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from webapp.exporting.rules_exports import UTC
from webapp.exporting.sink import Sink
from webapp.kernel.bars import Bar, ShortBar
from webapp.kernel.intervals import DAY

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

    ``time`` is ``timestamp[s, zone]`` (an instant, whatever the zone), or ``date32`` for dated bars; prices, volume
    and ``wap`` are float64, ``count`` is int64, ``partial`` is a truth value.
    """
    pa = importlib.import_module("pyarrow")
    fields = [("time", pa.date32() if table.is_dated else pa.timestamp("s", tz=table.zone))]
    fields += [(name, pa.float64()) for name in _PRICES]
    if table.has_wap:
        fields += [("wap", pa.float64()), ("count", pa.int64())]
    if table.partial is not None:
        fields.append(("partial", pa.bool_()))
    schema = pa.schema(fields, metadata=dict(table.facts))
    sink = Sink()
    writer = _open(fmt, sink, schema)
    for page in pages:
        columns: list[Sequence[object]] = list(zip(*page, strict=True))
        if table.partial is not None:
            columns.append([bar[0] in table.partial for bar in page])
        if table.is_dated:
            columns[0] = [bar[0] // DAY for bar in page]
        arrays = [
            pa.array(column, pa.int32()).cast(kind) if kind == pa.date32() else pa.array(column, kind)
            for column, (_, kind) in zip(columns, fields, strict=True)
        ]
        writer.write_batch(pa.record_batch(arrays, schema=schema))
        yield sink.take()
    writer.close()
    yield sink.take()


def _open(fmt: str, sink: Sink, schema: object) -> _Writer:
    if fmt == "arrow":
        ipc = importlib.import_module("pyarrow.ipc")
        return cast("_Writer", ipc.new_file(sink, schema))
    parquet = importlib.import_module("pyarrow.parquet")
    return cast("_Writer", parquet.ParquetWriter(sink, schema, compression="zstd"))
