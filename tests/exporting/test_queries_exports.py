"""The moves of exports, on both databases: each is won by one, and a worker's last word counts once."""

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from webapp.database.transactions import reading, writing
from webapp.errors import LeaseLostError, sentence
from webapp.exporting import queries_exports, queries_moves
from webapp.exporting.queries_exports import ExportRow
from webapp.exporting.queries_moves import ExportClaim, MadeFile
from webapp.exporting.rules_exports import ExportRequest, ExportState

NOW = dt.datetime(2024, 3, 6, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def no_exports(app: Flask) -> None:
    with writing() as connection:
        connection.execute(text("DELETE FROM export"))


def new() -> int:
    with writing() as connection:
        return queries_exports.insert_new(connection, ExportRequest((1, 2), "arrow"), "a.zip", 10, NOW)


def claim(export_id: int, at: dt.datetime = NOW) -> ExportClaim | None:
    with writing() as connection:
        return queries_moves.claim(connection, export_id, at)


def get(export_id: int) -> ExportRow:
    with reading() as connection:
        row = queries_exports.get(connection, export_id)
    assert row
    return row


def test_one_of_many_workers_gets_it(app: Flask) -> None:
    export_id = new()
    won: list[ExportClaim] = []

    def try_it() -> None:
        with app.app_context():
            taken = claim(export_id)
        if taken:
            won.append(taken)

    workers = [threading.Thread(target=try_it) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert won == [ExportClaim(export_id, 1)]


def test_an_old_attempt_says_nothing_any_more() -> None:
    export_id = new()
    old = claim(export_id)
    assert old
    with writing() as connection:
        [lost] = queries_moves.lost(connection, NOW + MINUTE, 10)
        assert queries_moves.rescue(connection, lost, NOW + MINUTE)
        assert not queries_moves.rescue(connection, lost, NOW + MINUTE)
    now = claim(export_id, NOW + MINUTE)
    assert now == ExportClaim(export_id, 2)
    file = MadeFile("1-1.zip", 5, 10, NOW + 7 * 1440 * MINUTE)
    with writing() as connection:
        moves: tuple[Callable[[], None], ...] = (
            lambda: queries_moves.renew_lease(connection, old, 9, NOW),
            lambda: queries_moves.finish(connection, old, file, NOW),
            lambda: queries_moves.fail(connection, old, sentence("x"), NOW),
            lambda: queries_moves.release(connection, old),
        )
        for move in moves:
            with pytest.raises(LeaseLostError, match=f"Attempt 1 of export {export_id} is no longer"):
                move()
        queries_moves.finish(connection, now, file, NOW)
    row = get(export_id)
    assert (row.state, row.file, row.rows_done, row.size, row.attempt) == (ExportState.DONE, "1-1.zip", 10, 5, 2)


def test_each_change_is_seen_by_its_revision() -> None:
    export_id = new()
    held = claim(export_id)
    assert held
    seen = [get(export_id).revision]
    with writing() as connection:
        queries_moves.renew_lease(connection, held, 3, NOW)
    seen.append(get(export_id).revision)
    with writing() as connection:
        queries_moves.cancel(connection, export_id, NOW)
    seen.append(get(export_id).revision)
    assert seen == sorted(set(seen))


def test_what_is_due_and_what_a_message_announces() -> None:
    first, second = new(), new()
    with writing() as connection:
        assert list(queries_exports.mark_delivered(connection, [first], NOW, NOW)) == [first]
        assert list(queries_exports.mark_delivered(connection, [first, second], NOW, NOW)) == [second]
        assert queries_exports.due(connection, NOW, 10, NOW) == []
        assert queries_exports.due(connection, NOW, 10, NOW + MINUTE) == [first, second]
        queries_exports.clear_delivered(connection, [second])
        assert queries_exports.due(connection, NOW, 10, NOW) == [second]
        assert [row.id for row in queries_exports.page(connection)] == [second, first]
        assert queries_exports.count(connection) == 2


def test_files_expire_once_and_are_named_until_then() -> None:
    export_id = new()
    held = claim(export_id)
    assert held
    with writing() as connection:
        assert queries_exports.running(connection) == {export_id}
        queries_moves.finish(connection, held, MadeFile("1-1.zip", 5, 10, NOW + MINUTE), NOW)
        assert queries_moves.expire(connection, NOW) == []
        assert queries_exports.files(connection) == {"1-1.zip"}
        assert queries_moves.expire(connection, NOW + 2 * MINUTE) == ["1-1.zip"]
        assert queries_moves.expire(connection, NOW + 2 * MINUTE) == []
        assert queries_exports.files(connection) == set()
        assert queries_exports.forget_before(connection, NOW) == 0
        assert queries_exports.forget_before(connection, NOW + MINUTE) == 1
