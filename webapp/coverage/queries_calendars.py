"""The calendars that people chose for instruments."""

from sqlalchemy import Connection, select, update

from webapp.series.tables import Instrument


def chosen(connection: Connection, instrument_id: int) -> str | None:
    """Return the code of the chosen calendar, or None when the source's exchange decides."""
    query = select(Instrument.calendar).where(Instrument.id == instrument_id)
    return connection.execute(query).scalar_one_or_none()


def choose(connection: Connection, instrument_id: int, code: str | None) -> None:
    """Keep the code of a calendar for an instrument; None lets its exchange decide again."""
    connection.execute(update(Instrument).where(Instrument.id == instrument_id).values(calendar=code))
