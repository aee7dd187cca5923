"""An export in the background, taken step by step as a worker does."""

from pathlib import Path

from webapp.domain.exports import ExportRequest
from webapp.domain.intervals import DAY, Interval
from webapp.services import background_exports, file_making
from webapp.store import bars, export_moves, series
from webapp.store.export_moves import ExportClaim
from webapp.store.exports import ExportRow
from webapp.store.transactions import writing

from .conftest import World, bar


def go_on() -> bool:
    return False


def folder_of(world: World) -> Path:
    return world.context.folder / "exports"


def five_thousand_days(world: World) -> int:
    """A series that is more than one piece of a file."""
    with writing() as connection:
        made = series.ensure(connection, "yahoo", "AAPL", Interval.D1, "")
        several = [bar(DAY * n) for n in range(5000)]
        series.grow(connection, made, bars.upsert(connection, made, several), 0, several[-1][0], world.clock())
    return made


def ordered(world: World, series_id: int) -> int:
    return background_exports.order(world.context, ExportRequest((series_id,))).export_id


def work(world: World, export_id: int) -> ExportRow:
    file_making.run(world.context, export_id, go_on)
    return background_exports.find(export_id)


def take(world: World, export_id: int) -> ExportClaim:
    """Claim an export as a worker does that then dies."""
    with writing() as connection:
        held = export_moves.claim(connection, export_id, world.clock())
    assert held
    return held
