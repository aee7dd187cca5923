"""Deleting old jobs and what has expired; never bars."""

import datetime as dt

from webapp.access import queries_idempotency
from webapp.context import Context
from webapp.database.transactions import writing
from webapp.exporting.rescue import clear_exports
from webapp.importing import uploads
from webapp.inquiring import queries_inquiries
from webapp.scheduling import queries_runs
from webapp.upkeep import queries_cleaning


def clean_up(context: Context, days_to_keep: int) -> int:
    """Delete jobs that were over more than so many days ago, with their logs, and return how many.

    Runs of schedules go after as many days. Keys of requests to the API that have expired go as well, pages' questions
    and uploaded files after a day, and files of exports after a week.
    """
    now = context.now()
    clear_exports(context)
    uploads.clear(context)
    with writing() as connection:
        queries_idempotency.delete_expired(connection, now)
        queries_inquiries.delete_before(connection, now - dt.timedelta(days=1))
        queries_runs.delete_ended(connection, now - dt.timedelta(days=days_to_keep))
        return queries_cleaning.delete_jobs(connection, now - dt.timedelta(days=days_to_keep))
