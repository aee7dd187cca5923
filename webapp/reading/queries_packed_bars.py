"""Many bars as NumPy columns, without a Python object for each number: a driver's rows take twice the time of these.

PostgreSQL packs a column into one string of bytes by itself. SQLite cannot, and Python's driver makes an object of each
number, so a process of its own reads the file through ADBC and hands over Arrow columns. It is a process, and not the
ADBC driver in this one, because the driver brings an SQLite of its own: file locks belong to a process, and what one
copy of SQLite lets go, the other one loses (https://www.sqlite.org/howtocorrupt.html, section 2.2.1).
"""

import logging
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection, text

from webapp.kernel.spans import Span

_LOG = logging.getLogger(__name__)
_CHILD = Path(__file__).with_name("packed_child.py")
_SHORT = ("open", "high", "low", "close", "volume")
_LONG = (*_SHORT, "wap", "count")
_ROWS = 1_000_000  # what PostgreSQL packs at once: 8 MB a column
_PIPE = 2**20  # so that the two processes rarely wait for each other; Linux heeds it
_SQLITE = (
    "SELECT time, {columns} FROM bar WHERE series_id = {series} AND time >= {start} AND time < {end} ORDER BY time"
    " LIMIT {most}"
)
_SQLITE_UNKNOWN = {"wap": "coalesce(wap, 9e999)", "count": "coalesce(CAST(count AS REAL), 9e999)"}
"""Null becomes infinite, which no average is: the driver takes a column that begins with nulls for whole numbers."""
_POSTGRES = (
    "SELECT string_agg(int8send(time), ''), {columns} FROM (SELECT * FROM bar WHERE series_id = :series"
    " AND time >= :start AND time < :end ORDER BY time LIMIT :most) AS page"
)
_POSTGRES_UNKNOWN = {"wap": "coalesce(wap, 'NaN')", "count": "coalesce(count, 'NaN'::float8)"}
_ALL = 2**62
_FILE = text("SELECT file FROM pragma_database_list WHERE name = 'main'")

Times = np.ndarray[tuple[int], np.dtype[np.int64]]
Values = np.ndarray[tuple[int, int], np.dtype[np.float64]]
Packed = tuple[Times, Values]
"""Starts (epoch seconds, ascending), and a row a column: open, high, low, close, volume, and average and count."""


def read(connection: Connection, series_id: int, span: Span, *, has_wap: bool) -> Packed | None:
    """Return the committed bars of a series that start in ``span``, or None when they cannot be had this way.

    Unknown averages and counts are NaN. None says nothing of the bars: they are to be read in the usual way then.
    """
    if connection.dialect.name == "postgresql":
        return _from_postgres(connection, series_id, span, has_wap=has_wap)
    command = file_command(connection, series_id, span, has_wap=has_wap)
    table = table_of(command) if command else None
    return columns_of(table, has_wap=has_wap) if table is not None and table.num_rows else None


def file_command(
    connection: Connection, series_id: int, span: Span, most: int = _ALL, *, has_wap: bool
) -> list[str] | None:
    """Return the command that writes the first ``most`` bars of ``span`` as an Arrow stream; None without a file."""
    file = file_of(connection) if connection.dialect.name == "sqlite" else None
    if file is None:
        return None
    columns = sqlite_columns(_LONG if has_wap else _SHORT)
    values = {"series": int(series_id), "start": int(span.start), "end": int(span.end), "most": int(most)}
    return _command(file, _SQLITE.format(columns=columns, **values))


def _command(file: Path, query: str) -> list[str]:
    return [sys.executable, "-P", str(_CHILD), f"{file.as_uri()}?mode=ro", query]


def columns_of(table: pa.Table, *, has_wap: bool) -> Packed:
    """Return what such a command has written, of one bar at least; what nobody knew is NaN again."""
    starts, *rest = table.columns
    values = stacked(rest)
    if has_wap:
        values[5:][np.isinf(values[5:])] = np.nan
    return starts.to_numpy(), values


def file_of(connection: Connection) -> Path | None:
    """Return the file of an SQLite database; None for one in memory."""
    file = connection.execute(_FILE).scalar()
    return Path(file) if file else None


def sqlite_columns(names: Iterable[str]) -> str:
    """Return the columns of a statement for ``read_file``: what the source left out is infinite in its answer."""
    return ", ".join(_SQLITE_UNKNOWN.get(name, name) for name in names)


def read_file(file: Path, query: str) -> pa.Table | None:
    """Return what a query answers in a process of its own, None when that does not work."""
    return table_of(_command(file, query))


def stacked(columns: Sequence[pa.ChunkedArray]) -> Values:
    """Return columns of numbers, which are not empty, as a row each."""
    values = np.empty((len(columns), len(columns[0])))
    for row, column in zip(values, columns, strict=True):
        np.concatenate([chunk.to_numpy() for chunk in column.chunks], out=row)
    return values


def start_reader(command: list[str]) -> "subprocess.Popen[bytes]":
    """Start such a command.

    :raises OSError: when it cannot be started.
    """
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pipesize=_PIPE)  # noqa: S603 -- our own words


def table_of(command: list[str]) -> pa.Table | None:
    """Return what a process writes, once it has ended well."""
    try:
        with start_reader(command) as child:
            try:
                table = pa.ipc.open_stream(child.stdout).read_all()
                status = child.wait()
            finally:
                child.kill()
    except (OSError, pa.ArrowInvalid) as err:
        _LOG.info("reading in a process of its own did not work: %s", err)
        return None
    if status:  # a stream that was cut off between two batches looks like a whole one
        _LOG.info("reading in a process of its own ended with status %d", status)
        return None
    return table


def postgres_columns(names: Iterable[str]) -> str:
    """Return the columns of a statement that packs each into one string of bytes; what was left out is NaN."""
    return ", ".join(f"string_agg(float8send({_POSTGRES_UNKNOWN.get(name, name)}), '')" for name in names)


def _from_postgres(connection: Connection, series_id: int, span: Span, *, has_wap: bool) -> Packed | None:
    pages: list[Packed] = []
    start, size = span.start, _ROWS
    while size == _ROWS:
        page = page_of(connection, series_id, Span(start, span.end), _ROWS, has_wap=has_wap)
        if page is None:
            break
        pages.append(page)
        size = len(page[0])
        start = int(page[0][-1]) + 1
    if not pages:
        return None
    starts = np.concatenate([times for times, _ in pages])
    if not (np.diff(starts) > 0).all():  # PostgreSQL keeps a sorted subquery's order, and does not promise it
        return None
    return starts, np.concatenate([values for _, values in pages], axis=1)


def page_of(connection: Connection, series_id: int, span: Span, most: int, *, has_wap: bool) -> Packed | None:
    """Return the first ``most`` bars of ``span`` as PostgreSQL packs them, in an order that it does not promise."""
    query = text(_POSTGRES.format(columns=postgres_columns(_LONG if has_wap else _SHORT)))
    parameters = {"series": series_id, "start": span.start, "end": span.end, "most": most}
    first, *rest = connection.execute(query, parameters).one()
    if first is None:
        return None
    times: Times = np.frombuffer(first, ">i8").astype(np.int64)
    return times, np.array([np.frombuffer(pack, ">f8") for pack in rest], np.float64)
