"""The series of one interval that hold bars, with what their sources say of them: what can be compared."""

from dataclasses import dataclass, fields

from sqlalchemy import Connection, select

from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import Interval
from webapp.series.tables import Instrument, Series

_MOST = 20_000
_FACTS = tuple(field.name for field in fields(InstrumentFacts))


@dataclass(frozen=True, slots=True)
class AlikeSeries:
    """A series of the interval that was asked for."""

    id: int
    source: str
    symbol: str
    variant: str
    rows: int
    facts: InstrumentFacts


def read(connection: Connection, interval: Interval, *, without: str = "") -> list[AlikeSeries]:
    """Return the series of an interval that hold bars, by symbol; none of the source ``without``."""
    columns = (Series.id, Instrument.source, Instrument.symbol, Series.variant, Series.rows)
    query = select(*columns, *(getattr(Instrument, name) for name in _FACTS))
    query = query.join(Instrument, Instrument.id == Series.instrument_id)
    query = query.where(Series.interval == interval.value, Series.rows > 0, Instrument.source != without)
    rows = connection.execute(query.order_by(Instrument.symbol, Series.id).limit(_MOST)).all()
    return [
        AlikeSeries(row.id, row.source, row.symbol, row.variant, row.rows, InstrumentFacts(*row[len(columns) :]))
        for row in rows
    ]
