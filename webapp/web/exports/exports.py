"""Exports: the form with its preview, and files that are streamed at once. ``export_files`` has those made later."""

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webapp.context import context
from webapp.errors import InvalidRequestError
from webapp.exporting.archive import open_archive, open_file
from webapp.exporting.background import ExportQueued, request_export
from webapp.exporting.files import Export
from webapp.exporting.preview import rows_in
from webapp.exporting.requests import parse_export_request, parse_series_ids
from webapp.exporting.rules_exports import FORMATS, ExportRequest, is_large
from webapp.web.exports.forms import FIELDS, ExportForm, download_url, empty_form, filled_form, sent_request
from webapp.web.forms import RequestForm, picked_field
from webapp.web.htmx import go_to, wants_fragment
from webapp.web.pages import render_page
from webapp.web.toasts import Toast, show_on_next_page

blueprint = Blueprint("exports", __name__)
_ID = "<int(max=2147483647):series_id>"


class PickedForm(RequestForm):
    """The ids of series: in ``series`` often or with commas, in ``id`` from the boxes of a table."""

    series = picked_field()
    id = picked_field()


@blueprint.get("/exports/new")
def new() -> str:
    """Show the form for the series that the link names (``series``, often or with commas)."""
    named = ",".join(request.args.getlist("series"))
    return render_page("exports/new.html", form=empty_form(parse_series_ids(named)) if named else None)


@blueprint.post("/exports/new")
def new_for_selection() -> str:
    """Show the form for the series picked in a table; a link would be too long for some hundreds."""
    form = PickedForm(request.form)
    named = ",".join([*form.series.data, *form.id.data])
    return render_page("exports/new.html", form=empty_form(parse_series_ids(named)))


@blueprint.get(f"/ui/series/{_ID}/export")
def panel(series_id: int) -> str:
    """Return the form of one series, for its page."""
    return render_template("exports/_panel.html", form=empty_form((series_id,)))


@blueprint.post("/ui/exports/form")
def look() -> ResponseReturnValue:
    """Return the form with a preview of what it would give, or (422) with what is wrong beside its fields."""
    form = filled_form()
    return render_template("exports/_form.html", form=form), 422 if form.fields.problems else 200


@blueprint.post("/exports")
def submit() -> ResponseReturnValue:
    """Send the browser to the file, or, for a large one, have it made and go to the list of those."""
    try:
        export = sent_request()
    except InvalidRequestError as err:
        return _again(filled_form(err.fields)), 422
    if not is_large(len(export.series_ids), rows_in(export)):
        return go_to(download_url(export))
    show_on_next_page(_toast_for(request_export(context(), export)))
    return go_to(url_for("export_files.index"))


@blueprint.get(f"/series/{_ID}/export.<any({','.join(FORMATS)}):fmt>")
def series_file(series_id: int, fmt: str) -> Response:
    """Send the bars of a series as a file, streamed; all of them unless the query says otherwise."""
    export = _linked(str(series_id), fmt)
    return _answer(open_file(export, context().now()))


@blueprint.get("/exports/<ids>.zip")
def archive(ids: str) -> Response:
    """Send several series (ids with commas) as one file, streamed."""
    export = _linked(ids, request.args.get("format", ""))
    return _answer(open_archive(export, context().now()))


def _linked(ids: str, fmt: str) -> ExportRequest:
    return parse_export_request({name: request.args.get(name, "") for name in FIELDS} | {"series": ids, "format": fmt})


def _answer(opened: Export) -> Response:
    answer = Response(opened.chunks, mimetype=opened.mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=opened.filename)
    return answer


def _again(form: ExportForm) -> str:
    if wants_fragment():
        return render_template("exports/_form.html", form=form)
    return render_page("exports/new.html", form=form)


def _toast_for(queued: ExportQueued) -> Toast:
    notes = [gettext("It is large, so a worker makes it. You may leave this page; the file is kept for a week.")]
    if queued.queue_is_away:
        notes.append(gettext("The queue does not answer at the moment; it starts by itself when it is back."))
    return Toast("warning" if queued.queue_is_away else "success", gettext("The file is being made."), notes)
