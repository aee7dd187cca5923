"""Why nothing happens to a batch, in a sentence for whoever waits for it."""

from webapp.collecting.groups import BatchState
from webapp.context import Context
from webapp.errors import Sentence, sentence
from webapp.kernel.job_states import JobState


def describe_standstill(context: Context, state: BatchState) -> Sentence | None:
    """Return that nobody is there to work, or that all that is left is paused or waits and for what; else None."""
    states = {job.state for job in state.jobs if job.is_active}
    if not states or JobState.RUNNING in states:
        return None
    if JobState.PENDING in states:
        return _describe_workers(context)
    if states == {JobState.PAUSED}:
        return sentence("paused, until somebody resumes it")
    return next((job.message for job in state.jobs if job.state is JobState.WAITING and job.message), None)


def _describe_workers(context: Context) -> Sentence | None:
    workers = context.live_workers.get(context.now, context.queue.workers)
    if workers is None:
        return sentence("waiting for the queue: Redis does not answer")
    if not workers:
        return sentence("waiting for a worker: none is running (start one with make run)")
    return None
