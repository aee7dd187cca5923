"""Where bars came from: the chunks of jobs that are there, and what is kept of those that are gone."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Select, delete, func, insert, select

from webapp.errors import Sentence
from webapp.jobs.tables import Chunk, Job
from webapp.kernel.restatement_kinds import RestatementKind
from webapp.kernel.spans import Span
from webapp.restating.rules_origins import Origin, Write, overlay
from webapp.restating.tables import BarOrigin
from webapp.series.tables import BarDifference, Restatement

_VALUES = (RestatementKind.REBASED.value, RestatementKind.PRICES.value, RestatementKind.VOLUMES.value)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """That stored values were changed: of ``bars`` bars that start in ``span``, whose end is the last one's start."""

    id: int
    at: dt.datetime
    job_id: int
    kind: RestatementKind
    span: Span
    bars: int
    message: Sentence


def keep(connection: Connection, series_id: int, pieces: Sequence[Origin]) -> None:
    """Keep what chunks tell that are about to be deleted, together with what is kept already."""
    if not pieces:
        return
    hull = Span(min(piece.span.start for piece in pieces) - 1, max(piece.span.end for piece in pieces) + 1)
    beside = read_kept(connection, series_id, hull)
    starts = [piece.span.start for piece in beside]
    if starts:
        within = (BarOrigin.start >= starts[0]) & (BarOrigin.start <= starts[-1])
        connection.execute(delete(BarOrigin).where(BarOrigin.series_id == series_id, within))
    connection.execute(insert(BarOrigin), [_values(series_id, piece) for piece in overlay((*beside, *pieces))])


def _values(series_id: int, origin: Origin) -> dict[str, object]:
    return {
        "series_id": series_id,
        "start": origin.span.start,
        "end": origin.span.end,
        "job_id": origin.last.job_id,
        "written_at": origin.last.at,
        "first_job_id": origin.first.job_id,
        "first_at": origin.first.at,
    }


def read_kept(connection: Connection, series_id: int, span: Span) -> list[Origin]:
    """Return what is kept of deleted jobs over a span, ascending; pieces may reach beyond it."""
    query = select(*BarOrigin.__table__.c).where(BarOrigin.series_id == series_id)
    query = query.where(BarOrigin.start < span.end, BarOrigin.end > span.start).order_by(BarOrigin.start)
    return [
        Origin(Span(row.start, row.end), Write(row.first_at, row.first_job_id), Write(row.written_at, row.job_id))
        for row in connection.execute(query)
    ]


_END = func.coalesce(Chunk.answered, Chunk.end)
_CHUNKS = select(Chunk.job_id, Chunk.start, _END.label("end"), Chunk.done_at).where(Chunk.rows > 0, Chunk.start < _END)
"""An empty answer takes nothing away from what is stored, so it is the origin of no bar."""


def read_committed(connection: Connection, series_id: int, span: Span) -> list[Origin]:
    """Return the chunks over a span of jobs that are on record; they may lie over each other and reach beyond it."""
    query = _CHUNKS.join(Job, Job.id == Chunk.job_id).where(Job.series_id == series_id)
    return _pieces(connection, query.where(Chunk.start < span.end, span.start < _END))


def read_committed_by(connection: Connection, job_ids: Iterable[int]) -> list[Origin]:
    """Return the chunks of jobs."""
    return _pieces(connection, _CHUNKS.where(Chunk.job_id.in_(list(job_ids))))


def _pieces(connection: Connection, query: Select[int, int, int, dt.datetime]) -> list[Origin]:
    writes = ((Span(row.start, row.end), Write(row.done_at, row.job_id)) for row in connection.execute(query))
    return [Origin(span, write, write) for span, write in writes]


def find_present(connection: Connection, job_ids: Iterable[int]) -> frozenset[int]:
    """Return those of the jobs that are still there."""
    ids = sorted(set(job_ids))
    present: set[int] = set()
    for first in range(0, len(ids), 500):
        query = select(Job.id).where(Job.id.in_(ids[first : first + 500]))
        present.update(connection.execute(query).scalars())
    return frozenset(present)


def changes(connection: Connection, series_id: int, span: Span) -> list[ChangeRow]:
    """Return what changed stored values of bars that start in a span, oldest first."""
    query = select(Restatement).where(Restatement.series_id == series_id, Restatement.kind.in_(_VALUES))
    query = query.where(Restatement.start < span.end, Restatement.end >= span.start).order_by(Restatement.id)
    rows = connection.execute(query.with_only_columns(*Restatement.__table__.c))
    return [
        ChangeRow(
            row.id, row.at, row.job_id, RestatementKind(row.kind), Span(row.start, row.end), row.bars, row.message
        )
        for row in rows
    ]


def changed_times(connection: Connection, change_id: int) -> list[int]:
    """Return the starts of the bars that a change keeps old and new values of: the first ones, ascending."""
    query = select(BarDifference.time).where(BarDifference.restatement_id == change_id)
    return list(connection.execute(query.order_by(BarDifference.time)).scalars())
