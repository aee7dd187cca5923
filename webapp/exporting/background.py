"""Files that are made in the background: requesting one, fetching it, and getting rid of it."""

from dataclasses import dataclass
from pathlib import Path

from webapp.context import Context
from webapp.database.transactions import reading, writing
from webapp.delivery import Delivery, deliver
from webapp.errors import ConflictError, NotFoundError, sentence
from webapp.exporting import queries_exports, queries_moves
from webapp.exporting.archive import archive_name
from webapp.exporting.counts import count_rows, rows_of
from webapp.exporting.files import named
from webapp.exporting.folder import folder_of, remove
from webapp.exporting.queries_exports import ExportRow
from webapp.exporting.rules_exports import ExportRequest, ExportState
from webapp.queue import TaskName

EXPORTS = Delivery(
    TaskName.EXPORT, queries_exports.due, queries_exports.mark_delivered, queries_exports.clear_delivered
)


@dataclass(frozen=True, slots=True)
class ExportQueued:
    """A request for a file, written down. When the queue is away, the clock delivers it."""

    export_id: int
    queue_is_away: bool


def request_export(context: Context, request: ExportRequest) -> ExportQueued:
    """Write a request for a file down and send it to a worker.

    :raises NotFoundError: when a series is not there.
    """
    rows = rows_of(request)
    now = context.now()
    filename = (
        archive_name(request, now) if request.is_archive else named(rows[0], request.fmt, request.adjust, request.step)
    )
    with reading() as connection:
        total = sum(count_rows(connection, row, request) for row in rows)
    with writing() as connection:
        export_id = queries_exports.insert_new(connection, request, filename, total, now)
    return ExportQueued(export_id, queue_is_away=not deliver(context, EXPORTS, [export_id]))


def find(export_id: int) -> ExportRow:
    """Return an export.

    :raises NotFoundError: when there is none of this id.
    """
    with reading() as connection:
        row = queries_exports.get(connection, export_id)
    if row is None:
        raise NotFoundError(sentence("There is no export %(id)d. It may have been deleted.", id=export_id))
    return row


def file_of(context: Context, export_id: int) -> tuple[Path, ExportRow]:
    """Return where the file of an export lies.

    :raises ConflictError: while there is none, or none any more.
    :raises NotFoundError: when there is no such export, or this process does not see its file.
    """
    row = find(export_id)
    if row.state is not ExportState.DONE or row.file is None:
        why = _WITHOUT_FILE.get(row.state, _WITHOUT_FILE[ExportState.PENDING])
        raise ConflictError(why)
    path = folder_of(context) / row.file
    if not path.is_file():
        message = sentence(
            "The file is not in the folder %(folder)s. Web server and worker must share it (MOISSON_FOLDER); if they "
            "do, somebody deleted it. Delete this export and make a new one.",
            folder=str(path.parent),
        )
        raise NotFoundError(message)
    return path, row


_WITHOUT_FILE = {
    ExportState.PENDING: sentence("This file is not ready yet. The list of exports says how far it is."),
    ExportState.FAILED: sentence("This file could not be made. The list of exports says why."),
    ExportState.CANCELLED: sentence("This export was cancelled. It can be made again from the list of exports."),
    ExportState.EXPIRED: sentence("This file was kept for a week and has been deleted. Make it again if you need it."),
}


def cancel(context: Context, export_id: int) -> None:
    """Cancel an export that is not over; a worker that makes it stops within seconds.

    :raises NotFoundError: when there is none of this id.
    :raises ConflictError: when it is over.
    """
    find(export_id)
    with writing() as connection:
        if not queries_moves.cancel(connection, export_id, context.now()):
            raise ConflictError(sentence("This export is over already; there is nothing to cancel."))


def repeat(context: Context, export_id: int) -> ExportQueued:
    """Make the file of an export again that failed, was cancelled, or has expired.

    :raises NotFoundError: when there is none of this id.
    :raises ConflictError: when its file is there or on its way.
    """
    find(export_id)
    with writing() as connection:
        if not queries_moves.repeat(connection, export_id):
            raise ConflictError(sentence("The file of this export is there, or on its way."))
    return ExportQueued(export_id, queue_is_away=not deliver(context, EXPORTS, [export_id]))


def delete(context: Context, export_id: int) -> None:
    """Forget an export and delete its file; a worker that makes it stops within seconds.

    :raises NotFoundError: when there is none of this id.
    """
    row = find(export_id)
    with writing() as connection:
        queries_exports.forget(connection, export_id)
    if row.file is not None:
        remove(context, row.file)
