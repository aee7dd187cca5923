"""Deleting old jobs; never bars."""

import datetime as dt

from webapp.services.context import Context
from webapp.store import cleaning
from webapp.store.transactions import writing


def clean_up(context: Context, days_to_keep: int) -> int:
    """Delete jobs that were over more than so many days ago, with their logs, and return how many."""
    before = context.now() - dt.timedelta(days=days_to_keep)
    with writing() as connection:
        return cleaning.delete_jobs(connection, before)
