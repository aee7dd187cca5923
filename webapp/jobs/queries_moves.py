"""What a person wants of a job, written to its row: single guarded UPDATEs, so that of two that race one wins."""

import datetime as dt

from sqlalchemy import Connection, select, update

from webapp.jobs.tables import Job
from webapp.kernel.job_states import ACTIVE, Intent, JobState, Priority, states_before


def transition(connection: Connection, job_id: int, target: JobState, now: dt.datetime, *, reset: bool = False) -> bool:
    """Move a job that no worker holds (cancel, pause, resume, retry) and tell whether it was in a state to be moved."""
    states = states_before(target) - {JobState.RUNNING}
    values: dict[str, object] = {
        "state": target.value,
        "intent": Intent.RUN.value,
        "due_at": now,
        "delivered_at": None,
        "revision": Job.revision + 1,
        "finished_at": now if target is JobState.CANCELLED else None,
    }
    if reset:
        values |= {"errors_in_row": 0, "crashes_in_row": 0, "error_kind": None, "message": None, "hint": None}
        values["choices"] = None
    statement = update(Job).where(Job.id == job_id, Job.state.in_([s.value for s in states])).values(values)
    return connection.execute(statement.returning(Job.id)).scalar() is not None


def same_is_active(connection: Connection, job_id: int) -> bool:
    """Tell whether another job that is not over does the same as this one."""
    mine = select(Job.dedupe_key).where(Job.id == job_id).scalar_subquery()
    states = [state.value for state in ACTIVE]
    query = select(Job.id).where(Job.dedupe_key == mine, Job.id != job_id, Job.state.in_(states))
    return connection.execute(query).first() is not None


def request_intent(connection: Connection, job_id: int, intent: Intent) -> bool:
    """Say what is wanted of a running job, and tell whether it is running; a cancellation is not taken back."""
    statement = update(Job).where(Job.id == job_id, Job.state == JobState.RUNNING.value)
    if intent is not Intent.CANCEL:
        statement = statement.where(Job.intent != Intent.CANCEL.value)
    values = {"intent": intent.value, "revision": Job.revision + 1}
    return connection.execute(statement.values(values).returning(Job.id)).scalar() is not None


def prioritize(connection: Connection, job_id: int, priority: Priority) -> bool:
    """Give a job that is not over another priority, and tell whether that changed anything.

    One in the queue is announced anew, by the clock if by nobody else.
    """
    states = [state.value for state in ACTIVE]
    statement = update(Job).where(Job.id == job_id, Job.state.in_(states), Job.priority != int(priority))
    values = {"priority": int(priority), "delivered_at": None, "revision": Job.revision + 1}
    return connection.execute(statement.values(values).returning(Job.id)).scalar() is not None
