"""What a worker writes to the job that it claimed: single guarded UPDATEs.

Each carries the attempt that was claimed: when another worker has taken the job over since, it changes nothing, and the
worker learns it (``LeaseLostError``). That is the fence.
"""

import datetime as dt
from collections.abc import Mapping
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, update
from sqlalchemy.dialects import postgresql, sqlite

from webapp.errors import LeaseLostError, Sentence, sentence
from webapp.jobs.claims import ChunkRecord, Claim, Release
from webapp.jobs.queries_events import append_event
from webapp.jobs.tables import Chunk, Job
from webapp.kernel.job_states import DUE, Intent, JobState

T = TypeVar("T")
_NO_ERROR: Mapping[str, None] = {"error_kind": None, "message": None, "hint": None, "choices": None}


def claim(connection: Connection, job_id: int, owner: str, now: dt.datetime, lease: dt.timedelta) -> Claim | None:
    """Take a due job; None when it is not there to be taken (another has it, it is over, or it is not time yet)."""
    values = {
        "state": JobState.RUNNING.value,
        "attempt": Job.attempt + 1,
        "revision": Job.revision + 1,
        "lease_owner": owner,
        "lease_expires_at": now + lease,
        "heartbeat_at": now,
        "progress_at": now,
    }
    statement = (
        update(Job)
        .where(Job.id == job_id, Job.state.in_([s.value for s in DUE]), Job.intent == Intent.RUN.value)
        .where(Job.due_at <= now)
        .values(values)
        .returning(Job.attempt)
    )
    attempt = connection.execute(statement).scalar()
    if attempt is None:
        return None
    mine = Claim(job_id, attempt, owner)
    connection.execute(update(Job).where(Job.id == job_id, Job.started_at.is_(None)).values(started_at=now))
    append_event(connection, mine, "claimed", now)
    return mine


def renew_lease(connection: Connection, claim: Claim, now: dt.datetime, lease: dt.timedelta) -> Intent:
    """Renew the lease, and return what is wanted of the job.

    :raises LeaseLostError: when the job is no longer ours.
    """
    statement = (
        update(Job).where(*_fence(claim)).values(heartbeat_at=now, lease_expires_at=now + lease).returning(Job.intent)
    )
    return Intent(_require_held(connection.execute(statement).scalar(), claim))


def record_plan(connection: Connection, claim: Claim, chunks_left: int) -> None:
    """Write down how many chunks are still to do, as counted after the claim.

    :raises LeaseLostError: when the job is no longer ours.
    """
    values = {"chunks_total": Job.chunks_done + chunks_left, "revision": Job.revision + 1}
    _update_held(connection, claim, values)


def record_answer(connection: Connection, claim: Claim, now: dt.datetime) -> None:
    """Check the fence before what a source answered beside the chunks is written; errors before it are over.

    :raises LeaseLostError: when the job is no longer ours; nothing of the transaction may be committed then.
    """
    values = {"progress_at": now, "errors_in_row": 0, "crashes_in_row": 0, **_NO_ERROR, "revision": Job.revision + 1}
    _update_held(connection, claim, values)


def commit_chunk(connection: Connection, claim: Claim, chunk: ChunkRecord, now: dt.datetime) -> None:
    """Check the fence, count a chunk and log it; the bars and the coverage follow in the same transaction.

    :raises LeaseLostError: when the job is no longer ours; nothing of the transaction may be committed then.
    """
    values = {
        "chunks_done": Job.chunks_done + 1,
        "chunks_total": Job.chunks_done + 1 + chunk.chunks_left,
        "reached": chunk.reached,
        "rows_written": Job.rows_written + chunk.rows,
        "worked_seconds": Job.worked_seconds + chunk.seconds,
        "progress_at": now,
        "errors_in_row": 0,
        "crashes_in_row": 0,
        **_NO_ERROR,
        "revision": Job.revision + 1,
    }
    _update_held(connection, claim, values)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = {
        "job_id": claim.job_id,
        "start": chunk.span.start,
        "end": chunk.span.end,
        "answered": chunk.answered,
        "attempt": claim.attempt,
        "rows": chunk.rows,
        "done_at": now,
    }
    connection.execute(dialect.insert(Chunk).values(row))
    append_event(connection, claim, "chunk", now, _chunk_sentence(chunk))


def _chunk_sentence(chunk: ChunkRecord) -> Sentence:
    first, last = (dt.datetime.fromtimestamp(time, dt.UTC) for time in (chunk.span.start, chunk.span.end))
    form = "%Y-%m-%d %H:%M"
    params: dict[str, str | int] = {"rows": chunk.rows, "start": first.strftime(form), "end": last.strftime(form)}
    if chunk.blanks:
        return sentence(
            "%(rows)d bars from %(start)s to %(end)s (UTC); %(blanks)d rows came without prices and were left out.",
            blanks=chunk.blanks,
            **params,
        )
    return sentence("%(rows)d bars from %(start)s to %(end)s (UTC).", **params)


def release(connection: Connection, claim: Claim, to: Release, now: dt.datetime) -> None:
    """Release a running job: finished, failed, waiting, or back in the queue.

    :raises LeaseLostError: when the job is no longer ours.
    """
    final = to.state in (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)
    values: dict[str, object] = {
        "state": to.state.value,
        "revision": Job.revision + 1,
        "lease_owner": None,
        "lease_expires_at": None,
        "delivered_at": None,
        "due_at": to.due_at or now,
        "error_kind": to.error_kind,
        "message": to.message,
        "hint": to.hint,
        "choices": to.choices,
        "note": to.note,
        "finished_at": now if final else None,
    }
    if to.errors_in_row is not None:
        values["errors_in_row"] = to.errors_in_row
    if to.state is not JobState.PENDING and to.state is not JobState.WAITING:
        values["intent"] = Intent.RUN.value
    _update_held(connection, claim, values)
    append_event(connection, claim, to.state.value, now, to.message or to.note)


def record_error(connection: Connection, claim: Claim, error: Release, now: dt.datetime) -> None:
    """Write down an error that is waited out without letting go of the job.

    :raises LeaseLostError: when the job is no longer ours.
    """
    values = {
        "errors_in_row": error.errors_in_row,
        "error_kind": error.error_kind,
        "message": error.message,
        "hint": error.hint,
        "revision": Job.revision + 1,
    }
    _update_held(connection, claim, values)
    append_event(connection, claim, "error", now, error.message)


def _fence(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    return (Job.id == claim.job_id, Job.attempt == claim.attempt, Job.state == JobState.RUNNING.value)


def _update_held(connection: Connection, claim: Claim, values: Mapping[str, object]) -> None:
    statement = update(Job).where(*_fence(claim)).values(values)
    _require_held(connection.execute(statement.returning(Job.id)).scalar(), claim)


def _require_held(result: T | None, claim: Claim) -> T:
    if result is None:
        message = sentence(
            "Attempt %(attempt)d of job %(job)d has been taken over by another worker.",
            attempt=claim.attempt,
            job=claim.job_id,
        )
        raise LeaseLostError(message)
    return result
