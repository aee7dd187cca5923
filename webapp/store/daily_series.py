"""The daily series that hold bars, with what their sources say of them: what can be set beside each other."""

from dataclasses import dataclass, fields

from sqlalchemy import Connection, select

from webapp.domain.instruments import InstrumentFacts
from webapp.domain.intervals import Interval
from webapp.store.tables import Instrument, Series

_MOST = 20_000
_FACTS = tuple(field.name for field in fields(InstrumentFacts))


@dataclass(frozen=True, slots=True)
class DailySeries:
    """A series of daily bars."""

    id: int
    source: str
    symbol: str
    variant: str
    rows: int
    facts: InstrumentFacts


def read(connection: Connection) -> list[DailySeries]:
    """Return the daily series that hold bars, by symbol."""
    columns = (Series.id, Instrument.source, Instrument.symbol, Series.variant, Series.rows)
    query = select(*columns, *(getattr(Instrument, name) for name in _FACTS))
    query = query.join(Instrument, Instrument.id == Series.instrument_id)
    query = query.where(Series.interval == Interval.D1.value, Series.rows > 0)
    rows = connection.execute(query.order_by(Instrument.symbol, Series.id).limit(_MOST)).all()
    return [
        DailySeries(row.id, row.source, row.symbol, row.variant, row.rows, InstrumentFacts(*row[len(columns) :]))
        for row in rows
    ]
