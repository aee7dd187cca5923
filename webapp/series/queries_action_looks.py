"""Whose turn it is to ask a source for its list of an instrument's actions: once an instrument and day (UTC)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from webapp.series.tables import ActionLook, Instrument

_PATIENCE = dt.timedelta(minutes=10)
"""So long another job leaves the question to the one that has taken it on."""
Looks = Mapping[str, Sequence[float]]
"""By the key of a disagreement: when its days were asked last (epoch seconds), how often, and what was compared."""


@dataclass(frozen=True, slots=True)
class ActionLookRow:
    """What was answered before: when the last list came, None for never, and what was looked at."""

    listed_at: dt.datetime | None
    looks: Looks


def is_due(connection: Connection, source: str, symbol: str, now: dt.datetime) -> bool:
    """Tell whether nobody has asked for an instrument's actions on this day; so it is of one that was never seen."""
    asked_today = select(ActionLook.instrument_id).join(Instrument, Instrument.id == ActionLook.instrument_id)
    asked_today = asked_today.where(Instrument.source == source, Instrument.symbol == symbol)
    return connection.execute(asked_today.where(ActionLook.asked_at >= _midnight(now))).first() is None


def claim(connection: Connection, instrument_id: int, job_id: int, now: dt.datetime) -> bool:
    """Take the day's question on for a job; False when it was asked today, or another job is about to ask it."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(ActionLook).values(instrument_id=instrument_id, job_id=job_id, claimed_at=now)
    is_free = or_(ActionLook.job_id.is_(None), ActionLook.job_id == job_id, ActionLook.claimed_at < now - _PATIENCE)
    statement = statement.on_conflict_do_update(
        index_elements=["instrument_id"],
        set_={"job_id": job_id, "claimed_at": now},
        where=_is_open(now) & is_free,
    )
    return connection.execute(statement.returning(ActionLook.instrument_id)).first() is not None


def read(connection: Connection, instrument_id: int) -> ActionLookRow:
    """Return what was answered before."""
    query = select(ActionLook.listed_at, ActionLook.settled).where(ActionLook.instrument_id == instrument_id)
    row = connection.execute(query).first()
    return ActionLookRow(row.listed_at, row.settled or {}) if row else ActionLookRow(None, {})


def finish(connection: Connection, instrument_id: int, looks: Looks, now: dt.datetime) -> None:
    """Write down that the source has answered."""
    values = {"job_id": None, "asked_at": now, "listed_at": now, "settled": {**looks}}
    connection.execute(update(ActionLook).where(ActionLook.instrument_id == instrument_id).values(values))


def give_up(connection: Connection, instrument_id: int, now: dt.datetime) -> None:
    """Write down that the source did not answer, and is not asked again today."""
    values = {"job_id": None, "asked_at": now}
    connection.execute(update(ActionLook).where(ActionLook.instrument_id == instrument_id).values(values))


def _is_open(now: dt.datetime) -> ColumnElement[bool]:
    return or_(ActionLook.asked_at.is_(None), ActionLook.asked_at < _midnight(now))


def _midnight(now: dt.datetime) -> dt.datetime:
    return now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
