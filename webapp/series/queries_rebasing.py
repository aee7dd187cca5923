"""Re-basing: stored prices, volumes and payouts divided and multiplied where they stand."""

import datetime as dt
from collections.abc import Callable

from sqlalchemy import Connection, bindparam, exists, func, select, update

from webapp.kernel.bars import SPLIT
from webapp.kernel.bars import Action as ActionValue
from webapp.kernel.restatement_kinds import RestatementKind
from webapp.kernel.spans import EVER, Span
from webapp.series import queries_bars
from webapp.series.rules_split_basis import Rebasing, StoredAction
from webapp.series.tables import Action, Restatement, Series

_COUNT = (
    select(func.count())
    .select_from(Restatement)
    .where(Restatement.series_id == bindparam("series_id"), Restatement.kind == RestatementKind.REBASED.value)
)


_BASIS = select(_COUNT.scalar_subquery(), exists(select(Series.id).where(Series.id == bindparam("series_id"))))


def rebase_bars(connection: Connection, series_id: int, ratio: float, *, is_volume_too: bool, span: Span = EVER) -> int:
    """Divide stored prices of a series by the ratio, multiply its volumes where told, and return how many bars.

    Those of all bars that start in ``span``. A volume that was whole stays whole.
    """
    volumes = ratio if is_volume_too else 1.0
    return queries_bars.rescale(connection, series_id, ratio=ratio, volumes=volumes, span=span)


def read_actions(connection: Connection, instrument_id: int) -> list[StoredAction]:
    """Return the actions of an instrument that count with the moments they were last told at."""
    at = func.coalesce(Action.told_at, Action.first_seen_at, type_=Action.told_at.type)
    columns = (Action.kind, Action.time, Action.value, Action.currency)
    query = select(*columns, at.label("at"))
    query = query.where(Action.instrument_id == instrument_id, Action.withdrawn_at.is_(None))
    rows = connection.execute(query)
    return [StoredAction(ActionValue(row.kind, row.time, row.value, row.currency), row.at) for row in rows]


def rebase_payouts(
    connection: Connection, instrument_id: int, factor: Callable[[StoredAction], float], now: dt.datetime
) -> int:
    """Divide the payouts of an instrument by what ``factor`` says of each, and return how many changed."""
    changed = 0
    for stored in read_actions(connection, instrument_id):
        by = 1.0 if stored.action.kind == SPLIT else factor(stored)
        if by == 1.0:
            continue
        where = (
            (Action.instrument_id == instrument_id)
            & (Action.kind == stored.action.kind)
            & (Action.time == stored.action.time)
        )
        connection.execute(update(Action).where(where).values(value=stored.action.value / by, told_at=now))
        changed += 1
    return changed


def rebasings(connection: Connection, series_id: int) -> list[Rebasing]:
    """Return when and by what a series was re-based."""
    query = select(Restatement.at, Restatement.ratio, Restatement.split)
    query = query.where(Restatement.series_id == series_id, Restatement.kind == RestatementKind.REBASED.value)
    return [Rebasing(row.at, row.ratio, row.split) for row in connection.execute(query)]


def read_basis(connection: Connection, series_id: int) -> tuple[int, bool]:
    """Return how often a series was re-based, and whether it is still there."""
    count, is_there = connection.execute(_BASIS, {"series_id": series_id}).one()
    return int(count), bool(is_there)


def count_rebasings(connection: Connection, series_id: int) -> int:
    """Return how often a series was re-based."""
    return int(connection.execute(_COUNT, {"series_id": series_id}).scalar_one())
