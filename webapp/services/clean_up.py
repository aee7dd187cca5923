"""Deleting old jobs and what has expired; never bars."""

import datetime as dt

from webapp.services import imports_uploads
from webapp.services.context import Context
from webapp.services.export_rescue import clear_exports
from webapp.store import cleaning, idempotency, inquiries
from webapp.store.transactions import writing


def clean_up(context: Context, days_to_keep: int) -> int:
    """Delete jobs that were over more than so many days ago, with their logs, and return how many.

    Keys of requests to the API that have expired go as well, pages' questions and uploaded files after a day, and
    files of exports after a week.
    """
    now = context.now()
    clear_exports(context)
    imports_uploads.clear(context)
    with writing() as connection:
        idempotency.delete_expired(connection, now)
        inquiries.delete_before(connection, now - dt.timedelta(days=1))
        return cleaning.delete_jobs(connection, now - dt.timedelta(days=days_to_keep))
