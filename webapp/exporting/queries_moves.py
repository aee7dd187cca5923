"""The moves of an export: each is one guarded UPDATE, and a worker's carries the attempt that it claimed.

``pending → running → done → expired``; ``running → pending`` when a worker lets go or is lost, ``→ failed`` when it
cannot be made, ``→ cancelled`` from either when nobody wants it; what has no file may become ``pending`` again.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from webapp.errors import Sentence
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


def beat(connection: Connection, held: ExportClaim, rows_done: int, now: dt.datetime) -> bool:
    """Give a sign of life with the progress; False when the export is no longer this attempt's."""
    return _held(connection, held, {"heartbeat_at": now, "rows_done": rows_done})


def finish(connection: Connection, held: ExportClaim, made: MadeFile, now: dt.datetime) -> bool:
    """Hand over the whole file; False when the export is no longer this attempt's, and the file is nobody's."""
    values = {"state": ExportState.DONE.value, "file": made.name, "size": made.size, "rows_done": made.rows}
    return _held(connection, held, {**values, "expires_at": made.expires_at, "finished_at": now})


def fail(connection: Connection, held: ExportClaim, message: Sentence, now: dt.datetime) -> bool:
    """Write down why the file cannot be made."""
    return _held(connection, held, {"state": ExportState.FAILED.value, "message": message, "finished_at": now})


def let_go(connection: Connection, held: ExportClaim) -> bool:
    """Give an export back, to be made by another worker."""
    return _held(connection, held, {"state": ExportState.PENDING.value, "delivered_at": None, "rows_done": 0})


def lost(connection: Connection, silent_since: dt.datetime, most: int) -> list[LostExport]:
    """Return running exports whose worker was last heard of before a moment."""
    query = select(Export.id, Export.attempt, Export.crashes).where(
        Export.state == ExportState.RUNNING.value, Export.heartbeat_at < silent_since
    )
    rows = connection.execute(query.order_by(Export.id).limit(most))
    return [LostExport(ExportClaim(row.id, row.attempt), row.crashes) for row in rows]


def rescue(connection: Connection, one: LostExport, silent_since: dt.datetime) -> bool:
    """Put a lost export back into the queue, unless its worker has shown itself meanwhile."""
    values = {"state": ExportState.PENDING.value, "delivered_at": None, "crashes": one.crashes + 1, "rows_done": 0}
    return _held(connection, one.claim, values, silent_since)


def give_up(
    connection: Connection, one: LostExport, silent_since: dt.datetime, why: Sentence, now: dt.datetime
) -> bool:
    """Fail a lost export, unless its worker has shown itself meanwhile."""
    values = {"state": ExportState.FAILED.value, "message": why, "finished_at": now, "crashes": one.crashes + 1}
    return _held(connection, one.claim, values, silent_since)


def cancel(connection: Connection, export_id: int, now: dt.datetime) -> bool:
    """Cancel an export that is not over; its worker notices by its next beat."""
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


def _held(
    connection: Connection,
    held: ExportClaim,
    values: Mapping[str, object],
    silent_since: dt.datetime | None = None,
) -> bool:
    still = (Export.id == held.export_id) & (Export.attempt == held.attempt)
    still &= Export.state == ExportState.RUNNING.value
    if silent_since is not None:
        still &= Export.heartbeat_at < silent_since
    done = connection.execute(update(Export).where(still).values(**values, revision=Export.revision + 1))
    return bool(done.rowcount)


def _move(connection: Connection, export_id: int, states: Iterable[ExportState], values: Mapping[str, object]) -> bool:
    there = (Export.id == export_id) & Export.state.in_([state.value for state in states])
    done = connection.execute(update(Export).where(there).values(**values, revision=Export.revision + 1))
    return bool(done.rowcount)
