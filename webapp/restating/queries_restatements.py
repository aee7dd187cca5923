"""What became of stored values: re-basings and corrections, with old and new values."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, exists, insert, select

from webapp.errors import Sentence
from webapp.jobs.tables import Job
from webapp.kernel.restatement_kinds import RestatementKind
from webapp.restating.rules_basis import Difference
from webapp.series.tables import BarDifference, Restatement

MOST_DIFFERENCES = 100
"""So many bars of one restatement are kept with old and new values; the rest are counted."""
_COLUMNS = ("id", "job_id", "at", "kind", "start", "end", "bars", "ratio", "message")
_SHOWN = (RestatementKind.REBASED.value, RestatementKind.PRICES.value, RestatementKind.PAYOUTS.value)


@dataclass(frozen=True, slots=True)
class NewRestatement:
    """What is to be written down. ``start`` and ``end`` are the starts of the first and the last bar concerned."""

    series_id: int
    job_id: int
    kind: RestatementKind
    start: int | None
    end: int | None
    bars: int
    message: Sentence
    ratio: float | None = None
    split: int | None = None
    differences: Sequence[Difference] = ()


@dataclass(frozen=True, slots=True)
class RestatementRow:
    """One restatement, as a page shows it."""

    id: int
    job_id: int
    at: dt.datetime
    kind: RestatementKind
    start: int | None
    end: int | None
    bars: int
    ratio: float | None
    message: Sentence
    has_job: bool
    """Whether the job is still there; old ones are deleted."""
    differences: tuple[Difference, ...]


def add(connection: Connection, new: NewRestatement, now: dt.datetime) -> None:
    """Write down a restatement, with the first differences."""
    values = {
        "series_id": new.series_id,
        "job_id": new.job_id,
        "at": now,
        "kind": new.kind.value,
        "start": new.start,
        "end": new.end,
        "bars": new.bars,
        "ratio": new.ratio,
        "split": new.split,
        "message": new.message,
    }
    restatement_id = connection.execute(insert(Restatement).values(values).returning(Restatement.id)).scalar_one()
    shown = new.differences[:MOST_DIFFERENCES]
    if shown:
        rows = [
            {"restatement_id": restatement_id, "time": difference.time, "old": difference.old, "new": difference.new}
            for difference in shown
        ]
        connection.execute(insert(BarDifference), rows)


def page(connection: Connection, series_id: int, limit: int = 20) -> list[RestatementRow]:
    """Return the newest restatements of a series, newest first, without those that changed only volumes."""
    columns = [getattr(Restatement, name) for name in _COLUMNS]
    has_job = exists().where(Job.id == Restatement.job_id).label("has_job")
    query = select(*columns, has_job).where(Restatement.series_id == series_id, Restatement.kind.in_(_SHOWN))
    rows = connection.execute(query.order_by(Restatement.id.desc()).limit(limit)).all()
    by_restatement = differences(connection, [row.id for row in rows])
    return [
        RestatementRow(
            **{name: getattr(row, name) for name in _COLUMNS if name != "kind"},
            kind=RestatementKind(row.kind),
            has_job=bool(row.has_job),
            differences=tuple(by_restatement.get(row.id, ())),
        )
        for row in rows
    ]


def differences(connection: Connection, ids: Sequence[int]) -> dict[int, list[Difference]]:
    """Return the kept differences of restatements by their ids, ascending by time."""
    query = select(BarDifference).where(BarDifference.restatement_id.in_(ids)).order_by(BarDifference.time)
    by_restatement: dict[int, list[Difference]] = {}
    for row in connection.execute(query.with_only_columns(*BarDifference.__table__.c)):
        by_restatement.setdefault(row.restatement_id, []).append(Difference(row.time, tuple(row.old), tuple(row.new)))
    return by_restatement
