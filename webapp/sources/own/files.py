"""Reading a file line by line, whatever it is. PyArrow is loaded when a typed file comes, and not before."""

import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any

from webapp.errors import sentence
from webapp.sources.own.layouts.text_layout import parted, text_layout
from webapp.sources.own.rules_imported import Cell, FileKind, Layout, UnreadableFileError

MOST_LINES = 10_000_000
_BATCH = 8_192
_MAGIC = {b"PAR1": FileKind.PARQUET, b"ARROW1": FileKind.ARROW}
Line = tuple[int, Sequence[Cell]]
"""The number of a line, counted from 1, and what stands on it."""


def layout_of(path: Path) -> Layout:
    """Return how a file is laid out.

    :raises UnreadableFileError: when it is no table.
    """
    with path.open("rb") as file:
        start = file.read(8)
    kind = next((kind for magic, kind in _MAGIC.items() if start.startswith(magic)), FileKind.CSV)
    with _told():
        if kind is FileKind.CSV:
            return text_layout(path)
        return Layout(kind, tuple(str(name) for name in _opened(path, kind)[0]))


def lines(path: Path, layout: Layout) -> Iterator[Line]:
    """Yield the lines of a file, without its header; only a few are in memory at a time.

    :raises UnreadableFileError: when it breaks off or turns out to be no table.
    """
    with _told():
        yield from _text_lines(path, layout) if layout.kind is FileKind.CSV else _typed_lines(path, layout.kind)


def counted(lines: Iterator[Line]) -> Iterator[Line]:
    """Yield lines, and no end of them: a squeezed file may hold more than any disk.

    :raises UnreadableFileError: when there are too many.
    """
    for count, line in enumerate(lines):
        if count >= MOST_LINES:
            raise UnreadableFileError(sentence("A file may have %(most)d lines. Cut it in two.", most=MOST_LINES))
        yield line


def first_lines(path: Path, layout: Layout, most: int) -> list[Line]:
    """Return the first lines of a file, without its header.

    :raises UnreadableFileError: as ``lines``.
    """
    return list(islice(lines(path, layout), most))


@contextmanager
def _told() -> Iterator[None]:
    """Turn what libraries say of a broken file into a sentence; PyArrow's errors are ``ValueError`` or ``OSError``."""
    try:
        yield
    except (ValueError, OSError, LookupError, NotImplementedError) as err:
        message = sentence(
            "This file cannot be read to its end (%(reason)s). Make it anew, or save it as CSV.",
            reason=(str(err).splitlines() or [type(err).__name__])[0][:120],
        )
        raise UnreadableFileError(message) from err


def _text_lines(path: Path, layout: Layout) -> Iterator[Line]:
    with path.open(encoding=layout.encoding, errors="replace", newline="") as file:
        header_lines = layout.header_lines if layout.has_header else 0
        for number, line in enumerate(file, 1):
            cells = parted(line, layout.delimiter)
            if number < layout.begins or not any(cells) or cells[0].startswith("#"):
                continue
            if header_lines:
                header_lines -= 1
                continue
            yield number, cells


def _typed_lines(path: Path, kind: FileKind) -> Iterator[Line]:
    batches = _opened(path, kind)[1]
    rows = chain.from_iterable(zip(*map(_cells, batch.columns), strict=True) for batch in batches)
    return enumerate(rows, 1)


def _opened(path: Path, kind: FileKind) -> tuple[list[str], Iterator[Any]]:
    """Return the names of the columns, and the batches."""
    if kind is FileKind.PARQUET:
        parquet = importlib.import_module("pyarrow.parquet").ParquetFile(str(path))
        return parquet.schema_arrow.names, parquet.iter_batches(batch_size=_BATCH)
    opened = importlib.import_module("pyarrow.ipc").open_file(str(path))
    batches = (opened.get_batch(number) for number in range(opened.num_record_batches))
    small = (batch.slice(first, _BATCH) for batch in batches for first in range(0, max(batch.num_rows, 1), _BATCH))
    return opened.schema.names, small


def _cells(column: Any) -> list[Cell]:  # noqa: ANN401 -- an Array of PyArrow, which has no types
    """Return a column's values; instants and dates become text, in ISO 8601.

    An instant is written as the clocks of the column's own zone showed it, with its offset: for bars of a day and
    longer, that is where their date stands.
    """
    pa = importlib.import_module("pyarrow")
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us", tz=kind.tz), safe=False).cast(pa.string())
    elif pa.types.is_date(kind) or pa.types.is_time(kind):
        column = column.cast(pa.string())
    values: list[Cell] = column.to_pylist()
    return values
