"""An export in the background, taken step by step as a worker does."""

from pathlib import Path

from tests.world import World, bar
from webapp.database.transactions import writing
from webapp.exporting import background, make, queries_moves
from webapp.exporting.queries_exports import ExportRow
from webapp.exporting.queries_moves import ExportClaim
from webapp.exporting.rules_exports import ExportRequest
from webapp.kernel.intervals import DAY, Interval
from webapp.series import queries_bars, queries_series


def go_on() -> bool:
    return False


def folder_of(world: World) -> Path:
    return world.context.folder / "exports"


def five_thousand_days(world: World) -> int:
    """A series that is more than one piece of a file."""
    with writing() as connection:
        series_id = queries_series.ensure(connection, "yahoo", "AAPL", Interval.D1, "")
        bars = [bar(DAY * n) for n in range(5000)]
        queries_series.extend_range(
            connection, series_id, queries_bars.upsert(connection, series_id, bars), 0, bars[-1][0], world.clock()
        )
    return series_id


def request_file(world: World, series_id: int) -> int:
    return background.request_export(world.context, ExportRequest((series_id,))).export_id


def work(world: World, export_id: int) -> ExportRow:
    make.run(world.context, export_id, go_on)
    return background.find(export_id)


def take(world: World, export_id: int) -> ExportClaim:
    """Claim an export as a worker does that then dies."""
    with writing() as connection:
        claim = queries_moves.claim(connection, export_id, world.clock())
    assert claim
    return claim
