"""The end of a hung job: on every pool the only thing that surely ends it is the end of its process.

A delivery that lasts longer than ``TASK_TIME_LIMIT`` hangs somewhere that no time-out reached (a job gives its slot
back long before). Celery's own limits are not enforced on threads. So the heartbeat's thread writes down what happened,
gives the jobs of its innocent neighbours back without penalty, prints where every thread stands, and ends the process:
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
from webapp.jobs import queries_jobs, queries_moves, retry
from webapp.jobs.queries_moves import Claim, Release
from webapp.kernel.job_states import ErrorKind, JobState
from webapp.sources.base import SourceError

log = logging.getLogger(__name__)

EXIT_STATUS = 70
_held: set[Claim] = set()
_lock = threading.Lock()


def hold(claim: Claim) -> None:
    """Remember that this process works on a job."""
    with _lock:
        _held.add(claim)


def let_go(claim: Claim) -> None:
    """Forget a job that this process has let go."""
    with _lock:
        _held.discard(claim)


def end_process(context: Context, hung: Claim) -> None:
    """Let go of all jobs of this process and end it; does not return."""
    log.critical("job %s hangs; this process ends, see below where it stood", hung.job_id)
    faulthandler.dump_traceback(file=sys.__stderr__ or sys.stderr)  # Celery puts a logger in place of sys.stderr
    with _lock:
        others = _held - {hung}
    for claim in (hung, *others):
        try:
            _give_back(context, claim, is_hung=claim == hung)
        except (SQLAlchemyError, LeaseLostError):
            log.exception("job %s could not be given back; its lease will run out", claim.job_id)
    os._exit(EXIT_STATUS)


def _give_back(context: Context, claim: Claim, *, is_hung: bool) -> None:
    now = context.now()
    with writing() as connection:
        job = queries_jobs.get(connection, claim.job_id)
        if job is None:
            return
        end = Release(JobState.PENDING)
        if is_hung:
            message = sentence(
                "The job hung for %(seconds)d seconds, so its worker was ended.",
                seconds=round(context.rules.time_limit),
            )
            hint = sentence("It tries again by itself. A longer TASK_TIME_LIMIT gives a slow source more time.")
            error = SourceError(ErrorKind.TIMEOUT, message, retry_after=context.rules.tick, hint=hint)
            end = retry.decide(job, error, context.rules, 0.0).to_release(now)
        queries_moves.release(connection, claim, end, now)
