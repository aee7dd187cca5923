"""Importing a file of one's own: upload, say how it is to be read and see what that gives, import."""

from collections.abc import Mapping

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from webapp.context import context
from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.importing import imports, uploads
from webapp.importing.reading import Ask, first_ask
from webapp.importing.uploads import Uploaded
from webapp.sources.own.uploads import Report
from webapp.web.file_sizes import file_size
from webapp.web.htmx import go_to, wants_fragment
from webapp.web.imports import looks
from webapp.web.imports.forms import ImportForm, LayoutForm, UploadForm
from webapp.web.imports.incoming import IncomingRequest, allow_files
from webapp.web.imports.looks import LookView
from webapp.web.pages import render_page

blueprint = Blueprint("imports", __name__)
_ID = "<int(max=2147483647):inquiry_id>"
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
    """Keep a file, and go to the page that shows it once a worker has looked at it."""
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
    """Show the first lines of a file, how they are read, and what they become, once a worker has looked at it."""
    upload = uploads.find_upload(context(), token)
    number = request.args.get("look", type=int)
    inquiry = looks.find_look(token, number) if number else None
    if not upload.is_known:
        inquiry = inquiry or looks.ask_worker(token, None)
        if inquiry.message:
            return _ask_for_file(inquiry.message), 422 if context().queue.is_up() else 503
        if not inquiry.is_answered:
            return render_page("imports/looking.html", token=token, look=inquiry)
    ask = looks.asked_of(inquiry) if inquiry else None
    view = looks.view_look(inquiry) if inquiry and ask else None
    return _answer(uploads.find(context(), token), ask, {}, view=view)


@blueprint.get(f"/ui/imports/<token>/opening/{_ID}")
def opening(token: str, inquiry_id: int) -> ResponseReturnValue:
    """Tell whether a worker has opened a file; then its page is shown."""
    inquiry = looks.find_look(token, inquiry_id)
    if inquiry.is_answered and not inquiry.message:
        return go_to(url_for(".show", token=token))
    return render_template("imports/_looking.html", token=token, look=inquiry)


@blueprint.post("/ui/imports/<token>/preview")
def look(token: str) -> ResponseReturnValue:
    """Ask a worker what the first lines become when they are read as the form says; nothing is written."""
    uploaded = uploads.find(context(), token)
    ask = LayoutForm(request.form).to_ask(uploaded.about.layout.names)
    if wants_fragment():
        return render_template("imports/_look.html", token=token, look=looks.view_ask(token, ask), report=None)
    return redirect(url_for(".show", token=token, look=looks.ask_worker(token, ask).id), 303)


@blueprint.get(f"/ui/imports/<token>/looks/{_ID}")
def outcome(token: str, inquiry_id: int) -> str:
    """Show what a worker says that the first lines become, or that it has not answered yet."""
    view = looks.view_look(looks.find_look(token, inquiry_id))
    return render_template("imports/_look.html", token=token, look=view, report=None)


@blueprint.post("/imports/<token>/jobs")
def jobs(token: str) -> ResponseReturnValue:
    """Check the whole file and submit the jobs that write its bars; with what is wrong (422) nothing is queued."""
    uploaded = uploads.find(context(), token)
    ask = LayoutForm(request.form).to_ask(uploaded.about.layout.names)
    try:
        begun = imports.begin(context(), uploaded, ask)
    except InvalidRequestError as err:
        return _answer(uploaded, ask, err.fields)
    if begun.job_id is None:
        return _answer(uploaded, ask, {}, report=begun.report)
    if len(begun.job_ids) > 1:
        return go_to(url_for("jobs.index", batch=begun.batch_id))
    return go_to(url_for("jobs.show", job_id=begun.job_id))


def _ask_for_file(problem: Sentence | None) -> str:
    form = UploadForm()
    form.refuse({"file": problem} if problem else {})
    return render_page(
        "imports/new.html", form=form, limit=uploads.LARGEST_FILE, limit_text=file_size(uploads.LARGEST_FILE)
    )


def _answer(
    uploaded: Uploaded,
    ask: Ask | None,
    problems: Mapping[str, Sentence],
    *,
    report: Report | None = None,
    view: LookView | None = None,
) -> ResponseReturnValue:
    """Show the page of a file, or what a script replaces of it; 422 when something was wrong."""
    about = uploaded.about
    ask = ask or first_ask(about)
    fields = LayoutForm.saying(ask)
    fields.refuse(problems)
    values: dict[str, object] = {
        "form": ImportForm(fields, about.layout.names),
        "about": about,
        "size": file_size(about.size),
        "token": uploaded.token,
        "report": report,
        "look": view or looks.view_ask(uploaded.token, ask),
    }
    status = 422 if problems or report else 200
    if wants_fragment():
        return render_template("imports/_form.html", **values), status
    return render_page("imports/show.html", **values), status
