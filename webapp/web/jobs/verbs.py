"""What a person may do to a job; a verb becomes a noun. Each works with and without HTMX."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from webapp.collecting.verbs import Verb, execute
from webapp.context import context
from webapp.web.htmx import notify, wants_fragment
from webapp.web.jobs.commands import CommandForm
from webapp.web.redirects import back_to

blueprint = Blueprint("job_actions", __name__)
_JOB = "/jobs/<int(max=2147483647):job_id>"


@blueprint.post(f"{_JOB}/cancellation")
def cancellation(job_id: int) -> ResponseReturnValue:
    """Cancel a job; what it collected stays."""
    return _done(Verb.CANCEL, job_id)


@blueprint.post(f"{_JOB}/pause")
def pause(job_id: int) -> ResponseReturnValue:
    """Pause a job."""
    return _done(Verb.PAUSE, job_id)


@blueprint.post(f"{_JOB}/resumption")
def resumption(job_id: int) -> ResponseReturnValue:
    """Put a paused job back into the queue."""
    return _done(Verb.RESUME, job_id)


@blueprint.post(f"{_JOB}/retry")
def retry(job_id: int) -> ResponseReturnValue:
    """Put a failed or cancelled job back into the queue."""
    return _done(Verb.RETRY, job_id)


@blueprint.post(f"{_JOB}/priority")
def priority(job_id: int) -> ResponseReturnValue:
    """Give a job another priority."""
    return _done(Verb.PRIORITY, job_id)


def _done(verb: Verb, job_id: int) -> ResponseReturnValue:
    """Act, then let the page's own fragments refresh themselves, or go back to where the button was."""
    form = CommandForm(request.form)
    execute(context(), job_id, form.to_command(verb))
    if wants_fragment():
        return notify("jobs-changed")
    return back_to(form.next.data, url_for("jobs.show", job_id=job_id))
