"""What may be asked of a job; a verb becomes a noun."""

from webapp.api.endpoints import Answers, Endpoints
from webapp.api.jobs import JOB, shown
from webapp.api.schemas import Job
from webapp.collecting.verbs import JobCommand, Verb, execute
from webapp.context import context
from webapp.jobs.records import JobRecord

endpoints = Endpoints("job_actions", __name__, "Cancel, pause, resume and retry; 409 when a job's state forbids it.")
_DONE = Answers(Job, 202, (409,))


@endpoints.post(f"{JOB}/cancellation", _DONE)
def cancel(job_id: int) -> JobRecord:
    """Cancel a job; what it collected stays."""
    return _execute(Verb.CANCEL, job_id)


@endpoints.post(f"{JOB}/pause", _DONE)
def pause(job_id: int) -> JobRecord:
    """Pause a job."""
    return _execute(Verb.PAUSE, job_id)


@endpoints.post(f"{JOB}/resumption", _DONE)
def resume(job_id: int) -> JobRecord:
    """Put a paused job back into the queue."""
    return _execute(Verb.RESUME, job_id)


@endpoints.post(f"{JOB}/retry", _DONE)
def retry(job_id: int) -> JobRecord:
    """Put a failed or cancelled job back into the queue; it goes on from what it has."""
    return _execute(Verb.RETRY, job_id)


def _execute(verb: Verb, job_id: int) -> JobRecord:
    return shown(execute(context(), job_id, JobCommand(verb, "api")))
