"""Many bars in packs, one after the other, for whoever passes them on while the next ones are read.

``queries_packed_bars`` says how packs are read. Here they come as a stream: on PostgreSQL each in a transaction of its
own; on SQLite from the process that reads the file, through a thread that takes at once what it has read. So the
transaction ends as soon as that process is ready, however slow the reader at the other end of a network is.
"""

import logging
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue

import numpy as np
import pyarrow as pa

from webapp.kernel.spans import Span
from webapp.reading import queries_packed_bars
from webapp.reading.queries_packed_bars import Packed
from webapp.series.queries_bar_pages import Reading

_LOG = logging.getLogger(__name__)
_MOST = 1_000_000
"""So many bars are read ahead at most: 48 MB."""
_PAGE = 100_000


class PackError(Exception):
    """Reading in packs broke off: what came before it is not all."""


def stream(reading: Reading, series_id: int, span: Span, *, has_wap: bool) -> Iterator[Packed] | None:
    """Return the committed bars of a series that start in ``span``, or None when they cannot be had this way.

    Unknown averages and counts are NaN. None says nothing of the bars: they are to be read in the usual way then.
    The iterator raises ``PackError`` when what comes later cannot be had.
    """
    with reading() as connection:
        is_postgresql = connection.dialect.name == "postgresql"
    parts = _of_pages if is_postgresql else _of_file
    packs = parts(reading, series_id, span, has_wap=has_wap)
    try:
        first = next(packs)
    except StopIteration:
        return iter(())
    except PackError as err:
        _LOG.info("reading in packs did not work: %s", err)
        return None
    return _joined(first, packs)


def _joined(first: Packed, rest: Iterator[Packed]) -> Iterator[Packed]:
    yield first
    yield from rest


def _of_pages(reading: Reading, series_id: int, span: Span, *, has_wap: bool) -> Iterator[Packed]:
    start, size = span.start, _PAGE
    while size == _PAGE:
        with reading() as connection:
            page = queries_packed_bars.page_of(connection, series_id, Span(start, span.end), _PAGE, has_wap=has_wap)
        if page is None:
            return
        if not (np.diff(page[0]) > 0).all():  # PostgreSQL keeps a sorted subquery's order, and does not promise it
            raise PackError("The packs are not in order.")
        yield page
        size = len(page[0])
        start = int(page[0][-1]) + 1


def _of_file(reading: Reading, series_id: int, span: Span, *, has_wap: bool) -> Iterator[Packed]:
    """Yield what a process reads, ``_MOST`` bars in one transaction; it is ended when nobody wants any more."""
    start, rows = span.start, _MOST
    while rows == _MOST:
        with reading() as connection:
            part = Span(start, span.end)
            command = queries_packed_bars.file_command(connection, series_id, part, _MOST, has_wap=has_wap)
        if command is None:
            raise PackError("The database has no file.")
        rows = 0
        for table in _tables(command):
            times, values = queries_packed_bars.columns_of(table, has_wap=has_wap)
            yield times, values
            rows += len(times)
            start = int(times[-1]) + 1


def _tables(command: list[str]) -> Iterator[pa.Table]:
    """Yield what a process writes, piece by piece, each as soon as it is there.

    :raises PackError: when it does not start, or does not end well.
    """
    with _started(command) as child:
        tables: SimpleQueue[pa.Table | Exception | None] = SimpleQueue()
        taking = threading.Thread(target=_take, args=(child, tables), name="packed bars", daemon=True)
        taking.start()
        try:
            while (table := tables.get()) is not None:
                if isinstance(table, Exception):
                    raise PackError(f"The process that reads broke off: {table}") from table
                yield table
        finally:
            child.kill()
            taking.join()


@contextmanager
def _started(command: list[str]) -> Iterator["subprocess.Popen[bytes]"]:
    try:
        child = queries_packed_bars.start_reader(command)
    except OSError as err:
        raise PackError(f"The process that reads did not start: {err}") from err
    with child:
        yield child


def _take(child: "subprocess.Popen[bytes]", tables: "SimpleQueue[pa.Table | Exception | None]") -> None:
    """Put all that a process writes into a queue, then None; an exception instead when it does not end well."""
    try:
        for batch in pa.ipc.open_stream(child.stdout):
            if batch.num_rows:
                tables.put(pa.Table.from_batches([batch]))
        status = child.wait()
    except (OSError, ValueError, pa.ArrowInvalid) as err:
        tables.put(err)
        return
    # A stream that was cut off between two batches looks like a whole one.
    tables.put(OSError(f"it ended with the status {status}") if status else None)
