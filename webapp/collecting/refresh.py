"""What is made of a series' bars, made anew when a worker has written some: kept candles, the catalogue's figures."""

import logging
from collections.abc import Callable
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from webapp.context import Context
from webapp.coverage import completeness
from webapp.database.transactions import reading
from webapp.jobs import queries_jobs
from webapp.reading import kept_candles

log = logging.getLogger(__name__)


def refresh_after_job(context: Context, job_id: int) -> None:
    """Make the candles of a job's series ready and count its figures, by the worker that wrote its bars.

    A failure is nobody's but ours: charts aggregate bars meanwhile, and the clock counts again.
    """
    steps: dict[str, Callable[[int], None]] = {
        "no candles were made ready": kept_candles.catch_up,
        "the figures of a series were not counted": partial(completeness.recount, context),
    }
    for failure, step in steps.items():
        try:
            with reading() as connection:
                job = queries_jobs.get(connection, job_id)
            if job is not None:
                step(job.series_id)
        except SQLAlchemyError:
            log.exception(failure)
