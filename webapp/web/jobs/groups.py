"""What a person may do to several jobs at once: to those picked in the table, or to a whole batch.

Each works with and without HTMX. Cancelling more than one is asked back first.
"""

from collections.abc import Iterable

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from webapp.collecting.groups import BatchOutcome, execute_batch, execute_each, meant_in
from webapp.collecting.verbs import JobCommand, Verb
from webapp.context import context
from webapp.errors import InvalidRequestError, sentence
from webapp.web.htmx import answer, wants_fragment
from webapp.web.jobs.commands import CommandForm
from webapp.web.jobs.outcomes import toast_for
from webapp.web.pages import render_page
from webapp.web.redirects import back_to, safe_path
from webapp.web.toasts import show_on_next_page

blueprint = Blueprint("job_groups", __name__)
_BATCH = "/batches/<int(max=2147483647):batch_id>"
_MOST = 1000
_DIGITS = 18


@blueprint.post("/jobs/cancellations")
def cancellations() -> ResponseReturnValue:
    """Cancel the jobs picked."""
    return _picked(Verb.CANCEL)


@blueprint.post("/jobs/pauses")
def pauses() -> ResponseReturnValue:
    """Pause the jobs picked."""
    return _picked(Verb.PAUSE)


@blueprint.post("/jobs/resumptions")
def resumptions() -> ResponseReturnValue:
    """Put the paused jobs picked back into the queue."""
    return _picked(Verb.RESUME)


@blueprint.post("/jobs/retries")
def retries() -> ResponseReturnValue:
    """Put the failed or cancelled jobs picked back into the queue."""
    return _picked(Verb.RETRY)


@blueprint.post("/jobs/priorities")
def priorities() -> ResponseReturnValue:
    """Give the jobs picked another priority."""
    return _picked(Verb.PRIORITY)


@blueprint.post(f"{_BATCH}/cancellation")
def batch_cancellation(batch_id: int) -> ResponseReturnValue:
    """Cancel what is not over of a batch."""
    return _batch(batch_id, Verb.CANCEL)


@blueprint.post(f"{_BATCH}/pause")
def batch_pause(batch_id: int) -> ResponseReturnValue:
    """Pause what is at work of a batch."""
    return _batch(batch_id, Verb.PAUSE)


@blueprint.post(f"{_BATCH}/resumption")
def batch_resumption(batch_id: int) -> ResponseReturnValue:
    """Put what is paused of a batch back into the queue."""
    return _batch(batch_id, Verb.RESUME)


@blueprint.post(f"{_BATCH}/retry")
def batch_retry(batch_id: int) -> ResponseReturnValue:
    """Put what failed of a batch, and nothing else, back into the queue."""
    return _batch(batch_id, Verb.RETRY)


@blueprint.post(f"{_BATCH}/priority")
def batch_priority(batch_id: int) -> ResponseReturnValue:
    """Give what is not over of a batch another priority."""
    return _batch(batch_id, Verb.PRIORITY)


def _picked(verb: Verb) -> ResponseReturnValue:
    form = CommandForm(request.form)
    ids = _ids(form)
    command = form.to_command(verb)
    if _is_to_confirm(form, verb, len(ids)):
        return _confirmation(form, command, ids, len(ids))
    return _answer(form, execute_each(context(), ids, command))


def _batch(batch_id: int, verb: Verb) -> ResponseReturnValue:
    form = CommandForm(request.form)
    command = form.to_command(verb)
    if verb is Verb.CANCEL and _is_to_confirm(form, verb, count := len(meant_in(batch_id, verb))):
        return _confirmation(form, command, (), count)
    return _answer(form, execute_batch(context(), batch_id, command))


def _ids(form: CommandForm) -> list[int]:
    """Return the ids of the jobs picked, each once.

    :raises InvalidRequestError: when there are none, or too many.
    :raises BadRequest: for an id that is no number.
    """
    texts = list(dict.fromkeys(form.id.data))
    if not texts:
        raise InvalidRequestError({"id": sentence("Select at least one collection first.")})
    if len(texts) > _MOST:
        message = sentence("At most %(most)d collections can be changed at once.", most=_MOST)
        raise InvalidRequestError({"id": message})
    if not all(text.isascii() and text.isdigit() and len(text) <= _DIGITS for text in texts):
        raise BadRequest
    return [int(text) for text in texts]


def _is_to_confirm(form: CommandForm, verb: Verb, count: int) -> bool:
    return verb is Verb.CANCEL and count > 1 and form.confirmed.data != "yes"


def _confirmation(form: CommandForm, command: JobCommand, ids: Iterable[int], count: int) -> ResponseReturnValue:
    """Ask back, in a dialog where a script asked and on a page of its own otherwise; the form leads here again."""
    values = {
        "url": request.path,
        "ids": ids,
        "count": count,
        "reason": command.reason,
        "next": safe_path(form.next.data, url_for("jobs.index")),
    }
    if not wants_fragment():
        return render_page("job_groups/confirmation.html", **values)
    return answer(render_template("job_groups/_confirmation.html", **values), retarget="#dialog")


def _answer(form: CommandForm, outcome: BatchOutcome) -> ResponseReturnValue:
    """Say what came of it: in a toast, while the table refreshes itself, or on the page where the button was."""
    toast = toast_for(outcome)
    if wants_fragment():
        return answer(render_template("job_groups/_toast.html", toast=toast), trigger="jobs-changed")
    show_on_next_page(toast)
    return back_to(form.next.data, url_for("jobs.index"))
