"""What a person asks of a job, in a word."""

from webapp.collecting.verbs import JobCommand, Verb, execute
from webapp.context import Context
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.job_states import Priority


def cancel(context: Context, job_id: int, actor: str) -> JobRow:
    return execute(context, job_id, JobCommand(Verb.CANCEL, actor))


def pause(context: Context, job_id: int, actor: str) -> JobRow:
    return execute(context, job_id, JobCommand(Verb.PAUSE, actor))


def resume(context: Context, job_id: int, actor: str) -> JobRow:
    return execute(context, job_id, JobCommand(Verb.RESUME, actor))


def retry(context: Context, job_id: int, actor: str) -> JobRow:
    return execute(context, job_id, JobCommand(Verb.RETRY, actor))


def prioritize(context: Context, job_id: int, priority: Priority, actor: str) -> JobRow:
    return execute(context, job_id, JobCommand(Verb.PRIORITY, actor, priority=priority))
