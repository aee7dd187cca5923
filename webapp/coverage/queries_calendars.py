"""The calendars that people chose for instruments."""

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from webapp.series.tables import Instrument

_AT_ONCE = 2000
"""So many ids go into one statement."""


def chosen(connection: Connection, instrument_id: int) -> str | None:
    """Return the code of the chosen calendar, or None when the source's exchange decides."""
    query = select(Instrument.calendar).where(Instrument.id == instrument_id)
    return connection.execute(query).scalar_one_or_none()


def chosen_of_symbols(connection: Connection, source: str, symbols: Sequence[str]) -> dict[str, str]:
    """Return the codes that were chosen for instruments of a source, by their symbols; the others are left out."""
    chosen_codes: dict[str, str] = {}
    for first in range(0, len(symbols), _AT_ONCE):
        some = symbols[first : first + _AT_ONCE]
        is_meant = (Instrument.source == source) & Instrument.symbol.in_(some) & Instrument.calendar.is_not(None)
        query = select(Instrument.symbol, Instrument.calendar).where(is_meant)
        chosen_codes |= {row.symbol: row.calendar for row in connection.execute(query)}
    return chosen_codes


def choose(connection: Connection, instrument_id: int, code: str | None) -> None:
    """Keep the code of a calendar for an instrument; None lets its exchange decide again."""
    connection.execute(update(Instrument).where(Instrument.id == instrument_id).values(calendar=code))


def chosen_of(connection: Connection, instruments: Sequence[int]) -> dict[int, str]:
    """Return the codes of the chosen calendars, of the instruments for which somebody chose one."""
    codes: dict[int, str] = {}
    for first in range(0, len(instruments), _AT_ONCE):
        part = instruments[first : first + _AT_ONCE]
        query = select(Instrument.id, Instrument.calendar).where(Instrument.id.in_(part))
        codes |= {row.id: row.calendar for row in connection.execute(query.where(Instrument.calendar.is_not(None)))}
    return codes
