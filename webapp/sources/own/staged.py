"""Checked bars on disk: records of one length, ascending, so that a span is found without reading the rest."""

import math
import mmap
import struct
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from webapp.kernel.bars import Bar
from webapp.kernel.spans import Span

RECORD = struct.Struct("<q6dqq")
"""Time, open, high, low, close, volume, average (NaN for none), count (−1 for none), line of the file."""
_TIME = struct.Struct("<q")
_NO_COUNT = -1
_SLICE = 65_536


def packed(bar: Bar, line: int) -> bytes:
    """Return a bar as a record."""
    time, first, high, low, close, volume, wap, count = bar
    return RECORD.pack(
        *(time, first, high, low, close, volume),
        math.nan if wap is None else wap,
        _NO_COUNT if count is None else count,
        line,
    )


def bars_between(path: Path, span: Span) -> list[Bar]:
    """Return the bars that start in a span, ascending.

    :raises OSError: when the file is not there.
    """
    if not path.stat().st_size:
        return []
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as records:
        first, last = (_place(records, time) * RECORD.size for time in (span.start, span.end))
        return [_bar(record) for record in RECORD.iter_unpack(records[first:last])]


def _place(records: mmap.mmap, time: int) -> int:
    """Return the number of the first record that is not before a time."""
    low, high = 0, len(records) // RECORD.size
    while low < high:
        middle = (low + high) // 2
        if _TIME.unpack_from(records, middle * RECORD.size)[0] < time:
            low = middle + 1
        else:
            high = middle
    return low


def _bar(record: Sequence[float]) -> Bar:
    time, first, high, low, close, volume, wap, count, _ = record
    trades = None if count == _NO_COUNT else int(count)
    return (int(time), first, high, low, close, volume, None if math.isnan(wap) else wap, trades)


def in_order(draft: Path, target: BinaryIO) -> Iterator[tuple[int, int, bool]]:
    """Write the records of a draft by time, each time once: the first line of it counts.

    Yields ``(line, earlier line, whether both say the very same)`` for each that is left out.
    Memory: 16 bytes a bar, and what sorting takes.
    """
    if not draft.stat().st_size:
        return
    with draft.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as records:
        before, last_record = (None, 0), b""
        for place in _order(records):
            record = records[place * RECORD.size : (place + 1) * RECORD.size]
            time, line = _TIME.unpack_from(record)[0], _TIME.unpack_from(record, RECORD.size - _TIME.size)[0]
            if time == before[0]:
                yield line, before[1], record[: -_TIME.size] == last_record[: -_TIME.size]
                continue
            target.write(record)
            before, last_record = (time, line), record


def _order(records: mmap.mmap) -> Sequence[int]:
    """Return the numbers of records by time. Most files are in order already, or newest first."""
    count = len(records) // RECORD.size
    times = array("q")
    for first in range(0, count, _SLICE):
        part = records[first * RECORD.size : (first + _SLICE) * RECORD.size]
        times.extend(record[0] for record in RECORD.iter_unpack(part))
    pairs = range(1, count)
    if all(times[place - 1] <= times[place] for place in pairs):
        return range(count)
    if all(times[place - 1] > times[place] for place in pairs):
        return range(count - 1, -1, -1)
    return sorted(range(count), key=times.__getitem__)


def count_of(path: Path) -> int:
    """Return how many bars a file holds."""
    return path.stat().st_size // RECORD.size


def edges(path: Path) -> tuple[int | None, int | None]:
    """Return when the first and the last bar start; None for a file without any."""
    count = count_of(path)
    if not count:
        return None, None
    with path.open("rb") as file:
        first = _TIME.unpack(file.read(_TIME.size))[0]
        file.seek((count - 1) * RECORD.size)
        return first, _TIME.unpack(file.read(_TIME.size))[0]
