"""Make a file that a person asked for."""

from celery import shared_task

from webapp.context import context
from webapp.exporting.make import run
from webapp.queue import TaskName
from webapp.tasks.workers import is_draining


@shared_task(name=TaskName.EXPORT.value)
def export(export_id: int) -> None:
    """Make the file of an export; the export's row says what came of it."""
    run(context(), export_id, is_draining)
