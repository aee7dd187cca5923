"""Where a source's adjusted closes are not what our actions make of its closes."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select

from webapp.kernel.spans import Span
from webapp.series.tables import ActionFinding, Instrument

_SAME_SIZE = 1e-6
_COLUMNS = ActionFinding.__table__.c
_PLAIN = select(*_COLUMNS, Instrument.source, Instrument.symbol).join(
    Instrument, Instrument.id == ActionFinding.instrument_id
)


@dataclass(frozen=True, slots=True)
class NewFinding:
    """That prices before the end of ``span`` (dates at 00:00 UTC) differ by ``size`` (relatively)."""

    span: Span
    size: float


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding, with its instrument, the series and the job by which it showed, and since when it is on record."""

    source: str
    symbol: str
    series_id: int
    job_id: int
    span: Span
    size: float
    found_at: dt.datetime


@dataclass(frozen=True, slots=True)
class FindingOrigin:
    """Whose closes were compared, and by which job."""

    instrument_id: int
    series_id: int
    job_id: int


def replace(
    connection: Connection, origin: FindingOrigin, compared: Span, findings: Sequence[NewFinding], now: dt.datetime
) -> int:
    """Write down what was found among compared days instead of what stood there, and return how many are new.

    One that stays the same stays as it is.

    :param compared: the dates of the first and of the last day that were compared.
    """
    mine = ActionFinding.instrument_id == origin.instrument_id
    inside = mine & (ActionFinding.time > compared.start) & (ActionFinding.time <= compared.end)
    before = {row.time: row.size for row in connection.execute(select(_COLUMNS.time, _COLUMNS.size).where(inside))}
    new = [finding for finding in findings if not _is_same(before.get(finding.span.end), finding.size)]
    gone = before.keys() - {finding.span.end for finding in findings} | {finding.span.end for finding in new}
    if gone:
        connection.execute(delete(ActionFinding).where(inside, ActionFinding.time.in_(gone)))
    if new:
        connection.execute(insert(ActionFinding), [_values(origin, finding, now) for finding in new])
    return len(new)


def _is_same(before: float | None, size: float) -> bool:
    return before is not None and abs(before - size) <= _SAME_SIZE


def _values(origin: FindingOrigin, finding: NewFinding, now: dt.datetime) -> dict[str, object]:
    return {
        "instrument_id": origin.instrument_id,
        "time": finding.span.end,
        "start": finding.span.start,
        "size": finding.size,
        "series_id": origin.series_id,
        "job_id": origin.job_id,
        "found_at": now,
    }


def of_instrument(connection: Connection, instrument_id: int) -> list[FindingRow]:
    """Return the findings of an instrument, by date."""
    return _read(connection, _PLAIN.where(ActionFinding.instrument_id == instrument_id).order_by(ActionFinding.time))


def page(connection: Connection, limit: int) -> list[FindingRow]:
    """Return the newest findings of all instruments, newest first."""
    newest = _PLAIN.order_by(ActionFinding.found_at.desc(), ActionFinding.instrument_id, ActionFinding.time.desc())
    return _read(connection, newest.limit(limit))


def count(connection: Connection) -> int:
    """Return how many findings there are."""
    return int(connection.execute(select(func.count()).select_from(ActionFinding)).scalar_one())


def _read(connection: Connection, query: Select[*tuple[Any, ...]]) -> list[FindingRow]:
    return [_finding(row) for row in connection.execute(query)]


def _finding(row: Row[*tuple[Any, ...]]) -> FindingRow:
    return FindingRow(
        row.source, row.symbol, row.series_id, row.job_id, Span(row.start, row.time), row.size, row.found_at
    )
