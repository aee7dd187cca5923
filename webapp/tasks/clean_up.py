"""Delete old jobs."""

from celery import shared_task

from webapp.queue import TaskName
from webapp.services.clean_up import clean_up
from webapp.services.context import context


@shared_task(name=TaskName.CLEAN_UP.value)
def cleanup_old_jobs(days_to_keep: int = 7) -> None:
    """Delete jobs that were over more than so many days ago, with their logs; bars stay."""
    clean_up(context(), days_to_keep)
