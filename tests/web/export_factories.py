"""Exports made in the background, as pages show them: in each state, without a worker."""

from flask import current_app

from tests.web.factories import NOW
from webapp.context import context
from webapp.database.transactions import writing
from webapp.errors import sentence
from webapp.exporting import queries_exports, queries_moves
from webapp.exporting.folder import folder_of
from webapp.exporting.make import run
from webapp.exporting.rules_exports import ExportRequest, ExportState


def make_export(series_id: int, state: ExportState = ExportState.DONE, fmt: str = "csv") -> int:
    """Make an export of a series and bring it into a state; one that is done has its file."""
    with writing() as connection:
        export_id = queries_exports.insert_new(connection, ExportRequest((series_id,), fmt), f"MSFT.{fmt}", 1000, NOW)
    if state is ExportState.DONE:
        run(context(), export_id, lambda: False)
        assert list(folder_of(context()).iterdir()), current_app.name
    elif state is ExportState.CANCELLED:
        with writing() as connection:
            queries_moves.cancel(connection, export_id, NOW)
    elif state is not ExportState.PENDING:
        with writing() as connection:
            claim = queries_moves.claim(connection, export_id, NOW)
            assert claim
            queries_moves.renew_lease(connection, claim, 400, NOW)
            if state is ExportState.FAILED:
                queries_moves.fail(connection, claim, sentence("There is no series %(id)d.", id=4711), NOW)
    return export_id
