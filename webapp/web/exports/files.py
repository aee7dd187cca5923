"""«Exports»: the files that workers make and that are kept for a while."""

from dataclasses import dataclass

from flask import Blueprint, Response, redirect, send_file, url_for
from flask.typing import ResponseReturnValue

from webapp.context import context
from webapp.database.transactions import reading
from webapp.errors import Sentence
from webapp.exporting import background, queries_exports
from webapp.exporting.archive import MIMETYPE
from webapp.exporting.files import MIMETYPES
from webapp.exporting.queries_exports import ExportRow
from webapp.exporting.rules_exports import OVER, REPEATABLE, ExportState, percent
from webapp.web.exports.wording import FORMAT_NAMES, ICONS, LOOKS, STATES
from webapp.web.file_sizes import file_size
from webapp.web.htmx import notify, wants_fragment
from webapp.web.pages import render_page, whole_number
from webapp.web.versions import polled, version_of

blueprint = Blueprint("export_files", __name__)
_ID = "<int(max=2147483647):export_id>"
_PAGE_SIZE = 50
_POLL_SECONDS = 2


@dataclass(frozen=True, slots=True)
class ExportView:
    """A row of the list."""

    row: ExportRow
    state: Sentence
    icon: str
    look: str
    percent: int
    format_name: str
    size: str
    can_download: bool
    can_cancel: bool
    can_repeat: bool
    can_delete: bool


@dataclass(frozen=True, slots=True)
class ExportListing:
    """A page of the list. ``poll`` is None when nothing is left to watch."""

    rows: list[ExportView]
    page: int
    pages: int
    poll: int | None
    url: str


@blueprint.get("/exports")
def index() -> str:
    """Show the list."""
    page = _page()
    return render_page("exports/index.html", listing=_listing(page, _version(page)))


@blueprint.get("/ui/exports/table")
def table() -> ResponseReturnValue:
    """Show the list alone, or 204 when the browser has this version of it."""
    page = _page()
    return polled(
        "exports/_table.html",
        version=lambda: _version(page),
        load=lambda version: {"listing": _listing(page, version)},
    )


@blueprint.get(f"/exports/{_ID}/file")
def file(export_id: int) -> Response:
    """Send the file; a download that broke goes on where it was."""
    path, row = background.file_of(context(), export_id)
    kind = MIMETYPE if row.asked.is_archive else MIMETYPES[row.asked.fmt]
    answer = send_file(path, mimetype=kind.partition(";")[0], conditional=True)
    answer.headers.set("Content-Disposition", "attachment", filename=row.filename)
    return answer


@blueprint.post(f"/exports/{_ID}/cancellation")
def cancellation(export_id: int) -> ResponseReturnValue:
    """Cancel an export."""
    background.cancel(context(), export_id)
    return _changed()


@blueprint.post(f"/exports/{_ID}/repetition")
def repetition(export_id: int) -> ResponseReturnValue:
    """Make a file again."""
    background.repeat(context(), export_id)
    return _changed()


@blueprint.post(f"/exports/{_ID}/removal")
def removal(export_id: int) -> ResponseReturnValue:
    """Delete an export with its file."""
    background.delete(context(), export_id)
    return _changed()


def _changed() -> ResponseReturnValue:
    if wants_fragment():
        return notify("exports-changed")
    return redirect(url_for(".index"), 303)


def _page() -> int:
    return whole_number("page", 1, most=100_000)


def _listing(page: int, version: str) -> ExportListing:
    with reading() as connection:
        rows = queries_exports.page(connection, limit=_PAGE_SIZE, offset=(page - 1) * _PAGE_SIZE)
        total = queries_exports.count(connection)
    is_moving = any(row.state not in OVER for row in rows)
    return ExportListing(
        rows=[_view(row) for row in rows],
        page=page,
        pages=max(1, -(-total // _PAGE_SIZE)),
        poll=_POLL_SECONDS if is_moving else None,
        url=url_for(".table", page=page if page > 1 else None, v=version if is_moving else None),
    )


def _version(page: int) -> str:
    with reading() as connection:
        rows = queries_exports.page(connection, limit=_PAGE_SIZE, offset=(page - 1) * _PAGE_SIZE)
    return version_of(rows=[(row.id, row.revision) for row in rows])


def _view(row: ExportRow) -> ExportView:
    return ExportView(
        row=row,
        state=STATES[row.state],
        icon=ICONS[row.state],
        look=LOOKS[row.state],
        percent=percent(row.state, row.rows_done, row.rows_total),
        format_name=FORMAT_NAMES[row.asked.fmt],
        size="" if row.size is None else file_size(row.size),
        can_download=row.state is ExportState.DONE,
        can_cancel=row.state not in OVER,
        can_repeat=row.state in REPEATABLE,
        can_delete=row.state in OVER,
    )
