"""Answer a question that a page asks."""

from celery import shared_task

from webapp.context import context
from webapp.importing.looking import look
from webapp.inquiring.inquiries import Kind, answer
from webapp.queue import TaskName


@shared_task(name=TaskName.INQUIRE.value)
def inquire(inquiry_id: int) -> None:
    """Ask the source, or look at the file, that a page wants to know of; the answer comes into the inquiry's row."""
    answer(context(), inquiry_id, {Kind.LOOK: look})
