"""A series as CSV, beside loops with the csv module; a process of its own for ``tests.bench.reading``.

The C library makes locks cheaper in a process that never had a second thread, and SQLite takes many: so it is measured
in a process without threads, as the command is, and in one with, as a web process is.
"""

import csv
import datetime as dt
import json
import sqlite3
import sys
import threading
from dataclasses import asdict
from pathlib import Path

from tests.bench.beside import ROUNDS, Row, beside, in_turns, memory_of, wall
from tests.stored import opened
from webapp.exporting.files import open_export

_NAMES = ("time", "open", "high", "low", "close", "volume")
_MB = 2**20


def _rows(folder: Path, series_id: int) -> sqlite3.Cursor:
    connection = sqlite3.connect(folder / "bench.db")
    connection.execute("PRAGMA mmap_size=268435456")
    return connection.execute(f"SELECT {', '.join(_NAMES)} FROM bar WHERE series_id = {series_id} ORDER BY time")


def _plain(folder: Path, series_id: int) -> None:
    with (folder / "plain.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(_NAMES)
        for row in _rows(folder, series_id):
            writer.writerow(row)


def _same(folder: Path, series_id: int) -> None:
    with (folder / "same.csv").open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(_NAMES)
        for start, *prices, volume in _rows(folder, series_id):
            moment = dt.datetime.fromtimestamp(start, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            writer.writerow((moment, *prices, int(volume) if volume.is_integer() else volume))


def _ours(folder: Path, series_id: int) -> None:
    with (folder / "ours.csv").open("wb") as stream:
        stream.writelines(open_export(series_id, "csv").chunks)


def measure(folder: Path, series_id: int, *, has_threads: bool) -> list[Row]:
    """Write the files in turns: the plain loop's times are numbers, ours and the other loop's are texts.

    The limit is for the loop that writes the same text; the ratio to the plain one is only told.
    """
    name = f"bars → CSV, {'with threads' if has_threads else 'one thread'}"
    plain, same = "csv loop, epoch times", "csv loop, same text"
    works = {
        "ours": lambda: _ours(folder, series_id),
        plain: lambda: _plain(folder, series_id),
        same: lambda: _same(folder, series_id),
    }
    taken = in_turns(works, ROUNDS)
    assert (folder / "ours.csv").read_bytes() == (folder / "same.csv").read_bytes()
    first = wall(lambda: next(open_export(series_id, "csv").chunks), 5)
    grown = memory_of(open_export(series_id, "csv").chunks) / _MB
    return [
        beside(name, taken, plain, None),
        beside(name, taken, same, 0.5),
        Row(f"{name}: first byte", first, "s", "", None, first, 0.3),
        Row(f"{name}: memory more", grown, "MB", "", None, grown, 30),
    ]


def main() -> int:
    """Measure in a folder with a database, and print the rows as JSON: ``FOLDER SERIES THREADS``."""
    folder, series_id, has_threads = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "1"
    if has_threads:
        other = threading.Thread(target=str)
        other.start()
        other.join()
    with opened(folder, f"sqlite:///{folder / 'bench.db'}"):
        rows = measure(folder, series_id, has_threads=has_threads)
    sys.stdout.write(json.dumps([asdict(row) for row in rows]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
