"""Dividends, splits and capital gains."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Connection, case, func, select
from sqlalchemy.dialects import postgresql, sqlite

from webapp.kernel.bars import Action as ActionValue
from webapp.series.tables import Action, Instrument


def upsert(
    connection: Connection, instrument_id: int, actions: Sequence[ActionValue], job_id: int, now: dt.datetime
) -> None:
    """Write actions by ``(instrument, kind, ex-date)``; a value that changed is replaced, the first sighting kept.

    When it was last told is kept, too: it says on which basis of splits a payout stands.
    """
    if not actions:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(Action)
    statement = statement.on_conflict_do_update(
        index_elements=["instrument_id", "kind", "time"],
        set_={
            "value": statement.excluded.value,
            "currency": statement.excluded.currency,
            "told_at": statement.excluded.told_at,
            "job_id": case((Action.value == statement.excluded.value, Action.job_id), else_=statement.excluded.job_id),
        },
    )
    rows = [
        {
            "instrument_id": instrument_id,
            "kind": action.kind,
            "time": action.time,
            "value": action.value,
            "currency": action.currency,
            "first_seen_at": now,
            "told_at": now,
            "job_id": job_id,
        }
        for action in actions
    ]
    connection.execute(statement, rows)


def read(connection: Connection, instrument_id: int) -> list[ActionValue]:
    """Return the actions of an instrument, by ex-date."""
    columns = (Action.kind, Action.time, Action.value, Action.currency)
    query = select(*columns).where(Action.instrument_id == instrument_id).order_by(Action.time)
    return [ActionValue(*row) for row in connection.execute(query)]


def of_instrument(connection: Connection, source: str, symbol: str) -> list[ActionValue] | None:
    """Return the actions of an instrument by its name at a source, by ex-date; None when it was never seen."""
    query = select(Instrument.id).where(Instrument.source == source, Instrument.symbol == symbol)
    instrument_id = connection.execute(query).scalar()
    return None if instrument_id is None else read(connection, instrument_id)


def version(connection: Connection, instrument_id: int) -> tuple[int, dt.datetime | None]:
    """Return what changes with the actions of an instrument: how many there are, and when the last was told."""
    query = select(func.count(), func.max(Action.told_at)).where(Action.instrument_id == instrument_id)
    count, last_told = connection.execute(query).one()
    return int(count), last_told


def count_until(connection: Connection, instrument_id: int, day: int) -> int:
    """Return how many actions of an instrument have an ex-date of a day (label) or before."""
    query = select(func.count()).select_from(Action).where(Action.instrument_id == instrument_id, Action.time <= day)
    return int(connection.execute(query).scalar_one())
