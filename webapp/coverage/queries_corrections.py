"""Days of calendars that people corrected, and which instruments follow a calendar."""

import datetime as dt

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from webapp.coverage.tables import CorrectedDay
from webapp.kernel.instruments import InstrumentFacts
from webapp.series.tables import Instrument

Corrections = tuple[tuple[int, bool], ...]
"""Dates (00:00 UTC, epoch seconds, ascending) with whether the exchange is open."""


def read(connection: Connection, calendar: str) -> Corrections:
    """Return what was corrected of a calendar."""
    query = select(CorrectedDay.day, CorrectedDay.is_open).where(CorrectedDay.calendar == calendar)
    return tuple((int(row.day), bool(row.is_open)) for row in connection.execute(query.order_by(CorrectedDay.day)))


def calendars(connection: Connection) -> list[str]:
    """Return the codes of the calendars of which anything was corrected, ascending."""
    query = select(CorrectedDay.calendar).distinct().order_by(CorrectedDay.calendar)
    return list(connection.execute(query).scalars())


def save(connection: Connection, calendar: str, day: int, *, is_open: bool, now: dt.datetime) -> None:
    """Keep that an exchange is open or closed on a day, in the place of what was said before."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    changed = {"is_open": is_open, "corrected_at": now}
    inserted = dialect.insert(CorrectedDay).values(calendar=calendar, day=day, **changed)
    key = [CorrectedDay.calendar, CorrectedDay.day]
    connection.execute(inserted.on_conflict_do_update(index_elements=key, set_=changed))


def forget(connection: Connection, calendar: str, day: int) -> None:
    """Let the calendar decide again of a day."""
    is_day = (CorrectedDay.calendar == calendar) & (CorrectedDay.day == day)
    connection.execute(delete(CorrectedDay).where(is_day))


def instruments(connection: Connection) -> list[tuple[int, str | None, InstrumentFacts]]:
    """Return all instruments: id, the calendar that a person chose, and the facts by which another is found."""
    columns = (Instrument.id, Instrument.calendar, Instrument.kind, Instrument.exchange, Instrument.timezone)
    return [
        (row.id, row.calendar, InstrumentFacts(kind=row.kind, exchange=row.exchange, timezone=row.timezone))
        for row in connection.execute(select(*columns))
    ]
