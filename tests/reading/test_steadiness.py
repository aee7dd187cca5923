"""What is read while a worker re-bases or somebody deletes the series ends in an error, never in a mixture."""

import datetime as dt
from collections.abc import Callable

import pytest

from tests.stored import Store
from webapp.catalogue import deletion
from webapp.database.transactions import writing
from webapp.errors import sentence
from webapp.exporting.files import open_export
from webapp.job_manager import JobManager
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.restatement_kinds import RestatementKind
from webapp.notebook.frames import frame_of
from webapp.reading.bars import open_bars
from webapp.reading.steadiness import SeriesChangedError
from webapp.restating import queries_restatements
from webapp.restating.queries_restatements import NewRestatement
from webapp.series import queries_bars, queries_rebasing

DAYS = 5_000


@pytest.fixture
def series_id(store: Store) -> int:
    new_id = store.series()
    store.put(new_id, [(day * DAY, 400.0, 400.0, 400.0, 400.0, 100.0, None, None) for day in range(DAYS)])
    return new_id


def rebase(store: Store, series_id: int) -> None:
    """Do what a worker's commit does that finds a split."""
    with writing() as connection:
        count = queries_rebasing.rebase_bars(connection, series_id, 4.0, is_volume_too=True)
        restatement = NewRestatement(
            series_id, 1, RestatementKind.REBASED, 0, (DAYS - 1) * DAY, count, sentence("re-based"), 4.0
        )
        queries_restatements.add(connection, restatement, store.now)


@pytest.mark.parametrize("step", [None, Interval.W1])
def test_pages_on_two_bases_end_in_an_error(store: Store, series_id: int, step: Interval | None) -> None:
    pages = open_bars(series_id, "splits", step=step).adjusted(300)
    next(pages)
    rebase(store, series_id)
    with pytest.raises(SeriesChangedError, match="Try again"):
        list(pages)
    closes = {bar[4] for page in open_bars(series_id, "splits", step=step).adjusted(300) for bar in page}
    assert closes == {100.0}


@pytest.mark.parametrize("fmt", ["csv", "parquet", "arrow"])
def test_a_file_on_two_bases_is_not_a_whole_file(store: Store, series_id: int, fmt: str) -> None:
    chunks = open_export(series_id, fmt).chunks
    next(chunks)
    rebase(store, series_id)
    with pytest.raises(SeriesChangedError):
        list(chunks)


def test_a_worker_that_adds_bars_disturbs_nobody(store: Store, series_id: int) -> None:
    pages = open_bars(series_id, "splits").adjusted(300)
    next(pages)
    with writing() as connection:
        queries_bars.upsert(connection, series_id, [(DAYS * DAY, 1.0, 1.0, 1.0, 1.0, 1.0, None, None)])
    assert len(list(pages)) == -(-DAYS // 300) - 1


@pytest.mark.parametrize("many", [1, DAYS * 2])
def test_a_frame_is_read_again_on_the_new_basis(
    store: Store, series_id: int, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    stored = open_bars(series_id, "splits")
    rebase(store, series_id)
    with pytest.raises(SeriesChangedError):
        frame_of(stored, many)
    opened = [stored]
    again: Callable[..., object] = open_bars
    monkeypatch.setattr(
        "webapp.framing.bars_reading.open_bars",
        lambda *args, **how: opened.pop() if opened else again(*args, **how),
        raising=True,
    )
    assert set(JobManager.bars("AAPL")["close"]) == {100.0}


def test_what_is_deleted_is_read_whole_while_it_is_there_and_not_at_all_afterwards(
    store: Store, series_id: int
) -> None:
    early, late = (open_bars(series_id, "splits").pages(300) for _ in range(2))
    for pages in (early, late):
        next(pages)
    deletion.delete(store.context, series_id)
    assert sum(len(page) for page in early) == DAYS - 300
    store.now += deletion.GRACE + dt.timedelta(seconds=1)
    while deletion.purge(store.context):
        continue
    with pytest.raises(SeriesChangedError):
        list(late)
