"""Files that workers make: whole or not at all, once, whoever dies in between, and gone after a week."""

import datetime as dt
from pathlib import Path

import pytest

from tests.exporting.exporting import five_thousand_days, folder_of, go_on, request_file, take, work
from tests.world import World
from webapp.database.transactions import reading, writing
from webapp.errors import ConflictError, NotFoundError
from webapp.exporting import background, make, queries_exports, queries_moves
from webapp.exporting.files import open_export
from webapp.exporting.queries_exports import ExportRow
from webapp.exporting.rescue import deliver_due_exports, rescue_lost_exports
from webapp.exporting.rules_exports import ExportRequest, ExportState, percent
from webapp.kernel.intervals import DAY
from webapp.upkeep.clean_up import clean_up


@pytest.fixture
def folder(world: World) -> Path:
    return folder_of(world)


@pytest.fixture
def series_id(world: World) -> int:
    return five_thousand_days(world)


def test_a_file_is_requested_made_and_fetched(world: World, series_id: int, folder: Path) -> None:
    export_id = request_file(world, series_id)
    assert world.queue.sent == [export_id]
    with pytest.raises(ConflictError, match="not ready yet"):
        background.file_of(world.context, export_id)
    row = work(world, export_id)
    path, _ = background.file_of(world.context, export_id)
    assert path.read_bytes() == b"".join(open_export(series_id, "csv").chunks)
    assert (row.state, row.rows_done, row.rows_total, row.size) == (ExportState.DONE, 5000, 5000, path.stat().st_size)
    assert row.expires_at == world.clock() + dt.timedelta(days=7)
    assert [one.name for one in folder.iterdir()] == [path.name]


def test_a_message_delivered_twice_makes_one_file(world: World, series_id: int) -> None:
    export_id = request_file(world, series_id)
    first = work(world, export_id)
    assert work(world, export_id) == first
    make.run(world.context, 4711, go_on)


def test_without_a_queue_the_request_is_kept_and_the_clock_delivers_it(world: World, series_id: int) -> None:
    world.queue.is_away = True
    made = background.request_export(world.context, ExportRequest((series_id,)))
    assert made.queue_is_away
    assert deliver_due_exports(world.context) == 0
    world.queue.is_away = False
    assert deliver_due_exports(world.context) == 1
    assert deliver_due_exports(world.context) == 0
    world.clock.advance(60)  # the message was lost: the queue is empty
    assert deliver_due_exports(world.context) == 1
    assert world.queue.sent == [made.export_id] * 2


def test_a_worker_that_dies_leaves_the_file_to_another(world: World, series_id: int, folder: Path) -> None:
    export_id = request_file(world, series_id)
    dead = take(world, export_id)
    folder.mkdir()
    (folder / f"{export_id}-{dead.attempt}.part").write_bytes(b"half a file")
    world.clock.advance(59)
    assert rescue_lost_exports(world.context) == 0
    world.clock.advance(2)
    assert rescue_lost_exports(world.context) == 1
    assert list(folder.iterdir()) == []
    assert deliver_due_exports(world.context) == 1
    row = work(world, export_id)
    assert (row.state, row.attempt) == (ExportState.DONE, 2)
    assert [one.name for one in folder.iterdir()] == [row.file]


def test_what_a_worker_does_when_it_comes_back_from_the_dead_is_refused(
    world: World, series_id: int, folder: Path
) -> None:
    export_id = request_file(world, series_id)
    taken_over: list[ExportRow] = []

    def sleep_once() -> bool:
        """Another worker takes the export over and finishes it while this one sleeps between two chunks."""
        if not taken_over:
            world.clock.advance(61)
            assert rescue_lost_exports(world.context) == 1
            taken_over.append(work(world, export_id))
        return False

    make.run(world.context, export_id, sleep_once)
    assert background.find(export_id) == taken_over[0]
    assert (taken_over[0].state, taken_over[0].attempt) == (ExportState.DONE, 2)
    assert [one.name for one in folder.iterdir()] == [taken_over[0].file]


def test_an_export_that_keeps_killing_its_worker_is_set_aside(world: World, series_id: int) -> None:
    export_id = request_file(world, series_id)
    for _ in range(3):
        take(world, export_id)
        world.clock.advance(61)
        assert rescue_lost_exports(world.context) == 1
    row = background.find(export_id)
    assert row.state is ExportState.FAILED
    assert "stopped 3 times" in str(row.message)
    assert percent(row.state, row.rows_total, row.rows_total) == 99
    assert rescue_lost_exports(world.context) == 0


def test_a_worker_that_shows_itself_is_left_alone(world: World, series_id: int) -> None:
    claim = take(world, request_file(world, series_id))
    world.clock.advance(61)
    with writing() as connection:
        queries_moves.renew_lease(connection, claim, 1000, world.clock())
    assert rescue_lost_exports(world.context) == 0
    row = background.find(claim.export_id)
    assert (row.rows_done, percent(row.state, row.rows_done, row.rows_total)) == (1000, 20)


def test_a_worker_that_is_asked_to_stop_gives_the_export_back(world: World, series_id: int, folder: Path) -> None:
    export_id = request_file(world, series_id)
    make.run(world.context, export_id, lambda: True)
    assert background.find(export_id).state is ExportState.PENDING
    assert list(folder.iterdir()) == []
    assert deliver_due_exports(world.context) == 1
    assert work(world, export_id).state is ExportState.DONE


