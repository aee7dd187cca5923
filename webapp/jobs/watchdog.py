"""The end of a hung job: on every pool the only thing that surely ends it is the end of its process.

A delivery that lasts longer than ``TASK_TIME_LIMIT`` hangs somewhere that no time-out reached (a job gives its slot
back long before). Celery's own limits are not enforced on threads. So the heartbeat's thread writes down what happened,
releases the jobs of its innocent neighbours without penalty, prints where every thread stands, and ends the process:
on prefork that is the one child, elsewhere a supervisor starts the worker again.
"""

import faulthandler
import logging
import os
import sys
import threading

from sqlalchemy.exc import SQLAlchemyError

from webapp.context import Context
from webapp.database.transactions import writing
from webapp.errors import LeaseLostError, sentence
from webapp.jobs import queries_claims, queries_jobs, retry
from webapp.jobs.claims import Claim, Release
from webapp.kernel.job_states import ErrorKind, JobState
from webapp.sources.base import SourceError

log = logging.getLogger(__name__)

EXIT_STATUS = 70
_claims: set[Claim] = set()
_lock = threading.Lock()


def register(claim: Claim) -> None:
    """Remember that this process works on a job."""
    with _lock:
        _claims.add(claim)


def unregister(claim: Claim) -> None:
    """Forget a job that this process has released."""
    with _lock:
        _claims.discard(claim)


def end_process(context: Context, hung: Claim) -> None:
    """Release all jobs of this process and end it; does not return."""
    log.critical("job %s hangs; this process ends, see below where it stood", hung.job_id)
    faulthandler.dump_traceback(file=sys.__stderr__ or sys.stderr)  # Celery puts a logger in place of sys.stderr
    with _lock:
        neighbours = _claims - {hung}
    for claim in (hung, *neighbours):
        try:
            _release_job(context, claim, is_hung=claim == hung)
        except (SQLAlchemyError, LeaseLostError):
            log.exception("job %s could not be released; its lease will run out", claim.job_id)
    os._exit(EXIT_STATUS)


def _release_job(context: Context, claim: Claim, *, is_hung: bool) -> None:
    now = context.now()
    with writing() as connection:
        job = queries_jobs.get(connection, claim.job_id)
        if job is None:
            return
        release = Release(JobState.PENDING)
        if is_hung:
            message = sentence(
                "The job hung for %(seconds)d seconds, so its worker was ended.",
                seconds=round(context.rules.time_limit),
            )
            hint = sentence("It tries again by itself. A longer TASK_TIME_LIMIT gives a slow source more time.")
            error = SourceError(ErrorKind.TIMEOUT, message, retry_after=context.rules.tick, hint=hint)
            release = retry.decide(job, error, context.rules, 0.0).to_release(now)
        queries_claims.release(connection, claim, release, now)
