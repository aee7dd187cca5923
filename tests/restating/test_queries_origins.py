"""Where bars came from, kept when the jobs go, on both databases."""

import datetime as dt

import pytest

from webapp.database.transactions import reading, writing
from webapp.errors import sentence
from webapp.jobs import queries_batches, queries_claims, queries_jobs
from webapp.jobs.claims import ChunkRecord, Release
from webapp.jobs.queries_batches import NewJob
from webapp.jobs.queries_jobs import JobFilter
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import JobState, Priority
from webapp.kernel.restatement_kinds import RestatementKind
from webapp.kernel.spans import Span
from webapp.restating import queries_origins, queries_restatements
from webapp.restating.queries_restatements import NewRestatement
from webapp.restating.rules_basis import Difference
from webapp.restating.rules_origins import Origin, Write
from webapp.series import queries_series
from webapp.upkeep import queries_cleaning

pytestmark = pytest.mark.usefixtures("app")
NOON = dt.datetime(2024, 3, 6, 12, tzinfo=dt.UTC)
EVER = Span(0, 10_000)


def make_series(symbol: str = "AAPL") -> int:
    with writing() as connection:
        return queries_series.ensure(connection, "yahoo", symbol, Interval.D1, "")


def job(series_id: int, at: dt.datetime, *chunks: tuple[int, int], rows: int = 5) -> int:
    """A job that committed chunks at a moment and then succeeded."""
    with writing() as connection:
        batch = queries_batches.new_batch(connection, "test", at)
        new = NewJob(series_id, EVER, {}, refresh=False, priority=Priority.NORMAL, chunks_total=len(chunks))
        job_id, _ = queries_batches.insert_job(connection, batch, new, at)
        claim = queries_claims.claim(connection, job_id, "worker", at, dt.timedelta(minutes=1))
        assert claim
        for start, end in chunks:
            done = ChunkRecord(Span(start, end), rows=rows, blanks=0, chunks_left=0, reached=end, seconds=0.1)
            queries_claims.commit_chunk(connection, claim, done, at)
        queries_claims.release(connection, claim, Release(JobState.SUCCEEDED), at)
        return job_id


def clean(before: dt.datetime) -> int:
    with writing() as connection:
        return queries_cleaning.delete_jobs(connection, before)


def read_kept(series_id: int) -> list[Origin]:
    with reading() as connection:
        return queries_origins.read_kept(connection, series_id, EVER)


def test_cleaning_up_keeps_who_brought_what_and_when() -> None:
    mine, theirs = make_series(), make_series("MSFT")
    first = job(mine, NOON, (0, 100), (100, 200))
    later = NOON + dt.timedelta(days=1)
    second = job(mine, later, (150, 300))
    beside = job(theirs, NOON, (0, 50))
    assert clean(later + dt.timedelta(hours=1)) == 3
    first_write, second_write, write_beside = Write(NOON, first), Write(later, second), Write(NOON, beside)
    assert read_kept(mine) == [
        Origin(Span(0, 150), first_write, first_write),
        Origin(Span(150, 200), first_write, second_write),
        Origin(Span(200, 300), second_write, second_write),
    ]
    assert read_kept(theirs) == [Origin(Span(0, 50), write_beside, write_beside)]
    with reading() as connection:
        assert queries_origins.read_committed(connection, mine, EVER) == []
        assert queries_origins.find_present(connection, [first, second]) == frozenset()


def test_what_is_kept_grows_by_what_goes_later_and_neighbours_of_one_job_stay_one() -> None:
    mine = make_series()
    first = job(mine, NOON, (0, 100), (200, 300))
    clean(NOON + dt.timedelta(hours=1))
    later = NOON + dt.timedelta(days=1)
    second = job(mine, later, (100, 200), (200, 250))
    with reading() as connection:
        assert [piece.span for piece in queries_origins.read_committed(connection, mine, Span(0, 150))] == [
            Span(100, 200)
        ]
        assert queries_origins.find_present(connection, [first, second]) == {second}
    assert clean(later + dt.timedelta(hours=1)) == 1
    first_write, second_write = Write(NOON, first), Write(later, second)
    assert read_kept(mine) == [
        Origin(Span(0, 100), first_write, first_write),
        Origin(Span(100, 200), second_write, second_write),
        Origin(Span(200, 250), first_write, second_write),
        Origin(Span(250, 300), first_write, first_write),
    ]


def test_an_empty_answer_brought_no_bar_and_a_job_at_work_stays() -> None:
    mine = make_series()
    job(mine, NOON, (0, 100), rows=0)
    with writing() as connection:
        batch = queries_batches.new_batch(connection, "test", NOON)
        new = NewJob(mine, EVER, {}, refresh=True, priority=Priority.NORMAL, chunks_total=1)
        active, _ = queries_batches.insert_job(connection, batch, new, NOON)
    assert clean(NOON + dt.timedelta(days=1)) == 1
    assert read_kept(mine) == []
    with reading() as connection:
        assert [row.id for row in queries_jobs.page(connection, JobFilter(series_id=mine))] == [active]
        assert queries_jobs.page(connection, JobFilter(series_id=mine + 1)) == []


def test_changes_are_found_by_the_bars_that_they_concern() -> None:
    mine = make_series()
    said = sentence("changed")
    values = (1.0, 1.0, 1.0, 1.0, 1.0)
    with writing() as connection:
        new = NewRestatement(mine, 7, RestatementKind.REBASED, 0, 100, 3, said, ratio=4.0)
        queries_restatements.add(connection, new, NOON)
        differing = [Difference(60, values, values)]
        new = NewRestatement(mine, 8, RestatementKind.VOLUMES, 60, 60, 1, said, differences=differing)
        queries_restatements.add(connection, new, NOON)
        queries_restatements.add(
            connection, NewRestatement(mine, 9, RestatementKind.PAYOUTS, None, None, 0, said), NOON
        )
    with reading() as connection:
        both = queries_origins.changes(connection, mine, Span(60, 61))
        assert [(change.job_id, change.kind, change.span) for change in both] == [
            (7, RestatementKind.REBASED, Span(0, 100)),
            (8, RestatementKind.VOLUMES, Span(60, 60)),
        ]
        assert [change.job_id for change in queries_origins.changes(connection, mine, Span(100, 101))] == [7]
        assert queries_origins.changes(connection, mine, Span(101, 200)) == []
        assert queries_origins.changed_times(connection, both[1].id) == [60]
