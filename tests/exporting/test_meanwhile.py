"""What happens to data and files while a worker makes a file of them."""

import datetime as dt
from collections.abc import Collection

import pytest
from sqlalchemy import Connection

from tests.exporting.exporting import five_thousand_days, folder_of, request_file, take, work
from tests.world import World
from webapp.database.transactions import writing
from webapp.errors import sentence
from webapp.exporting import background, make, queries_exports, queries_moves
from webapp.exporting.files import open_export
from webapp.exporting.queries_moves import MadeFile
from webapp.exporting.rules_exports import ExportState
from webapp.kernel.restatement_kinds import RestatementKind
from webapp.restating import queries_restatements
from webapp.restating.queries_restatements import NewRestatement
from webapp.series import queries_rebasing
from webapp.upkeep.clean_up import clean_up


def test_a_file_that_a_split_comes_into_is_made_anew(world: World) -> None:
    series_id = five_thousand_days(world)
    export_id = request_file(world, series_id)
    chunks: list[int] = []

    def split_in_the_middle() -> bool:
        if len(chunks) == 1:
            with writing() as connection:
                queries_rebasing.rebase_bars(connection, series_id, 4.0, is_volume_too=True)
                told = NewRestatement(series_id, 1, RestatementKind.REBASED, 0, 1, 1, sentence("re-based"), 4.0)
                queries_restatements.add(connection, told, world.clock())
        chunks.append(1)
        return False

    make.run(world.context, export_id, split_in_the_middle)
    assert background.find(export_id).state is ExportState.PENDING
    assert list(folder_of(world).iterdir()) == []
    assert work(world, export_id).state is ExportState.DONE
    path, _ = background.file_of(world.context, export_id)
    assert path.read_bytes() == b"".join(open_export(series_id, "csv").chunks)


def test_what_is_handed_over_while_the_clock_sweeps_is_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    claim, folder = take(world, request_file(world, five_thousand_days(world))), folder_of(world)
    folder.mkdir()
    name = f"{claim.export_id}-{claim.attempt}.csv"
    (folder / name).write_text("whole")
    asked = queries_exports.running

    def handed_over(connection: Connection) -> Collection[int]:
        found = asked(connection)
        with writing() as other:
            queries_moves.finish(
                other, claim, MadeFile(name, 5, 1, world.clock() + dt.timedelta(days=1)), world.clock()
            )
        return found

    monkeypatch.setattr(queries_exports, "running", handed_over)
    clean_up(world.context, 90)
    assert (folder / name).exists()
