"""What a person may do to a job; a verb becomes a noun. Each works with and without HTMX."""

from collections.abc import Callable

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from webapp.routes.pages import is_htmx
from webapp.routes.redirects import back_to
from webapp.services import jobs
from webapp.services.context import Context, context
from webapp.store.jobs import JobRow

blueprint = Blueprint("job_actions", __name__)
_JOB = "/jobs/<int(max=9223372036854775807):job_id>"


@blueprint.post(f"{_JOB}/cancellation")
def cancellation(job_id: int) -> ResponseReturnValue:
    """Cancel a job; what it collected stays."""
    return _done(jobs.cancel, job_id)


@blueprint.post(f"{_JOB}/pause")
def pause(job_id: int) -> ResponseReturnValue:
    """Pause a job."""
    return _done(jobs.pause, job_id)


@blueprint.post(f"{_JOB}/resumption")
def resumption(job_id: int) -> ResponseReturnValue:
    """Put a paused job back into the queue."""
    return _done(jobs.resume, job_id)


@blueprint.post(f"{_JOB}/retry")
def retry(job_id: int) -> ResponseReturnValue:
    """Put a failed or cancelled job back into the queue."""
    return _done(jobs.retry, job_id)


def _done(act: Callable[[Context, int, str], JobRow], job_id: int) -> ResponseReturnValue:
    """Act, then let the page's own fragments refresh themselves, or go back to where the button was."""
    act(context(), job_id, "web")
    if is_htmx():
        return Response(status=204, headers={"HX-Trigger": "jobs-changed"})
    return back_to(request.form.get("next"), url_for("jobs.show", job_id=job_id))
