"""Answer a question that a page asks."""

from celery import shared_task

from webapp.collecting.inquiries import answer
from webapp.context import context
from webapp.queue import TaskName


@shared_task(name=TaskName.INQUIRE.value)
def inquire(inquiry_id: int) -> None:
    """Ask the source what a page wants to know; the answer comes into the inquiry's row."""
    answer(context(), inquiry_id)
