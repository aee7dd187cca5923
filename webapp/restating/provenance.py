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
from webapp.kernel.restatement_kinds import Kind
from webapp.kernel.spans import Span
from webapp.reading.adjusting import require_series
from webapp.restating import queries_origins as store
from webapp.restating.overlaps import next_end
from webapp.restating.queries_origins import ChangeRow
from webapp.restating.rules_origins import Origin, Write, overlaid
from webapp.series import queries_bars
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
        certain = [one.credit for one in self.changes if one.is_certain]
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
        start = _bar_at(connection, require_series(connection, series_id), time)
        if start is None:
            return BarOrigin(None, None, None, ())
        at = Span(start, start + 1)
        pieces = overlaid(one for one in _pieces(connection, series_id, at) if one.span.start <= start < one.span.end)
        piece = next((one for one in pieces if one.span.start <= start < one.span.end), None)
        changes = store.changes(connection, series_id, at)
        several = [piece.first, piece.last] if piece else []
        known = _on_record(connection, [*several, *(Write(one.at, one.job_id) for one in changes)])
        return BarOrigin(
            start=start,
            first=_credit(piece.first, known) if piece else None,
            last=_credit(piece.last, known) if piece else None,
            changes=_concerning(connection, start, piece, changes, known),
        )


def origins(series_id: int, span: Span) -> list[SpanOrigin]:
    """Return where the bars that start in a span came from: disjoint spans, ascending.

    :raises NotFoundError: when there is no series of this id.
    """
    with reading() as connection:
        require_series(connection, series_id)
        pieces = overlaid(_pieces(connection, series_id, span))
        inside = [(one, one.span.intersection(span)) for one in pieces]
        shown = [(one, part) for one, part in inside if part]
        known = _on_record(connection, (write for one, _ in shown for write in (one.first, one.last)))
    return [SpanOrigin(part, _credit(one.first, known), _credit(one.last, known)) for one, part in shown]


def _bar_at(connection: Connection, row: SeriesRow, time: int) -> int | None:
    for start in queries_bars.last_times(connection, row.id, time + 1, 1):
        if time < next_end(start, row.interval):
            return start
    return None


def _pieces(connection: Connection, series_id: int, span: Span) -> list[Origin]:
    return store.kept(connection, series_id, span) + store.committed(connection, series_id, span)


def _on_record(connection: Connection, writes: Iterable[Write]) -> frozenset[int]:
    return store.on_record(connection, (write.job_id for write in writes))


def _credit(write: Write, known: frozenset[int]) -> Credit:
    return Credit(write.job_id, write.at, write.job_id in known)


def _concerning(
    connection: Connection, start: int, piece: Origin | None, changes: Iterable[ChangeRow], known: frozenset[int]
) -> tuple[Changed, ...]:
    """Return the changes that concerned a bar or may have, oldest first; none that came before the bar itself."""
    since = piece.first.at if piece else None
    found_changes = []
    for one in changes:
        if since is not None and one.at < since:
            continue
        is_certain = _is_certain(connection, start, one)
        if is_certain is not None:
            credit = _credit(Write(one.at, one.job_id), known)
            found_changes.append(Changed(credit, one.message, is_certain))
    return tuple(found_changes)


def _is_certain(connection: Connection, start: int, change: ChangeRow) -> bool | None:
    """Tell whether a change surely concerned a bar; None when it surely did not."""
    if change.kind is Kind.REBASED:
        return True
    times = store.changed_times(connection, change.id)
    if start in times:
        return True
    is_whole = len(times) >= change.bars or (times and start <= times[-1])
    return None if is_whole else False
