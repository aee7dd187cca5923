"""«Collecte de données»: the form, the preview of what it would do, and the submission."""

import datetime as dt
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from webapp.collecting import plan
from webapp.collecting import submit as jobs
from webapp.collecting.submit import Submission
from webapp.collecting.validation import validate_request
from webapp.context import context
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError
from webapp.gateways import saved
from webapp.jobs import queries_jobs as job_store
from webapp.jobs.queries_jobs import JobFilter, JobRow
from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.sources import choices as sources
from webapp.sources.option_fields import OPTION_FIELDS
from webapp.web.collect.forms import CollectForm, FormChoices, form_choices
from webapp.web.formats import say
from webapp.web.htmx import answer, wants_fragment
from webapp.web.job_prefill import like_job
from webapp.web.jobs.listing import JobQuery, listing, version
from webapp.web.pages import render_page, whole_number

blueprint = Blueprint("collect", __name__)
RECENT = 8
_SHOWN = 12
_NOTES = "submission-notes"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a submission has become: the jobs made (the first few), how many in all, and those that were there.

    ``notes`` say in the reader's language which symbols were one instrument.
    """

    batch_id: int
    made: list[JobRow]
    made_count: int
    repeated: list[JobRow]
    notes: list[str]
    queue_is_away: bool


@blueprint.get("/")
def index() -> str:
    """Show the form, and below it the newest jobs."""
    like = whole_number("like", 0)
    values = (like_job(jobs.find(like)) if like else {}) | _prefilled()
    form = CollectForm(data=values)
    form.imply(values.keys())
    form.fit(_choices(form))
    return _page(form, receipt=_parse_receipt())


@blueprint.post("/jobs")
def submit() -> ResponseReturnValue:
    """Queue what the form asks for; with what is wrong beside the fields (422), nothing is queued."""
    form = CollectForm(request.form)
    try:
        valid = validate_request(form.to_request(), context().now())
        submission = jobs.submit(context(), valid, "web")
    except InvalidRequestError as err:
        form.refuse(err.fields)
        return _fragment(form) if wants_fragment() else _page(form), 422
    notes = [say(note) for note in valid.notes[:_SHOWN]]
    if not wants_fragment():
        session[_NOTES] = [submission.batch_id, *notes]
        again = ",".join(str(job_id) for job_id in sorted(submission.repeated)[:_SHOWN])
        return redirect(url_for(".index", batch=submission.batch_id, again=again or None), 303)
    form.symbols.data = ""
    return answer(_fragment(form, receipt=_receipt(submission, notes)), trigger="jobs-changed")


@blueprint.post("/ui/plan")
def preview() -> str:
    """Say what the form would do if it were submitted now; queues nothing."""
    form = CollectForm(request.form)
    if not form.symbol_count:
        return render_template("collect/_plan.html", plan=None, form=form)
    try:
        valid = validate_request(form.to_request(), context().now())
        planned = plan.make_plan(context(), valid)
    except InvalidRequestError as err:
        form.refuse(err.fields)
        return render_template("collect/_plan.html", plan=None, form=form)
    return render_template("collect/_plan.html", plan=planned, form=form, notes=valid.notes)


@blueprint.post("/form")
def fields() -> ResponseReturnValue:
    """Show the fields that the chosen source has; what was typed stays, nothing is queued."""
    form = CollectForm(request.form)
    choices = _choices(form)
    form.fit(choices)
    if not wants_fragment():
        return _page(form)
    shown = render_template("collect/_fields.html", form=form, choices=choices)
    return answer(shown, trigger="fields-changed")


def _prefilled() -> dict[str, object]:
    """Return what a link has put into the form."""
    values: dict[str, object] = {name: request.args[name] for name in _LINKED if request.args.get(name)}
    for name in ("start", "end"):
        if name in values:
            values[name] = _date(str(values[name]))
    return values


_LINKED = (*COLLECT_FIELDS, *OPTION_FIELDS)


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError as err:
        raise BadRequest from err


def _choices(form: CollectForm) -> FormChoices:
    names = tuple(row.gateway.name for row in saved.listed(context()))
    return form_choices(form, sources.choices(context().now().timestamp()), names)


def _fragment(form: CollectForm, receipt: Receipt | None = None) -> str:
    return render_template("collect/_form.html", **_shown(form, receipt))


def _page(form: CollectForm, receipt: Receipt | None = None) -> str:
    recent = JobQuery(size=RECENT)
    return render_page("collect/index.html", listing=listing(recent, version(recent)), **_shown(form, receipt))


def _shown(form: CollectForm, receipt: Receipt | None) -> dict[str, object]:
    """Return what the form's template needs; ``strays`` are problems of fields that it does not show."""
    choices = _choices(form)
    strays = form.problems_beside(choices.shown)
    return {"form": form, "choices": choices, "strays": strays, "receipt": receipt}


def _receipt(submission: Submission, notes: list[str]) -> Receipt:
    repeated = sorted(submission.repeated)
    return _look_up(submission.batch_id, repeated, notes, queue_is_away=submission.queue_is_away)


def _parse_receipt() -> Receipt | None:
    """Return the receipt of the batch that a redirect names."""
    batch_id = whole_number("batch", 0)
    if not batch_id:
        return None
    again = [text for text in request.args.get("again", "").split(",") if text][:_SHOWN]
    if not all(text.isascii() and text.isdigit() and len(text) <= 10 for text in again):  # noqa: PLR2004
        raise BadRequest
    noted_for, *notes = session.pop(_NOTES, [0])
    return _look_up(
        batch_id, [int(text) for text in again], notes if noted_for == batch_id else [], queue_is_away=False
    )


def _look_up(batch_id: int, repeated: list[int], notes: list[str], *, queue_is_away: bool) -> Receipt:
    job_filter = JobFilter(made_for=batch_id)
    with reading() as connection:
        rows = job_store.page(connection, job_filter, limit=_SHOWN)
        count = job_store.count(connection, job_filter)
        there = [row for job_id in repeated[:_SHOWN] if (row := job_store.get(connection, job_id))]
    return Receipt(batch_id, rows[::-1], count, there, notes, queue_is_away)
