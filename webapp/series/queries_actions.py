"""Dividends, splits and capital gains."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from webapp.kernel.bars import SPLIT
from webapp.kernel.bars import Action as ActionValue
from webapp.series.tables import Action, Instrument


@dataclass(frozen=True, slots=True)
class RecordedAction:
    """An action with what is on record of it: when the source's list of all actions had it (None: the last did not).

    ``remainder`` is the part of a price that a payout leaves by the adjusted closes of that list, where they tell.
    """

    action: ActionValue
    listed_at: dt.datetime | None
    remainder: float | None


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


def read_record(connection: Connection, instrument_id: int) -> list[RecordedAction]:
    """Return all that is on record of an instrument's actions, by ex-date."""
    query = select(*Action.__table__.c).where(Action.instrument_id == instrument_id)
    return [
        RecordedAction(ActionValue(row.kind, row.time, row.value), row.listed_at, row.remainder)
        for row in connection.execute(query.order_by(Action.time))
    ]


def mark_listed(connection: Connection, instrument_id: int, listed: Iterable[ActionValue], now: dt.datetime) -> None:
    """Write down which actions of an instrument the newest list of all has; those that it lacks are not listed."""
    keys = [(action.kind, action.time) for action in listed]
    mine = Action.instrument_id == instrument_id
    connection.execute(update(Action).where(mine, Action.listed_at.is_not(None)).values(listed_at=None))
    for first in range(0, len(keys), 400):
        among = tuple_(Action.kind, Action.time).in_(keys[first : first + 400])
        connection.execute(update(Action).where(mine, among).values(listed_at=now))


def write_remainder(connection: Connection, instrument_id: int, key: tuple[str, int], remainder: float) -> None:
    """Write down what part of a price a payout leaves; ``key`` is its kind and ex-date."""
    mine = (Action.instrument_id == instrument_id) & (Action.kind == key[0]) & (Action.time == key[1])
    connection.execute(update(Action).where(mine).values(remainder=remainder))


def remainders(connection: Connection, instrument_id: int) -> dict[int, float]:
    """Return what part of a price the payouts of a day leave together, by ex-date, where that is known of all of them.

    A dividend and a capital gain of one day are taken out of the same close.
    """
    query = select(Action.time, Action.remainder).where(Action.instrument_id == instrument_id, Action.kind != SPLIT)
    parts: dict[int, list[float | None]] = {}
    for row in connection.execute(query):
        parts.setdefault(row.time, []).append(row.remainder)
    return {time: 1 - sum(1 - (part or 0.0) for part in parts[time]) for time in parts if None not in parts[time]}


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
