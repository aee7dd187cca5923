"""The moves of an export: each is one guarded UPDATE, and a worker's carries the attempt that it claimed.

That is the fence, as for jobs: a worker whose export is no longer its own learns it (``LeaseLostError``).

``pending → running → done → expired``; ``running → pending`` when a worker gives it back or is lost, ``→ failed`` when
it cannot be made, ``→ cancelled`` from either when nobody wants it; what has no file may become ``pending`` again.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from webapp.errors import LeaseLostError, Sentence, sentence
from webapp.exporting.rules_exports import REPEATABLE, ExportState
from webapp.exporting.tables import Export


@dataclass(frozen=True, slots=True)
class ExportClaim:
    """A worker's hold on an export."""

    export_id: int
    attempt: int


@dataclass(frozen=True, slots=True)
class LostExport:
    """An export whose worker has not been heard of for too long; ``crashes`` counts the times before."""

    claim: ExportClaim
    crashes: int


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A whole file: its name in the folder, its bytes, its bars, and until when it is kept."""

    name: str
    size: int
    rows: int
    expires_at: dt.datetime


def claim(connection: Connection, export_id: int, now: dt.datetime) -> ExportClaim | None:
    """Take a pending export; None when somebody else has, or nobody wants it any more."""
    query = (
        update(Export)
        .where(Export.id == export_id, Export.state == ExportState.PENDING.value)
        .values(
            state=ExportState.RUNNING.value,
            attempt=Export.attempt + 1,
            revision=Export.revision + 1,
            rows_done=0,
            started_at=now,
            heartbeat_at=now,
            message=None,
        )
        .returning(Export.attempt)
    )
    attempt = connection.execute(query).scalar()
    return None if attempt is None else ExportClaim(export_id, int(attempt))


def renew_lease(connection: Connection, claim: ExportClaim, rows_done: int, now: dt.datetime) -> None:
    """Give a sign of life with the progress.

    :raises LeaseLostError: when the export is no longer this attempt's.
    """
    _update_claimed(connection, claim, {"heartbeat_at": now, "rows_done": rows_done})


def finish(connection: Connection, claim: ExportClaim, file: MadeFile, now: dt.datetime) -> None:
    """Hand over the whole file.

    :raises LeaseLostError: when the export is no longer this attempt's, and the file is nobody's.
    """
    values = {"state": ExportState.DONE.value, "file": file.name, "size": file.size, "rows_done": file.rows}
    _update_claimed(connection, claim, {**values, "expires_at": file.expires_at, "finished_at": now})


def fail(connection: Connection, claim: ExportClaim, message: Sentence, now: dt.datetime) -> None:
    """Write down why the file cannot be made.

    :raises LeaseLostError: when the export is no longer this attempt's.
    """
    _update_claimed(connection, claim, {"state": ExportState.FAILED.value, "message": message, "finished_at": now})


def release(connection: Connection, claim: ExportClaim) -> None:
    """Give an export back, to be made by another worker.

    :raises LeaseLostError: when the export is no longer this attempt's.
    """
    _update_claimed(connection, claim, {"state": ExportState.PENDING.value, "delivered_at": None, "rows_done": 0})


def lost(connection: Connection, silent_since: dt.datetime, limit: int) -> list[LostExport]:
    """Return running exports whose worker was last heard of before a moment."""
    query = select(Export.id, Export.attempt, Export.crashes).where(
        Export.state == ExportState.RUNNING.value, Export.heartbeat_at < silent_since
    )
    rows = connection.execute(query.order_by(Export.id).limit(limit))
    return [LostExport(ExportClaim(row.id, row.attempt), row.crashes) for row in rows]


def rescue(connection: Connection, lost: LostExport, silent_since: dt.datetime) -> bool:
    """Put a lost export back into the queue, unless its worker has shown itself meanwhile."""
    values = {"state": ExportState.PENDING.value, "delivered_at": None, "crashes": lost.crashes + 1, "rows_done": 0}
    return _update_if_held(connection, lost.claim, values, silent_since)


def give_up(
    connection: Connection, lost: LostExport, silent_since: dt.datetime, why: Sentence, now: dt.datetime
) -> bool:
    """Fail a lost export, unless its worker has shown itself meanwhile."""
    values = {"state": ExportState.FAILED.value, "message": why, "finished_at": now, "crashes": lost.crashes + 1}
    return _update_if_held(connection, lost.claim, values, silent_since)


def cancel(connection: Connection, export_id: int, now: dt.datetime) -> bool:
    """Cancel an export that is not over; its worker notices when it renews its lease."""
    values = {"state": ExportState.CANCELLED.value, "finished_at": now}
    return _move(connection, export_id, (ExportState.PENDING, ExportState.RUNNING), values)


def repeat(connection: Connection, export_id: int) -> bool:
    """Let an export that has no file be made again."""
    values = {
        "state": ExportState.PENDING.value,
        **dict.fromkeys(("delivered_at", "started_at", "finished_at", "expires_at", "message", "size")),
        **dict.fromkeys(("crashes", "rows_done"), 0),
    }
    return _move(connection, export_id, REPEATABLE, values)


def expire(connection: Connection, now: dt.datetime) -> list[str]:
    """Let go of files whose time is over; return their names, to be deleted now that nobody is sent to them."""
    over = (Export.state == ExportState.DONE.value) & (Export.expires_at < now)
    names = list(connection.execute(select(Export.file).where(over)).scalars())
    values = {"state": ExportState.EXPIRED.value, "file": None, "revision": Export.revision + 1}
    connection.execute(update(Export).where(over).values(**values))
    return [name for name in names if name is not None]


def _update_claimed(connection: Connection, claim: ExportClaim, values: Mapping[str, object]) -> None:
    if not _update_if_held(connection, claim, values):
        raise lease_lost(claim)


def lease_lost(claim: ExportClaim) -> LeaseLostError:
    """Return the error for an export that is no longer its worker's: cancelled, deleted, or taken over."""
    message = sentence(
        "Attempt %(attempt)d of export %(export)d is no longer this worker's.",
        attempt=claim.attempt,
        export=claim.export_id,
    )
    return LeaseLostError(message)


def _update_if_held(
    connection: Connection,
    claim: ExportClaim,
    values: Mapping[str, object],
    silent_since: dt.datetime | None = None,
) -> bool:
    still = (Export.id == claim.export_id) & (Export.attempt == claim.attempt)
    still &= Export.state == ExportState.RUNNING.value
    if silent_since is not None:
        still &= Export.heartbeat_at < silent_since
    done = connection.execute(update(Export).where(still).values(**values, revision=Export.revision + 1))
    return bool(done.rowcount)


def _move(connection: Connection, export_id: int, states: Iterable[ExportState], values: Mapping[str, object]) -> bool:
    there = (Export.id == export_id) & Export.state.in_([state.value for state in states])
    done = connection.execute(update(Export).where(there).values(**values, revision=Export.revision + 1))
    return bool(done.rowcount)