def test_what_is_cancelled_leaves_no_file_and_can_be_made_again(world: World, series_id: int, folder: Path) -> None:
    export_id = request_file(world, series_id)

    def cancel_once() -> bool:
        if background.find(export_id).state is ExportState.RUNNING:
            background.cancel(world.context, export_id)
        return False

    make.run(world.context, export_id, cancel_once)
    assert background.find(export_id).state is ExportState.CANCELLED
    assert list(folder.iterdir()) == []
    with pytest.raises(ConflictError, match="over already"):
        background.cancel(world.context, export_id)
    with pytest.raises(ConflictError, match="was cancelled"):
        background.file_of(world.context, export_id)
    background.repeat(world.context, export_id)
    assert work(world, export_id).state is ExportState.DONE
    with pytest.raises(ConflictError, match="is there"):
        background.repeat(world.context, export_id)


def test_what_is_deleted_is_gone_with_its_file_even_while_it_is_made(
    world: World, series_id: int, folder: Path
) -> None:
    made, under_way = request_file(world, series_id), request_file(world, series_id)
    work(world, made)
    background.delete(world.context, made)

    def delete_once() -> bool:
        with reading() as connection:
            is_there = queries_exports.get(connection, under_way) is not None
        if is_there:
            background.delete(world.context, under_way)
        return False

    make.run(world.context, under_way, delete_once)
    assert list(folder.iterdir()) == []
    for export_id in (made, under_way):
        with pytest.raises(NotFoundError, match="may have been deleted"):
            background.find(export_id)


def test_a_file_is_kept_for_a_week_and_its_row_for_a_month(world: World, series_id: int, folder: Path) -> None:
    export_id = request_file(world, series_id)
    work(world, export_id)
    world.clock.advance(7 * DAY - 1)
    clean_up(world.context, 90)
    assert background.file_of(world.context, export_id)[0].exists()
    world.clock.advance(2)
    clean_up(world.context, 90)
    row = background.find(export_id)
    assert (row.state, row.file, list(folder.iterdir())) == (ExportState.EXPIRED, None, [])
    with pytest.raises(ConflictError, match="kept for a week"):
        background.file_of(world.context, export_id)
    world.clock.advance(30 * DAY)
    clean_up(world.context, 90)
    with pytest.raises(NotFoundError):
        background.find(export_id)


def test_cleaning_up_leaves_alone_what_is_being_made_and_what_is_not_ours(
    world: World, series_id: int, folder: Path
) -> None:
    claim = take(world, request_file(world, series_id))
    folder.mkdir()
    names = {f"{claim.export_id}-{claim.attempt}.part", f"{claim.export_id}-{claim.attempt}.csv", "notes.txt"}
    for name in {*names, "4711-1.csv", "4711-1.part"}:
        (folder / name).touch()
    clean_up(world.context, 90)
    assert {one.name for one in folder.iterdir()} == names


def test_a_folder_that_cannot_be_written_is_said_with_what_to_do(world: World, series_id: int, folder: Path) -> None:
    folder.write_text("a file where the folder should be")
    export_id = request_file(world, series_id)
    row = work(world, export_id)
    assert row.state is ExportState.FAILED
    assert str(folder) in str(row.message)
    assert "MOISSON_FOLDER" in str(row.message)
    with pytest.raises(ConflictError, match="could not be made"):
        background.file_of(world.context, export_id)
    clean_up(world.context, 90)
    folder.unlink()
    background.repeat(world.context, export_id)
    assert work(world, export_id).state is ExportState.DONE


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_said_and_leaves_nothing_behind(world: World, series_id: int, folder: Path) -> None:
    export_id = request_file(world, series_id)
    folder.mkdir()
    (folder / f"{export_id}-1.part").symlink_to("/dev/full")
    row = work(world, export_id)
    assert row.state is ExportState.FAILED
    assert "is full. Make room there" in str(row.message)
    assert list(folder.iterdir()) == []


def test_a_file_that_this_process_does_not_see_is_said(world: World, series_id: int) -> None:
    export_id = request_file(world, series_id)
    work(world, export_id)
    path, _ = background.file_of(world.context, export_id)
    path.unlink()
    with pytest.raises(NotFoundError, match="must share it"):
        background.file_of(world.context, export_id)


def test_a_series_that_is_gone_by_then_fails_its_export(world: World, series_id: int) -> None:
    asked = ExportRequest((series_id, 4711))
    with writing() as connection:
        export_id = queries_exports.insert_new(connection, asked, "moisson.zip", 1, world.clock())
    row = work(world, export_id)
    assert (row.state, str(row.message)) == (ExportState.FAILED, "There is no series 4711.")


def test_what_was_asked_is_kept_whole(world: World) -> None:
    asked = ExportRequest((3, 1), "arrow", "all", dt.date(2024, 1, 2), dt.date(2024, 3, 4), "Asia/Tokyo", "1h")
    with writing() as connection:
        export_id = queries_exports.insert_new(connection, asked, "x.zip", 1, world.clock())
    assert background.find(export_id).asked == asked


def test_a_row_that_the_database_refuses_is_a_defect_and_ends_the_export(
    world: World, series_id: int, folder: Path
) -> None:
    export_id = request_file(world, series_id)
    with writing() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER refuse BEFORE UPDATE ON export WHEN NEW.state = 'done' "
            "BEGIN SELECT RAISE(ABORT, 'NOT NULL constraint failed'); END"
        )
    row = work(world, export_id)
    assert (row.state, row.message and str(row.message)) == (
        ExportState.FAILED,
        "An unexpected error (IntegrityError).",
    )
    assert [path.name for path in folder.iterdir()] == []
