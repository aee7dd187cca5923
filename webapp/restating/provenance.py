"""Where bars came from: which job brought them first, which confirmed them last, and what changed them in between.

A job that asks again for what is stored writes only what differs, and a difference is put on record as a restatement.
So a bar's values were written by the first job on record over its time, or at the last restatement that concerned it;
later jobs have confirmed them. Jobs are deleted after a while: their numbers stay (``restating.queries_origins``).
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.database.transactions import reading
from webapp.errors import Sentence
from webapp.kernel.intervals import bar_end
from webapp.kernel.restatement_kinds import RestatementKind
from webapp.kernel.spans import Span
from webapp.restating import queries_origins as store
from webapp.restating.queries_origins import ChangeRow
from webapp.restating.rules_origins import Origin, Write, overlay
from webapp.series import queries_bars
from webapp.series.existing import require_series_in
from webapp.series.queries_series import SeriesRow


@dataclass(frozen=True, slots=True)
class Credit:
    """A job that brought, confirmed or changed bars, and when. ``has_job``: it is still there to be looked at."""

    job_id: int
    at: dt.datetime
    has_job: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """That values were changed by a job. ``is_certain`` is False where only the first changed bars are on record."""

    credit: Credit
    message: Sentence
    is_certain: bool


@dataclass(frozen=True, slots=True)
class BarOrigin:
    """What is on record of one bar, which starts at ``start`` (None: no bar is stored there).

    ``first`` and ``last`` are None for a bar that no job on record has brought. ``written`` is who its values are
    from: the last certain change, else ``first``.
    """

    start: int | None
    first: Credit | None
    last: Credit | None
    changes: tuple[Changed, ...]

    @property
    def written(self) -> Credit | None:
        """Who the bar's values are from, as far as that is certain."""
        certain = [change.credit for change in self.changes if change.is_certain]
        return certain[-1] if certain else self.first


@dataclass(frozen=True, slots=True)
class SpanOrigin:
    """A span of bars' starts, and the first and last job on record that brought bars of it."""

    span: Span
    first: Credit
    last: Credit


def origin_of(series_id: int, time: int) -> BarOrigin:
    """Return what is on record of the bar in which an instant (epoch seconds) lies.

    :raises NotFoundError: when there is no series of this id.
    """
    with reading() as connection:
        start = _bar_at(connection, require_series_in(connection, series_id), time)
        if start is None:
            return BarOrigin(None, None, None, ())
        at = Span(start, start + 1)
        around = _pieces(connection, series_id, at)
        pieces = overlay(piece for piece in around if piece.span.start <= start < piece.span.end)
        piece = next((piece for piece in pieces if piece.span.start <= start < piece.span.end), None)
        changes = store.changes(connection, series_id, at)
        writes = [piece.first, piece.last] if piece else []
        present = _find_present(connection, [*writes, *(Write(change.at, change.job_id) for change in changes)])
        return BarOrigin(
            start=start,
            first=_credit(piece.first, present) if piece else None,
            last=_credit(piece.last, present) if piece else None,
            changes=_find_changes(connection, start, piece, changes, present),
        )


def origins(series_id: int, span: Span) -> list[SpanOrigin]:
    """Return where the bars that start in a span came from: disjoint spans, ascending.

    :raises NotFoundError: when there is no series of this id.
    """
    with reading() as connection:
        require_series_in(connection, series_id)
        pieces = overlay(_pieces(connection, series_id, span))
        inside = [(piece, piece.span.intersection(span)) for piece in pieces]
        shown = [(piece, part) for piece, part in inside if part]
        present = _find_present(connection, (write for piece, _ in shown for write in (piece.first, piece.last)))
    return [SpanOrigin(part, _credit(piece.first, present), _credit(piece.last, present)) for piece, part in shown]


def _bar_at(connection: Connection, row: SeriesRow, time: int) -> int | None:
    for start in queries_bars.last_times(connection, row.id, time + 1, 1):
        if time < bar_end(start, row.interval):
            return start
    return None


def _pieces(connection: Connection, series_id: int, span: Span) -> list[Origin]:
    return store.read_kept(connection, series_id, span) + store.read_committed(connection, series_id, span)


def _find_present(connection: Connection, writes: Iterable[Write]) -> frozenset[int]:
    return store.find_present(connection, (write.job_id for write in writes))


def _credit(write: Write, present: frozenset[int]) -> Credit:
    return Credit(write.job_id, write.at, write.job_id in present)


def _find_changes(
    connection: Connection, start: int, piece: Origin | None, changes: Iterable[ChangeRow], present: frozenset[int]
) -> tuple[Changed, ...]:
    """Return the changes that concerned a bar or may have, oldest first; none that came before the bar itself."""
    since = piece.first.at if piece else None
    concerning = []
    for change in changes:
        if since is not None and change.at < since:
            continue
        is_certain = _is_certain(connection, start, change)
        if is_certain is not None:
            credit = _credit(Write(change.at, change.job_id), present)
            concerning.append(Changed(credit, change.message, is_certain))
    return tuple(concerning)


def _is_certain(connection: Connection, start: int, change: ChangeRow) -> bool | None:
    """Tell whether a change surely concerned a bar; None when it surely did not."""
    if change.kind is RestatementKind.REBASED:
        return True
    times = store.changed_times(connection, change.id)
    if start in times:
        return True
    is_whole = len(times) >= change.bars or (times and start <= times[-1])
    return None if is_whole else False
