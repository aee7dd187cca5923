"""What follows from an import: its job, what is known of the series then, and what becomes of the file."""

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp.collecting import submit
from webapp.collecting.validation import validate_request
from webapp.coverage import completeness, gaps
from webapp.coverage.rules_expected import CellState
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError, NotFoundError
from webapp.importing import uploads
from webapp.jobs import queries_events
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import ErrorKind, JobState
from webapp.kernel.plans import Verdict
from webapp.kernel.requests import CollectRequest
from webapp.kernel.spans import Span
from webapp.series import queries_coverage, queries_series
from webapp.sources import choices

from .importing import FEBRUARY, PLAIN, Desk, days, made_tables, opened_desk, stored


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the tables once; every test copies them."""
    return made_tables(tmp_path_factory.mktemp("tables"))


@pytest.fixture
def desk(tmp_path: Path, tables: Path) -> Iterator[Desk]:
    with opened_desk(tmp_path, tables) as opened:
        yield opened


def test_a_newer_file_adds_and_corrects_and_says_so(desk: Desk) -> None:
    desk.write(days(1, 2, 5, volume=10))
    job = desk.write(days(2, 5, 6, volume=20))
    assert [row[5] for row in stored(job)] == [10, 20, 20, 20]
    with reading() as connection:
        coverage = queries_coverage.read(connection, job.series_id)
        kinds = [event.kind for event in queries_events.read(connection, job.id, 20)]
    told_days = [Span(FEBRUARY, FEBRUARY + 2 * 86_400), Span(FEBRUARY + 4 * 86_400, FEBRUARY + 6 * 86_400)]
    assert [(row.span, row.verdict) for row in coverage] == [(span, Verdict.HAVE) for span in told_days]
    assert "restated" in kinds


def test_a_file_on_another_basis_wins_bar_by_bar_and_moves_nothing_else(desk: Desk) -> None:
    old = [f"{FEBRUARY - 60 * 1000 * number},400,400,400,400,8\n" for number in range(120)]
    desk.write(PLAIN + "".join(old), interval=Interval.M1)
    halves = [line if number < 60 else line.replace("400", "100") for number, line in enumerate(old[2:])]
    job = desk.write(PLAIN + "".join(halves), interval=Interval.M1)
    assert [row[4] for row in stored(job)] == [100.0] * 58 + [400.0] * 62


def test_another_file_for_the_same_days_waits_for_the_first(desk: Desk) -> None:
    first = desk.begin(days(1, 2))
    assert desk.begin(days(1, 2)).job_id == first.job_id, "a button that was pressed twice"
    with pytest.raises(InvalidRequestError, match="is not over yet"):
        desk.begin(days(1, 2, volume=99))
    assert first.job_id is not None
    desk.work(first.job_id)
    assert [row[5] for row in stored(desk.write(days(1, 2, volume=99)))] == [99, 99]


def test_importing_the_same_file_twice_changes_nothing(desk: Desk) -> None:
    first = desk.write(days(1, 2))
    again = desk.write(days(1, 2))
    assert again.state is JobState.SUCCEEDED
    assert stored(again) == stored(first)


def test_a_long_file_is_written_in_several_chunks(desk: Desk) -> None:
    lines = [f"{FEBRUARY - 60 * 1000 * number},1,2,1,2,0\n" for number in range(120)]
    job = desk.write(PLAIN + "".join(lines), interval=Interval.M1)
    assert job.progress.done == 3
    assert (job.rows_written, len(stored(job))) == (120, 120)


def test_a_job_whose_file_is_gone_fails_with_a_hint(desk: Desk) -> None:
    begun = desk.begin(days(1, 2))
    shutil.rmtree(uploads.folder_of(desk.world.context))
    assert begun.job_id is not None
    job = desk.work(begun.job_id)
    assert (job.state, job.error_kind) == (JobState.FAILED, ErrorKind.BAD_REQUEST)
    assert "Import it once more" in str(job.hint)


def test_without_a_queue_the_job_is_kept(desk: Desk) -> None:
    desk.world.queue.is_away = True
    begun = desk.begin(days(1, 2))
    assert begun.job_id is not None
    assert submit.find(begun.job_id).state is JobState.PENDING


def test_files_go_after_a_day_and_their_address_says_so(desk: Desk) -> None:
    uploaded, _ = desk.upload(days(1, 2))
    uploads.clear(desk.world.context)
    assert uploads.find(desk.world.context, uploaded.token)
    before = (desk.world.clock.at - dt.timedelta(days=1, minutes=1)).timestamp()
    os.utime(uploaded.upload.folder, (before, before))
    uploads.clear(desk.world.context)
    with pytest.raises(NotFoundError, match="kept for a day"):
        uploads.find(desk.world.context, uploaded.token)
    with pytest.raises(NotFoundError):
        uploads.find(desk.world.context, "../../etc/passwd")


def test_a_job_that_waits_for_days_keeps_its_file(desk: Desk) -> None:
    begun = desk.begin(days(1, 2))
    assert begun.job_id is not None
    desk.world.clock.at = dt.datetime.now(dt.UTC) + dt.timedelta(days=3)
    uploads.clear(desk.world.context)
    assert desk.work(begun.job_id).state is JobState.SUCCEEDED
    assert list(uploads.folder_of(desk.world.context).iterdir()) != []
    uploads.clear(desk.world.context)
    assert list(uploads.folder_of(desk.world.context).iterdir()) == [], "nothing needs it any more"


def test_own_data_are_not_offered_for_collection_nor_asked_for(desk: Desk) -> None:
    job = desk.write(days(1, 2, 7, 8))
    assert "own" not in [item.name for item in choices.choices(desk.world.context.now().timestamp())]
    with pytest.raises(InvalidRequestError, match="imported these data yourself"):
        validate_request(CollectRequest("own", ("MINE",), Interval.D1, period="max"), desk.world.context.now())
    with reading() as connection:
        row = queries_series.get(connection, job.series_id)
    assert row
    report = gaps.report(desk.world.context, row)
    assert [(item.gap.span, str(item.refusal)[:26]) for item in report.gaps] == [
        (Span(FEBRUARY + 4 * 86_400, FEBRUARY + 6 * 86_400), "You imported these data yo")
    ]
    assert report.fillable == ()


def test_sessions_without_a_bar_in_the_file_are_missing_and_not_confirmed_as_empty(desk: Desk) -> None:
    job = desk.write(days(1, 2, 7, 8), calendar="XPAR")
    with reading() as connection:
        row = queries_series.get(connection, job.series_id)
        coverage = queries_coverage.read(connection, job.series_id)
    assert row
    report = gaps.report(desk.world.context, row)
    assert [part.verdict for part in coverage] == [Verdict.HAVE, Verdict.HAVE]
    states = {cell.label: cell.state for cell in gaps.cells(report, 2024) if cell.state is not CellState.NOT_ASKED}
    assert list(states.values())[:6] == [
        *(CellState.HAVE, CellState.HAVE, CellState.MISSING, CellState.MISSING, CellState.HAVE, CellState.HAVE)
    ]
    counted = completeness.count(desk.world.context, row)
    assert (counted.sessions, counted.missing) == (6, 2)


def test_a_day_of_minutes_is_known_when_the_file_has_any_of_it(desk: Desk) -> None:
    day, minute = 86_400, 60
    times = [FEBRUARY + number * day + 9 * 3600 + place * minute for number in (0, 4, 5, 7) for place in (0, 1, 300)]
    far = FEBRUARY + 28 * day + 9 * 3600  # the first chunk ends at 03:40 of this day
    lines = [f"{time},1,2,1,2,0\n" for time in (*times, far, far + minute)]
    job = desk.write(PLAIN + "".join(lines), interval=Interval.M1, calendar="XLON")
    with reading() as connection:
        row = queries_series.get(connection, job.series_id)
        spans = [item.span for item in queries_coverage.read(connection, job.series_id)]
    assert row
    days_of = [range(1), range(4, 6), range(7, 8)]
    whole = [Span(FEBRUARY + item.start * day, FEBRUARY + item.stop * day) for item in days_of]
    assert spans == [
        Span(times[0], whole[0].end),
        *whole[1:],
        Span(FEBRUARY + 28 * day, far + 2 * minute),
    ]
    missing = [item.gap.sessions for item in reversed(gaps.report(desk.world.context, row).gaps)]
    assert missing == [1, 1, 14, 1], "Friday, Wednesday, what follows, and the rest of the last day; no weekends"
