"""Re-basing: stored prices, volumes and payouts divided and multiplied where they stand."""

import datetime as dt
from collections.abc import Callable

from sqlalchemy import Connection, func, select, text, update

from webapp.kernel.bars import SPLIT
from webapp.kernel.bars import Action as ActionValue
from webapp.kernel.restatement_kinds import Kind
from webapp.series import queries_bars
from webapp.series.rules_split_basis import Rebased, ToldAction
from webapp.series.tables import Action, Restatement


def lock(connection: Connection, series_id: int) -> None:
    """Let nobody else write the series until the transaction ends; SQLite has one writer at a time anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT 1 FROM series WHERE id = :id FOR UPDATE"), {"id": series_id})


def rebase_bars(connection: Connection, series_id: int, ratio: float, *, is_volume_too: bool) -> int:
    """Divide all stored prices of a series by the ratio, multiply its volumes where told, and return how many bars.

    A volume that was whole stays whole.
    """
    return queries_bars.rescale(connection, series_id, ratio=ratio, volumes=ratio if is_volume_too else 1.0)


def told(connection: Connection, instrument_id: int) -> list[ToldAction]:
    """Return the actions of an instrument with the moments they were last told at."""
    at = func.coalesce(Action.told_at, Action.first_seen_at, type_=Action.told_at.type)
    query = select(Action.kind, Action.time, Action.value, at.label("at")).where(Action.instrument_id == instrument_id)
    return [ToldAction(ActionValue(r.kind, r.time, r.value), r.at) for r in connection.execute(query)]


def rebase_payouts(
    connection: Connection, instrument_id: int, factor: Callable[[ToldAction], float], now: dt.datetime
) -> int:
    """Divide the payouts of an instrument by what ``factor`` says of each, and return how many changed."""
    changed = 0
    for one in told(connection, instrument_id):
        by = 1.0 if one.action.kind == SPLIT else factor(one)
        if by == 1.0:
            continue
        where = (
            (Action.instrument_id == instrument_id)
            & (Action.kind == one.action.kind)
            & (Action.time == one.action.time)
        )
        connection.execute(update(Action).where(where).values(value=one.action.value / by, told_at=now))
        changed += 1
    return changed


def rebasings(connection: Connection, series_id: int) -> list[Rebased]:
    """Return when and by what a series was re-based."""
    query = select(Restatement.at, Restatement.ratio, Restatement.split)
    query = query.where(Restatement.series_id == series_id, Restatement.kind == Kind.REBASED.value)
    return [Rebased(row.at, row.ratio, row.split) for row in connection.execute(query)]


def count_rebasings(connection: Connection, series_id: int) -> int:
    """Return how often a series was re-based."""
    query = select(func.count()).select_from(Restatement)
    mine = (Restatement.series_id == series_id) & (Restatement.kind == Kind.REBASED.value)
    return connection.execute(query.where(mine)).scalar_one()
