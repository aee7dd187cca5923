"""The bars of many series as NumPy columns, in one statement: by series, then by time.

As for a long series (``queries_packed_bars``), a process of its own reads many bars of an SQLite file, and PostgreSQL
packs columns into strings of bytes. Few bars are the driver's own rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, text

from webapp.database.raw_rows import streamed
from webapp.kernel.spans import Span
from webapp.reading.queries_packed_bars import (
    Times,
    Values,
    file_of,
    postgres_columns,
    read_file,
    sqlite_columns,
    stacked,
)

_SQLITE = (
    "SELECT series_id, time, {columns} FROM bar WHERE series_id IN ({series}) AND time >= {start} AND time < {end}"
    " ORDER BY series_id, time"
)
_POSTGRES = (
    "SELECT string_agg(int8send(series_id::bigint), ''), string_agg(int8send(time), ''), {columns} FROM ("
    "SELECT * FROM bar WHERE series_id = ANY(:series) AND time >= :start AND time < :end"
    " AND (series_id, time) > (:last_series, :last_time) ORDER BY series_id, time LIMIT :most) AS page"
)
_ROWS = 1_000_000  # what PostgreSQL packs at once: 8 MB a column


@dataclass(frozen=True, slots=True)
class PackedPanel:
    """Bars of many series, ascending by series and then by time: a place in ``series``, ``times`` and each of values.

    ``values`` has a row for each name that was asked for; what the source left out is NaN.
    """

    series: Times
    times: Times
    values: Values

    def part(self, series_id: int, span: Span) -> tuple[Times, Values]:
        """Return the starts and values of one series' bars that start in a span."""
        first, last = np.searchsorted(self.series, [series_id, series_id + 1])
        times = self.times[first:last]
        begin, end = np.searchsorted(times, [_clipped(span.start), _clipped(span.end)])
        return times[begin:end], self.values[:, first + begin : first + end]


def read(
    connection: Connection, series: Sequence[int], span: Span, names: Sequence[str], *, is_long: bool
) -> PackedPanel:
    """Return the committed bars of series that start in ``span``.

    :param names: columns of the table ``bar``, at least one.
    :param is_long: whether there may be many of them, so that a process of its own is worth its start.
    """
    if connection.dialect.name == "postgresql":
        return _from_postgres(connection, series, span, names)
    file = file_of(connection) if is_long else None
    packed = _from_file(file, series, span, names) if file else None
    return packed or _from_rows(connection, series, span, names)


def _sqlite_query(series: Sequence[int], span: Span, names: Sequence[str]) -> str:
    ids = ", ".join(str(int(each)) for each in series)
    return _SQLITE.format(columns=sqlite_columns(names), series=ids, start=_clipped(span.start), end=_clipped(span.end))


def _from_file(file: Path, series: Sequence[int], span: Span, names: Sequence[str]) -> PackedPanel | None:
    table = read_file(file, _sqlite_query(series, span, names))
    if table is None or not table.num_rows:
        return None
    ids, times, *columns = table.columns
    return _known(PackedPanel(ids.to_numpy(), times.to_numpy(), stacked(columns)))


def _from_rows(connection: Connection, series: Sequence[int], span: Span, names: Sequence[str]) -> PackedPanel:
    rows = streamed(connection, text(_sqlite_query(series, span, names)), {})
    table = np.fromiter(chain.from_iterable(rows), np.float64).reshape(-1, 2 + len(names))
    return _known(PackedPanel(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2:].T.copy()))


def _from_postgres(connection: Connection, series: Sequence[int], span: Span, names: Sequence[str]) -> PackedPanel:
    query = text(_POSTGRES.format(columns=postgres_columns(names)))
    ids, times, values = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty((len(names), 0))]
    last, size = (0, 0), _ROWS
    while size == _ROWS:
        bounds = {"start": _clipped(span.start), "end": _clipped(span.end), "most": _ROWS}
        place = {"series": list(series), "last_series": last[0], "last_time": last[1]}
        first, second, *rest = connection.execute(query, bounds | place).one()
        if first is None:
            break
        ids.append(np.frombuffer(first, ">i8").astype(np.int64))
        times.append(np.frombuffer(second, ">i8").astype(np.int64))
        values.append(np.array([np.frombuffer(pack, ">f8") for pack in rest], np.float64))
        size, last = len(ids[-1]), (int(ids[-1][-1]), int(times[-1][-1]))
    return _known(PackedPanel(np.concatenate(ids), np.concatenate(times), np.concatenate(values, axis=1)))


def _known(panel: PackedPanel) -> PackedPanel:
    """Return the panel in its order, which PostgreSQL does not promise to keep, and NaN for what is unknown."""
    panel.values[np.isinf(panel.values)] = np.nan
    steps = np.diff(panel.series)
    if (steps < 0).any() or (np.diff(panel.times)[steps == 0] <= 0).any():
        order = np.lexsort((panel.times, panel.series))
        return PackedPanel(panel.series[order], panel.times[order], panel.values[:, order])
    return panel


def _clipped(time: int) -> int:
    """Return a bound as a number that databases and NumPy hold."""
    return max(-(2**62), min(2**62, int(time)))
