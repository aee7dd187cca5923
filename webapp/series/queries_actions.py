"""Dividends, splits and capital gains."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, func, literal, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from webapp.errors import Sentence
from webapp.kernel.bars import SPLIT
from webapp.kernel.bars import Action as ActionValue
from webapp.series.tables import Action, Instrument

_COUNTS = Action.withdrawn_at.is_(None)
_READ = (
    select(Action.kind, Action.time, Action.value, Action.currency)
    .where(Action.instrument_id == bindparam("instrument_id"), _COUNTS)
    .order_by(Action.time)
)
_RECORDED = ("told_at", "listed_at", "remainder", "no_longer_told_at", "withdrawn_at", "reason")


@dataclass(frozen=True, slots=True)
class RecordedAction:
    """An action with what is on record of it: when the source's list of all actions had it (None: the last did not).

    ``remainder`` is the part of a price that a payout leaves by the adjusted closes of that list, where they tell.
    ``no_longer_told_at`` is when an answer over its day first left it out; it is not applied when it is
    ``withdrawn_at``. ``reason`` says why, or why it was not withdrawn.
    """

    action: ActionValue
    told_at: dt.datetime | None
    listed_at: dt.datetime | None
    remainder: float | None
    no_longer_told_at: dt.datetime | None
    withdrawn_at: dt.datetime | None
    reason: Sentence | None


def upsert(
    connection: Connection, instrument_id: int, actions: Sequence[ActionValue], job_id: int, now: dt.datetime
) -> None:
    """Write actions by ``(instrument, kind, ex-date)``; a value that changed is replaced, the first sighting kept.

    When it was last told is kept, too: it says on which basis of splits a payout stands. One that was withdrawn counts
    again, since it is told again.
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
            "no_longer_told_at": None,
            "withdrawn_at": None,
            "reason": None,
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
    """Return the actions of an instrument that count, by ex-date: all that were not withdrawn."""
    return [ActionValue(*row) for row in connection.execute(_READ, {"instrument_id": instrument_id})]


def read_record(connection: Connection, instrument_id: int) -> list[RecordedAction]:
    """Return all that is on record of an instrument's actions, by ex-date."""
    query = select(*Action.__table__.c).where(Action.instrument_id == instrument_id)
    return [
        RecordedAction(
            ActionValue(row.kind, row.time, row.value, row.currency),
            **{name: getattr(row, name) for name in _RECORDED},
        )
        for row in connection.execute(query.order_by(Action.time))
    ]


def note_untold(
    connection: Connection, instrument_id: int, key: tuple[str, int], now: dt.datetime, reason: Sentence | None
) -> None:
    """Write down that an answer over its day left an action out; ``key`` is its kind and ex-date.

    :param reason: why it stays all the same, where that is known.
    """
    since = func.coalesce(Action.no_longer_told_at, literal(now, Action.no_longer_told_at.type))
    statement = update(Action).where(_is(instrument_id, key), _COUNTS)
    connection.execute(statement.values(no_longer_told_at=since, reason=reason))


def withdraw(
    connection: Connection, instrument_id: int, key: tuple[str, int], now: dt.datetime, reason: Sentence
) -> None:
    """Let an action count no more, and say why; it stays on record."""
    note_untold(connection, instrument_id, key, now, reason)
    connection.execute(update(Action).where(_is(instrument_id, key), _COUNTS).values(withdrawn_at=now))


def _is(instrument_id: int, key: tuple[str, int]) -> ColumnElement[bool]:
    return and_(Action.instrument_id == instrument_id, Action.kind == key[0], Action.time == key[1])


def mark_listed(
    connection: Connection,
    instrument_id: int,
    listed: Iterable[ActionValue],
    now: dt.datetime,
    undecided: Collection[int] = (),
) -> None:
    """Write down which actions of an instrument the newest list of all has; those that it lacks are not listed.

    :param undecided: the ex-dates of which the list before is believed still, so that the next one is in doubt again.
    """
    keys = [(action.kind, action.time) for action in listed if action.time not in undecided]
    mine = (Action.instrument_id == instrument_id) & Action.time.not_in(undecided)
    connection.execute(update(Action).where(mine, Action.listed_at.is_not(None)).values(listed_at=None))
    for first in range(0, len(keys), 400):
        among = tuple_(Action.kind, Action.time).in_(keys[first : first + 400])
        connection.execute(update(Action).where(mine, among).values(listed_at=now))


def write_remainder(connection: Connection, instrument_id: int, key: tuple[str, int], remainder: float) -> None:
    """Write down what part of a price a payout leaves; ``key`` is its kind and ex-date."""
    connection.execute(update(Action).where(_is(instrument_id, key)).values(remainder=remainder))


def remainders(connection: Connection, instrument_id: int) -> dict[int, float]:
    """Return what part of a price the payouts of a day leave together, by ex-date, where that is known of all of them.

    A dividend and a capital gain of one day are taken out of the same close.
    """
    mine = (Action.instrument_id == instrument_id) & (Action.kind != SPLIT)
    query = select(Action.time, Action.remainder).where(mine, _COUNTS)
    return agreed_remainders((row.time, row.remainder) for row in connection.execute(query))


def agreed_remainders(payouts: Iterable[tuple[int, float | None]]) -> dict[int, float]:
    """Return what part of a price the payouts of a day leave together, of those with ex-date and part of each."""
    parts: dict[int, list[float | None]] = {}
    for time, remainder in payouts:
        parts.setdefault(time, []).append(remainder)
    return {time: 1 - sum(1 - (part or 0.0) for part in parts[time]) for time in parts if None not in parts[time]}


def of_instrument(connection: Connection, source: str, symbol: str) -> list[ActionValue] | None:
    """Return the actions of an instrument by its name at a source, by ex-date; None when it was never seen."""
    query = select(Instrument.id).where(Instrument.source == source, Instrument.symbol == symbol)
    instrument_id = connection.execute(query).scalar()
    return None if instrument_id is None else read(connection, instrument_id)


@dataclass(frozen=True, slots=True)
class ActionsVersion:
    """What changes with the actions of an instrument: how many there are and count, when they were told and listed."""

    number: int
    counting: int
    told_at: dt.datetime | None
    listed_at: dt.datetime | None


def version(connection: Connection, instrument_id: int) -> ActionsVersion:
    """Return what changes with the actions of an instrument."""
    counting = func.count().filter(_COUNTS)
    query = select(func.count(), counting, func.max(Action.told_at), func.max(Action.listed_at))
    return ActionsVersion(*connection.execute(query.where(Action.instrument_id == instrument_id)).one())


def count_until(connection: Connection, instrument_id: int, day: int) -> int:
    """Return how many actions of an instrument that count have an ex-date of a day (label) or before."""
    query = select(func.count()).select_from(Action).where(Action.instrument_id == instrument_id, _COUNTS)
    return int(connection.execute(query.where(Action.time <= day)).scalar_one())
