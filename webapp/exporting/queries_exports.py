"""Files that are made in the background: what is asked, and what there is. Their moves are in ``export_moves``."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from webapp.errors import Sentence
from webapp.exporting.rules_exports import OVER, ExportRequest, ExportState
from webapp.exporting.tables import Export


@dataclass(frozen=True, slots=True)
class ExportRow:
    """An export as it stands. ``size`` is in bytes; ``file`` is None while there is none."""

    id: int
    asked: ExportRequest
    filename: str
    state: ExportState
    revision: int
    rows_done: int
    rows_total: int
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    expires_at: dt.datetime | None
    attempt: int
    file: str | None
    size: int | None
    message: Sentence | None


_SELECT = select(
    *(Export.id, Export.asked, Export.filename, Export.state, Export.revision, Export.rows_done, Export.rows_total),
    *(Export.created_at, Export.started_at, Export.finished_at, Export.expires_at),
    *(Export.attempt, Export.file, Export.size, Export.message),
)


def _export(row: Row[*tuple[Any, ...]]) -> ExportRow:
    values = dict(row._mapping)  # noqa: SLF001 -- SQLAlchemy's documented name
    asked, state = ExportRequest.from_json(values.pop("asked")), ExportState(values.pop("state"))
    return ExportRow(**values, asked=asked, state=state)


def insert_new(connection: Connection, asked: ExportRequest, filename: str, rows: int, now: dt.datetime) -> int:
    """Write an order down and return its id."""
    values = {
        "asked": asked.to_json(),
        "filename": filename,
        "state": ExportState.PENDING.value,
        "rows_total": rows,
        "created_at": now,
        **dict.fromkeys(("revision", "rows_done", "attempt", "crashes"), 0),
    }
    return int(connection.execute(insert(Export).values(**values).returning(Export.id)).scalar_one())


def get(connection: Connection, export_id: int) -> ExportRow | None:
    """Return an export, or None."""
    row = connection.execute(_SELECT.where(Export.id == export_id)).first()
    return _export(row) if row else None


def page(connection: Connection, *, limit: int = 50, offset: int = 0) -> list[ExportRow]:
    """Return exports, newest first."""
    query = _SELECT.order_by(Export.id.desc()).limit(limit).offset(offset)
    return [_export(row) for row in connection.execute(query)]


def count(connection: Connection) -> int:
    """Return how many exports there are."""
    return int(connection.execute(select(func.count()).select_from(Export)).scalar_one())


def due(connection: Connection, delivered_before: dt.datetime, most: int) -> list[int]:
    """Return the ids of pending exports that no message announces since a moment, oldest first."""
    is_lost = or_(Export.delivered_at.is_(None), Export.delivered_at < delivered_before)
    query = select(Export.id).where(Export.state == ExportState.PENDING.value, is_lost)
    return list(connection.execute(query.order_by(Export.id).limit(most)).scalars())


def note_delivered(connection: Connection, export_id: int, now: dt.datetime) -> None:
    """Note that a message was sent, for one that still waits for it."""
    still = (Export.id == export_id) & (Export.state == ExportState.PENDING.value)
    connection.execute(update(Export).where(still).values(delivered_at=now))


def files(connection: Connection) -> set[str]:
    """Return the names of all files that exports have."""
    names = connection.execute(select(Export.file).where(Export.file.is_not(None))).scalars()
    return {name for name in names if name is not None}


def running(connection: Connection) -> set[int]:
    """Return the ids of the exports that a worker is said to make."""
    return set(connection.execute(select(Export.id).where(Export.state == ExportState.RUNNING.value)).scalars())


def forget(connection: Connection, export_id: int) -> bool:
    """Delete an export's row in whatever state; tell whether there was one. A worker that makes it notices."""
    return bool(connection.execute(delete(Export).where(Export.id == export_id)).rowcount)


def forget_before(connection: Connection, before: dt.datetime) -> int:
    """Delete the rows of exports without a file that were over before a moment; return how many."""
    over = Export.state.in_([state.value for state in OVER]) & Export.file.is_(None) & (Export.finished_at < before)
    return int(connection.execute(delete(Export).where(over)).rowcount)
