"""Collect a job's chunks."""

from celery import shared_task

from webapp.collecting.work import run
from webapp.context import context
from webapp.queue import TaskName
from webapp.tasks.workers import is_draining, process_name


@shared_task(name=TaskName.COLLECT.value)
def collect(job_id: int) -> None:
    """Work on a job until it is over, must wait, or has had its turn; the job's row says the rest."""
    run(context(), job_id, process_name(), is_draining)
