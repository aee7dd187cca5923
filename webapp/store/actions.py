"""Dividends, splits and capital gains."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from webapp.domain.bars import Action as ActionValue
from webapp.store.tables import Action


def upsert(
    connection: Connection, instrument_id: int, actions: Sequence[ActionValue], job_id: int, now: dt.datetime
) -> None:
    """Write actions by ``(instrument, kind, ex-date)``; a value that changed is replaced, the first sighting kept."""
    if not actions:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(Action)
    statement = statement.on_conflict_do_update(
        index_elements=["instrument_id", "kind", "time"],
        set_={"value": statement.excluded.value, "job_id": statement.excluded.job_id},
        where=Action.value != statement.excluded.value,
    )
    rows = [
        {
            "instrument_id": instrument_id,
            "kind": action.kind,
            "time": action.time,
            "value": action.value,
            "first_seen_at": now,
            "job_id": job_id,
        }
        for action in actions
    ]
    connection.execute(statement, rows)


def read(connection: Connection, instrument_id: int) -> list[ActionValue]:
    """Return the actions of an instrument, by ex-date."""
    query = select(Action.kind, Action.time, Action.value).where(Action.instrument_id == instrument_id)
    return [ActionValue(row.kind, row.time, row.value) for row in connection.execute(query.order_by(Action.time))]
