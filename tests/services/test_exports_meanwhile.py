"""What happens to data and files while a worker makes a file of them."""

import datetime as dt
from collections.abc import Collection

import pytest
from sqlalchemy import Connection

from tests.services.conftest import World
from tests.services.exporting import five_thousand_days, folder_of, ordered, take, work
from webapp.domain.exports import ExportState
from webapp.domain.restatement_kinds import Kind
from webapp.errors import sentence
from webapp.services import background_exports, file_making
from webapp.services.clean_up import clean_up
from webapp.services.exports import open_export
from webapp.store import export_moves, exports, rebasing, restatements
from webapp.store.export_moves import MadeFile
from webapp.store.restatements import NewRestatement
from webapp.store.transactions import writing


def test_a_file_that_a_split_comes_into_is_made_anew(world: World) -> None:
    series_id = five_thousand_days(world)
    export_id = ordered(world, series_id)
    chunks: list[int] = []

    def split_in_the_middle() -> bool:
        if len(chunks) == 1:
            with writing() as connection:
                rebasing.rebase_bars(connection, series_id, 4.0, is_volume_too=True)
                told = NewRestatement(series_id, 1, Kind.REBASED, 0, 1, 1, sentence("re-based"), 4.0)
                restatements.add(connection, told, world.clock())
        chunks.append(1)
        return False

    file_making.run(world.context, export_id, split_in_the_middle)
    assert background_exports.find(export_id).state is ExportState.PENDING
    assert list(folder_of(world).iterdir()) == []
    assert work(world, export_id).state is ExportState.DONE
    path, _ = background_exports.file_of(world.context, export_id)
    assert path.read_bytes() == b"".join(open_export(series_id, "csv").chunks)


def test_what_is_handed_over_while_the_clock_sweeps_is_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    held, folder = take(world, ordered(world, five_thousand_days(world))), folder_of(world)
    folder.mkdir()
    name = f"{held.export_id}-{held.attempt}.csv"
    (folder / name).write_text("whole")
    asked = exports.running

    def handed_over(connection: Connection) -> Collection[int]:
        found = asked(connection)
        with writing() as other:
            export_moves.finish(other, held, MadeFile(name, 5, 1, world.clock() + dt.timedelta(days=1)), world.clock())
        return found

    monkeypatch.setattr(exports, "running", handed_over)
    clean_up(world.context, 90)
    assert (folder / name).exists()
