"""Long files take as little memory for many series as for few."""

import tracemalloc

import pytest

from tests.stored import Store
from webapp.database.transactions import reading
from webapp.exporting import long_file
from webapp.exporting.arrow import RecordBatch, TableFile
from webapp.exporting.long_file import open_long
from webapp.exporting.rules_exports import ExportRequest
from webapp.kernel.intervals import DAY
from webapp.reading.lookup import FoundBars
from webapp.series import queries_series

BARS = 4_000


def store_series(store: Store, count: int) -> list[FoundBars]:
    matches = []
    for number in range(count):
        series_id = store.series(f"S{number}")
        store.put(series_id, [(n * DAY, 10.125, 12.5, 9.25, 11.0, 100.0, None, None) for n in range(BARS)])
        with reading() as connection:
            row = queries_series.get(connection, series_id)
        assert row
        matches.append(FoundBars(row))
    return matches


def write(matches: list[FoundBars], fmt: str) -> tuple[int, int]:
    """Write a long file to nowhere; return how many bars it holds and the most memory that it took (bytes)."""
    ids = tuple(match.series.id for match in matches)
    tracemalloc.start()
    try:
        file = open_long(matches, ExportRequest(ids, fmt=fmt))
        for _ in file.chunks:
            pass
        return file.rows, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("fmt", ["csv", "jsonl", "parquet", "arrow"])
def test_memory_does_not_grow_with_the_number_of_series(
    store: Store, fmt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_file, "_PAGE_ROWS", dict.fromkeys(("csv", "jsonl", "parquet", "arrow"), 1_000))
    matches = store_series(store, 12)
    write(matches[:1], fmt)  # what is loaded and compiled once
    few, many = write(matches[:2], fmt), write(matches, fmt)
    assert (few[0], many[0]) == (2 * BARS, 12 * BARS)
    assert many[1] < 1.25 * few[1]


def test_short_series_share_a_group_of_rows_and_long_ones_are_cut(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(long_file._PAGE_ROWS, "parquet", 3_000)  # noqa: SLF001 -- smaller than any series here
    matches = store_series(store, 2)
    sizes = []
    original = TableFile.write

    def noted(file: TableFile, batches: list[RecordBatch]) -> bytes:
        sizes.append(sum(batch.num_rows for batch in batches))
        return original(file, batches)

    monkeypatch.setattr(TableFile, "write", noted)
    write(matches, "parquet")
    assert sizes == [3_000, 4_000, 1_000]
