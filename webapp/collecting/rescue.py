"""Jobs whose worker is gone or does not obey: back into the queue, cancelled, or set aside. Redis is not needed for it.

Any number of processes may do so at once: every move is guarded.
"""

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable

from webapp.collecting.job_delivery import deliver_due
from webapp.context import Context
from webapp.database.transactions import reading, writing
from webapp.errors import sentence
from webapp.jobs import queries_events, queries_rescue
from webapp.jobs.queries_rescue import Lost, Rescue
from webapp.kernel.job_states import ErrorKind, Intent, JobState

log = logging.getLogger(__name__)

CLOCK = "clock"
_LIMIT = 200


def rescue_lost(context: Context, *, is_crash: bool = True) -> int:
    """Put jobs whose lease has run out back into the queue, or quarantine what keeps killing workers.

    :param is_crash: whether it counts against the job; a worker that was stopped on purpose is not its fault.
    """
    now, rescued, after, together = context.now(), 0, 0, Counter[str]()
    while True:
        with reading() as connection:
            page = queries_rescue.expired(connection, now, after, _LIMIT)
        for lost in page:
            # What went down together again is tried apart, so that the innocent get somewhere meanwhile.
            apart = together[lost.owner] * context.rules.lease if is_crash and lost.crashes_in_row else 0.0
            together[lost.owner] += 1
            rescued += _rescue(context, lost, now, apart, is_crash=is_crash)
        if len(page) < _LIMIT:
            return rescued
        after = page[-1].job_id


def cancel_overdue(context: Context) -> int:
    """Cancel jobs whose live worker was asked to two leases ago and has not obeyed; what it still does is refused."""
    now, cancelled = context.now(), 0
    with reading() as connection:
        overdue = queries_rescue.overdue(connection, now - dt.timedelta(seconds=2 * context.rules.lease), _LIMIT)
    for late in overdue:
        with writing() as connection:
            if queries_rescue.cancel(connection, late, now):
                cancelled += 1
                message = sentence("The worker %(owner)s did not stop in time, so the clock did.", owner=late.owner)
                queries_events.append_event(connection, late.job_id, "cancelled", now, message, actor=CLOCK)
    return cancelled


def rescue_dead(context: Context, is_gone: Callable[[str], bool], host: str, *, is_crash: bool = True) -> int:
    """Rescue the jobs of this host's worker processes that are gone without waiting for their leases.

    :param is_gone: tells of a lease owner whether its process is gone.
    :param is_crash: see ``rescue_lost``.
    """
    with reading() as connection:
        gone = [owner for owner in queries_rescue.owners(connection, host) if is_gone(owner)]
    if not gone:
        return 0
    with writing() as connection:
        for owner in gone:
            queries_rescue.expire_leases(connection, owner, context.now())
    rescued = rescue_lost(context, is_crash=is_crash)
    deliver_due(context)
    return rescued


def _rescue(context: Context, lost: Lost, now: dt.datetime, apart: float, *, is_crash: bool) -> bool:
    to = _destination(context, lost, now + dt.timedelta(seconds=apart), lost.crashes_in_row + is_crash)
    with writing() as connection:
        won = queries_rescue.rescue(connection, lost, to, now)
        if won:
            message = sentence("The worker %(owner)s did not report back.", owner=lost.owner)
            queries_events.append_event(connection, lost.job_id, "lost", now, message, actor=CLOCK)
    if won:
        log.warning("job %s: its worker %s did not report back; now %s", lost.job_id, lost.owner, to.state)
    return won


def _destination(context: Context, lost: Lost, now: dt.datetime, crashes: int) -> Rescue:
    if lost.intent is Intent.CANCEL:
        return Rescue(JobState.CANCELLED, now, lost.crashes_in_row)
    if lost.intent is Intent.PAUSE:
        return Rescue(JobState.PAUSED, now, lost.crashes_in_row)
    if crashes < context.rules.max_attempts:
        return Rescue(JobState.PENDING, now, crashes)
    return Rescue(
        state=JobState.FAILED,
        due_at=now,
        crashes_in_row=crashes,
        error_kind=ErrorKind.CRASHED.value,
        message=sentence(
            "The job took its worker down %(times)d times in a row without getting anywhere, so it was set aside.",
            times=crashes,
        ),
        hint=sentence("The worker's log may say why (memory?). Retry it, perhaps with a shorter span."),
    )
