"""Announcing jobs to workers; see ``webapp.delivery``."""

from collections.abc import Iterable

from webapp.context import Context
from webapp.delivery import Delivery, deliver, deliver_due_rows
from webapp.jobs import queries_deliveries
from webapp.queue import TaskName

JOBS = Delivery(
    TaskName.COLLECT, queries_deliveries.due, queries_deliveries.mark_delivered, queries_deliveries.clear_delivered
)


def deliver_jobs(context: Context, job_ids: Iterable[int]) -> bool:
    """Send a message for each job that none announces; tell whether the queue took all. The clock sends the rest."""
    return deliver(context, JOBS, job_ids)


def deliver_due(context: Context) -> int:
    """Send a message for each job that could start and that no message announces; return how many."""
    return deliver_due_rows(context, JOBS)
