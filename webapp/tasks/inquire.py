"""Answer a question that a page asks."""

from celery import shared_task

from webapp.queue import TaskName
from webapp.services.context import context
from webapp.services.inquiries import answer


@shared_task(name=TaskName.INQUIRE.value)
def inquire(inquiry_id: int) -> None:
    """Ask the source what a page wants to know; the answer comes into the inquiry's row."""
    answer(context(), inquiry_id)
