"""Rows of jobs, made and claimed for tests."""

import datetime as dt

from webapp.database.transactions import writing
from webapp.jobs import queries_batches, queries_claims
from webapp.jobs.claims import Claim
from webapp.jobs.queries_batches import NewJob
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import Priority
from webapp.kernel.spans import Span
from webapp.series import queries_series

NOW = dt.datetime(2024, 3, 6, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


def new_job(symbol: str = "A") -> int:
    """Make a job of one chunk and return its id."""
    with writing() as connection:
        series_id = queries_series.ensure(connection, "yahoo", symbol, Interval.D1, "")
        batch = queries_batches.new_batch(connection, "test", NOW)
        new = NewJob(series_id, Span(0, 86_400), {}, refresh=False, priority=Priority.NORMAL, chunks_total=1)
        return queries_batches.insert_job(connection, batch, new, NOW)[0]


def try_claim(job_id: int, owner: str = "w") -> Claim | None:
    """Claim a job as a worker does."""
    with writing() as connection:
        return queries_claims.claim(connection, job_id, owner, NOW, MINUTE)


def claim_job(job_id: int) -> Claim:
    """Claim a job that is there to be taken."""
    claim = try_claim(job_id)
    assert claim is not None
    return claim
