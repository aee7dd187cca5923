"""Importing a file of one's own: upload, say how it is to be read and see what that gives, import."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from webapp.context import context
from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.importing import imports, uploads
from webapp.importing.preview import SHOWN, Alternative, alternatives, preview
from webapp.importing.reading import Ask, first_ask
from webapp.importing.uploads import Uploaded
from webapp.sources.own.rules_imported import BadLines, Cell, UnreadableFileError
from webapp.web.file_sizes import file_size
from webapp.web.formats import decimals_of
from webapp.web.htmx import go_to, wants_fragment
from webapp.web.imports.forms import DECIMALS, ORDER_NAMES, ImportForm, LayoutForm, UploadForm, short
from webapp.web.imports.incoming import IncomingRequest, allow_files
from webapp.web.pages import render_page

blueprint = Blueprint("imports", __name__)
_TOO_LARGE = sentence(
    "This file is larger than %(size)s. Save it as Parquet, which takes a fifth of the room, or cut it in two."
)
_NO_FILE = sentence("Choose a file first.")


def register(app: Flask) -> None:
    """Let large files be written to disk as they arrive."""
    app.request_class = IncomingRequest


@blueprint.url_value_preprocessor
def before_reading(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Let large files in at one address; this runs before the form's token is checked, which reads the form."""
    allow_files(request)


@blueprint.get("/imports/new")
def new() -> str:
    """Ask for a file."""
    return _ask_for_file(None)


@blueprint.post("/imports")
def create() -> ResponseReturnValue:
    """Keep a file, and go to the page that shows it."""
    file = UploadForm(request.files).file.data
    if file is None or not file.filename:
        return _ask_for_file(_NO_FILE), 422
    try:
        token = uploads.receive(context(), file.stream, file.filename)
    except InvalidRequestError as err:
        return _ask_for_file(err.message), 422
    return redirect(url_for(".show", token=token), 303)


@blueprint.errorhandler(413)
def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Say how large a file may be."""
    return _ask_for_file(Sentence(_TOO_LARGE.text, {"size": file_size(uploads.LARGEST_FILE)})), 413


@blueprint.get("/imports/<token>")
def show(token: str) -> ResponseReturnValue:
    """Show the first lines of a file, how they are read, and what they become."""
    return _answer(uploads.find(context(), token), None, {})


@blueprint.post("/ui/imports/<token>/preview")
def look(token: str) -> ResponseReturnValue:
    """Show what the first lines become when they are read as the form says; nothing is written."""
    uploaded = uploads.find(context(), token)
    ask = LayoutForm(request.form).to_ask(uploaded.about.layout.names)
    if not wants_fragment():
        return _answer(uploaded, ask, {})
    try:
        values = _preview_values(uploaded, ask)
    except UnreadableFileError as err:
        values = {"seen": None, "stops": False, "missing": [err.message], "ways": []}
    return render_template("imports/_preview.html", report=None, **values)


@blueprint.post("/imports/<token>/jobs")
def jobs(token: str) -> ResponseReturnValue:
    """Check the whole file and submit the job that writes its bars; with what is wrong (422) nothing is queued."""
    uploaded = uploads.find(context(), token)
    ask = LayoutForm(request.form).to_ask(uploaded.about.layout.names)
    try:
        begun = imports.begin(context(), uploaded, ask)
    except InvalidRequestError as err:
        return _answer(uploaded, ask, err.fields)
    if begun.job_id is None:
        return _answer(uploaded, ask, {}, report=begun.report)
    return go_to(url_for("jobs.show", job_id=begun.job_id))


def _ask_for_file(problem: Sentence | None) -> str:
    form = UploadForm()
    form.refuse({"file": problem} if problem else {})
    return render_page(
        "imports/new.html", form=form, limit=uploads.LARGEST_FILE, limit_text=file_size(uploads.LARGEST_FILE)
    )


def _answer(
    uploaded: Uploaded, ask: Ask | None, problems: Mapping[str, Sentence], *, report: object = None
) -> ResponseReturnValue:
    """Show the page of a file, or what a script replaces of it; 422 when something was wrong."""
    head: Sequence[tuple[int, Sequence[Cell]]] = []
    try:
        head = uploads.head_of(uploaded)
    except UnreadableFileError as err:
        problems = {**problems, "file": err.message}
    about = uploaded.about
    ask = ask or first_ask(about.layout, [cells for _, cells in head], about.filename)
    fields = LayoutForm.saying(ask)
    fields.refuse(problems)
    values: dict[str, object] = {
        "form": ImportForm(fields, about.layout.names),
        "about": about,
        "size": file_size(about.size),
        "head": [(line, [short(cell) for cell in cells]) for line, cells in head[:SHOWN]],
        "token": uploaded.token,
        "report": report,
        **_preview_values(uploaded, ask, head),
    }
    status = 422 if problems or report else 200
    if wants_fragment():
        return render_template("imports/_form.html", **values), status
    return render_page("imports/show.html", **values), status


def _preview_values(
    uploaded: Uploaded, ask: Ask, head: Sequence[tuple[int, Sequence[Cell]]] | None = None
) -> dict[str, object]:
    """Return what the first lines become, or what is still to be said."""
    lines = uploads.head_of(uploaded) if head is None else head
    try:
        shown = preview(context(), uploaded.about, lines, ask)
    except InvalidRequestError as err:
        missing = {str(problem): problem for problem in err.fields.values()}
        ways = _alternative_rows(alternatives(context(), uploaded.about, lines, ask), ask)
        return {"seen": None, "stops": False, "missing": list(missing.values()), "ways": ways}
    decimals = decimals_of(price for bar in shown.bars for price in bar[1:5])
    return {"seen": shown, "stops": shown.bad > 0 and ask.bad is BadLines.STOP, "decimals": decimals, "missing": []}


def _alternative_rows(readings: Sequence[Alternative], ask: Ask) -> list[dict[str, object]]:
    """Return each way of reading a file: in words what is still to be said of it, and its bars."""
    return [
        {
            "words": [
                *(() if ask.order else (ORDER_NAMES[reading.order],)),
                *(() if ask.decimal else (DECIMALS[reading.decimal],)),
            ],
            "interval": reading.interval,
            "bars": reading.bars,
        }
        for reading in readings
    ]
