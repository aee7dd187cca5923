"""Delete old jobs."""

from celery import shared_task

from webapp.context import context
from webapp.queue import TaskName
from webapp.upkeep.clean_up import clean_up


@shared_task(name=TaskName.CLEAN_UP.value)
def cleanup_old_jobs(days_to_keep: int = 7) -> None:
    """Delete jobs that were over more than so many days ago, with their logs; bars stay."""
    clean_up(context(), days_to_keep)
