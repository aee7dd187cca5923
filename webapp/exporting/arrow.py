"""Bars as Parquet and Arrow files, written piece by piece. PyArrow is loaded on first use: the web starts without."""

import importlib
import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from webapp.exporting.rules_exports import UTC
from webapp.exporting.sink import Sink
from webapp.kernel.bars import Bar, ShortBar

_PRICES = ("open", "high", "low", "close", "volume")


class RecordBatch(Protocol):
    """What of PyArrow's batch is asked for here."""

    @property
    def num_rows(self) -> int:
        """How many rows it has."""
        ...


class _Writer(Protocol):
    """What ParquetWriter and RecordBatchFileWriter have in common."""

    def write_batch(self, batch: object) -> None: ...

    def write_table(self, table: object) -> None: ...

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
    has_symbol: bool = False
    """Whether the first column says of which symbol a bar is."""


def stream(pages: Iterable[Sequence[Bar] | Sequence[ShortBar]], table: Table, fmt: str) -> Iterator[bytes]:
    """Yield a file of format ``parquet`` or ``arrow`` (IPC file, as ``pandas.read_feather`` and polars take it).

    ``time`` is ``timestamp[us, zone]`` (an instant, whatever the zone), and for dated bars the date at 00:00 UTC;
    prices, volume, ``wap`` and ``count`` are float64, ``partial`` is a truth value. pandas reads the file with ``time``
    as its index: it is the frame that a notebook gets of the same bars.
    """
    file = TableFile(table, fmt)
    for page in pages:
        yield file.write([file.batch(page, table.partial)])
    yield file.close()


class TableFile:
    """A Parquet or Arrow file on its way, written by batches of rows."""

    def __init__(self, table: Table, fmt: str) -> None:
        self._table = table
        self._pa: Any = importlib.import_module("pyarrow")
        self._fields = _fields(self._pa, table)
        self._schema = self._pa.schema(self._fields, metadata=_metadata(table, [name for name, _ in self._fields]))
        self._sink = Sink()
        self._writer = _open(fmt, self._sink, self._schema)

    def batch(
        self,
        page: Sequence[Bar] | Sequence[ShortBar],
        partial: Container[int] | None = None,
        symbol: str | None = None,
    ) -> RecordBatch:
        """Return rows as columns; ``partial`` and ``symbol`` where the table has such a column."""
        columns: list[Sequence[object]] = list(zip(*page, strict=True))
        if self._table.partial is not None:
            columns.append([partial is not None and bar[0] in partial for bar in page])
        starts, *others = columns
        pa, kinds = self._pa, dict(self._fields)
        time = pa.array(starts, pa.timestamp("s", tz=_zone_of(self._table))).cast(kinds.pop("time"))
        symbols = [pa.array([symbol] * len(page), kinds.pop("symbol"))] if self._table.has_symbol else []
        values = [pa.array(column, kind) for column, kind in zip(others, kinds.values(), strict=True)]
        arrays = [*symbols, time, *values]
        return cast("RecordBatch", self._pa.record_batch(arrays, schema=self._schema))

    def write(self, batches: Sequence[RecordBatch]) -> bytes:
        """Write batches as one group of rows, and return what the file has grown by."""
        if len(batches) == 1:
            self._writer.write_batch(batches[0])
        elif batches:
            self._writer.write_table(self._pa.Table.from_batches(batches).combine_chunks())
        return self._sink.take()

    def close(self) -> bytes:
        """Write the end of the file, and return it."""
        self._writer.close()
        return self._sink.take()


def _fields(pa: Any, table: Table) -> list[tuple[str, object]]:  # noqa: ANN401 -- PyArrow, which has no types
    fields = [("symbol", pa.string())] if table.has_symbol else []
    fields.append(("time", pa.timestamp("us", tz=_zone_of(table))))
    fields += [(name, pa.float64()) for name in _PRICES]
    if table.has_wap:
        fields += [("wap", pa.float64()), ("count", pa.float64())]
    if table.partial is not None:
        fields.append(("partial", pa.bool_()))
    return fields


def _zone_of(table: Table) -> str:
    return UTC if table.is_dated else table.zone


def _metadata(table: Table, names: Sequence[str]) -> dict[str, str]:
    """Return what a file says of itself. Of a long one, in which times repeat, pandas makes no index."""
    if table.has_symbol:
        return dict(table.facts)
    return {**table.facts, "pandas": _pandas_metadata(names, _zone_of(table))}


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
