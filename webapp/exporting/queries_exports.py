"""Files that are made in the background: what is asked, and what there is. Their moves are in ``queries_moves``."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, or_, select, update

from webapp.errors import Sentence
from webapp.exporting.rules_exports import OVER, ExportRequest, ExportState
from webapp.exporting.tables import Export
from webapp.kernel.job_states import Priority


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


def insert_new(connection: Connection, request: ExportRequest, filename: str, rows: int, now: dt.datetime) -> int:
    """Write a request down and return its id."""
    values = {
        "asked": request.to_json(),
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


def due(connection: Connection, now: dt.datetime, limit: int, lost_before: dt.datetime) -> list[int]:  # noqa: ARG001
    """Return the ids of pending exports that no message announces, oldest first; they are due at any time (``now``).

    A message sent before ``lost_before`` counts as lost.
    """
    query = select(Export.id).where(_is_unannounced(lost_before)).order_by(Export.id).limit(limit)
    return list(connection.execute(query).scalars())


def mark_delivered(
    connection: Connection, export_ids: Iterable[int], now: dt.datetime, lost_before: dt.datetime
) -> dict[int, Priority]:
    """Note that a message is about to announce these exports, and return those that nobody else announces."""
    statement = (
        update(Export)
        .where(Export.id.in_(list(export_ids)), _is_unannounced(lost_before))
        .values(delivered_at=now)
        .returning(Export.id)
    )
    return dict.fromkeys(connection.execute(statement).scalars(), Priority.NORMAL)


def clear_delivered(connection: Connection, export_ids: Iterable[int]) -> None:
    """Take back the note that a message announces these exports: none could be sent."""
    connection.execute(update(Export).where(Export.id.in_(list(export_ids))).values(delivered_at=None))


def _is_unannounced(lost_before: dt.datetime) -> ColumnElement[bool]:
    is_lost = or_(Export.delivered_at.is_(None), Export.delivered_at < lost_before)
    return and_(Export.state == ExportState.PENDING.value, is_lost)


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
