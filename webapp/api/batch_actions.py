"""What may be asked of all jobs of a batch at once; a verb becomes a noun."""

from typing import Any

from marshmallow import fields

from webapp.api.batches import BATCH, shown
from webapp.api.endpoints import Answers, Endpoints
from webapp.api.problems import say
from webapp.api.schemas import Batch, RefusedJob
from webapp.collecting.groups import execute_batch, find_batch
from webapp.collecting.verbs import JobCommand, Verb
from webapp.context import context
from webapp.errors import ConflictError, sentence

endpoints = Endpoints(
    "batch_actions", __name__, "Cancel, pause, resume and retry a batch; 409 when none of its jobs can be asked that."
)


class ChangedBatch(Batch):
    """A batch as it stands after something was asked of its jobs.

    ``changed`` are the jobs that did it; ``refused`` those that could not, since they moved on meanwhile. The others
    were not meant: they are left as they are.
    """

    changed = fields.List(fields.Integer(), required=True)
    refused = fields.List(fields.Nested(RefusedJob), required=True)


_DONE = Answers(ChangedBatch, 202, (409,))


@endpoints.post(f"{BATCH}/cancellation", _DONE)
def cancel(batch_id: int) -> dict[str, Any]:
    """Cancel what is not over of a batch; what was collected stays."""
    return _execute(Verb.CANCEL, batch_id)


@endpoints.post(f"{BATCH}/pause", _DONE)
def pause(batch_id: int) -> dict[str, Any]:
    """Pause what is at work of a batch."""
    return _execute(Verb.PAUSE, batch_id)


@endpoints.post(f"{BATCH}/resumption", _DONE)
def resume(batch_id: int) -> dict[str, Any]:
    """Put what is paused of a batch back into the queue."""
    return _execute(Verb.RESUME, batch_id)


@endpoints.post(f"{BATCH}/retry", _DONE)
def retry(batch_id: int) -> dict[str, Any]:
    """Put what failed of a batch back into the queue; what somebody cancelled stays cancelled."""
    return _execute(Verb.RETRY, batch_id)


def _execute(verb: Verb, batch_id: int) -> dict[str, Any]:
    outcome = execute_batch(context(), batch_id, JobCommand(verb, "api"))
    if not outcome.changed:
        nothing = sentence("There is nothing of the kind to do in batch %(id)s.", id=batch_id)
        raise ConflictError(next((refused.why for refused in outcome.refused), nothing))
    refused = [{"job_id": refused.job_id, "message": say(refused.why)} for refused in outcome.refused]
    return {**shown(find_batch(batch_id)), "changed": [job.id for job in outcome.changed], "refused": refused}
