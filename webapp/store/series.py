"""Instruments and their series."""

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from webapp.domain.instruments import InstrumentFacts
from webapp.domain.intervals import Interval
from webapp.store.tables import Instrument, Series

_FACTS = tuple(field.name for field in dataclasses.fields(InstrumentFacts))


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """A series with its instrument. ``first_bar`` and ``last_bar`` are bar starts, epoch seconds UTC."""

    id: int
    instrument_id: int
    source: str
    symbol: str
    interval: Interval
    variant: str
    rows: int
    first_bar: int | None
    last_bar: int | None
    updated_at: dt.datetime | None
    facts: InstrumentFacts


_SELECT = select(
    Series.id,
    Series.instrument_id,
    Instrument.source,
    Instrument.symbol,
    Series.interval,
    Series.variant,
    Series.rows,
    Series.first_bar,
    Series.last_bar,
    Series.updated_at,
    *(getattr(Instrument, name) for name in _FACTS),
).join(Instrument, Instrument.id == Series.instrument_id)


def _series(row: Row[*tuple[Any, ...]]) -> SeriesRow:
    values = dict(row._mapping)  # noqa: SLF001 -- SQLAlchemy's documented name
    facts = InstrumentFacts(**{name: values.pop(name) for name in _FACTS})
    return SeriesRow(**{**values, "interval": Interval(values["interval"])}, facts=facts)


def ensure(connection: Connection, source: str, symbol: str, interval: Interval, variant: str) -> int:
    """Return the id of a series, made when it is new."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(Instrument).values(source=source, symbol=symbol).on_conflict_do_nothing())
    instrument_id = connection.execute(
        select(Instrument.id).where(Instrument.source == source, Instrument.symbol == symbol)
    ).scalar_one()
    values = {"instrument_id": instrument_id, "interval": interval.value, "variant": variant, "rows": 0}
    connection.execute(dialect.insert(Series).values(**values).on_conflict_do_nothing())
    query = select(Series.id).where(
        Series.instrument_id == instrument_id, Series.interval == interval.value, Series.variant == variant
    )
    return int(connection.execute(query).scalar_one())


def get(connection: Connection, series_id: int) -> SeriesRow | None:
    """Return a series by id, or None."""
    row = connection.execute(_SELECT.where(Series.id == series_id)).first()
    return _series(row) if row else None


def find(connection: Connection, source: str, symbol: str, interval: Interval, variant: str) -> SeriesRow | None:
    """Return a series by what it is, or None."""
    query = _SELECT.where(
        Instrument.source == source,
        Instrument.symbol == symbol,
        Series.interval == interval.value,
        Series.variant == variant,
    )
    row = connection.execute(query).first()
    return _series(row) if row else None


def facts(connection: Connection, source: str, symbol: str) -> InstrumentFacts:
    """Return what is known of an instrument; empty facts for one never seen."""
    query = select(*(getattr(Instrument, name) for name in _FACTS)).where(
        Instrument.source == source, Instrument.symbol == symbol
    )
    row = connection.execute(query).first()
    return InstrumentFacts(*row) if row else InstrumentFacts()


def page(connection: Connection, search: str = "", *, limit: int = 100, offset: int = 0) -> list[SeriesRow]:
    """Return series that hold bars, by symbol, that contain ``search`` in symbol or name."""
    query = _SELECT.where(Series.rows > 0, *_matching(search)).order_by(Instrument.symbol, Series.id)
    return [_series(row) for row in connection.execute(query.limit(limit).offset(offset))]


def count(connection: Connection, search: str = "") -> int:
    """Return how many series ``page`` would go through."""
    query = select(func.count()).select_from(Series).join(Instrument, Instrument.id == Series.instrument_id)
    return int(connection.execute(query.where(Series.rows > 0, *_matching(search))).scalar_one())


def _matching(search: str) -> list[ColumnElement[bool]]:
    if not search:
        return []
    escaped = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    pattern = f"%{escaped}%"
    return [or_(Instrument.symbol.ilike(pattern, escape="\\"), Instrument.name.ilike(pattern, escape="\\"))]


def learn(connection: Connection, instrument_id: int, told: InstrumentFacts, now: dt.datetime) -> None:
    """Keep what a source told of an instrument; what it left out stays as it was."""
    values = {name: value for name in _FACTS if (value := getattr(told, name)) is not None}
    connection.execute(update(Instrument).where(Instrument.id == instrument_id).values(**values, checked_at=now))


def grow(connection: Connection, series_id: int, added: int, first: int, last: int, now: dt.datetime) -> None:
    """Write down that ``added`` bars are new, the written ones reaching from ``first`` to ``last`` (epoch seconds)."""
    values = {
        "rows": Series.rows + added,
        "first_bar": case((Series.first_bar < first, Series.first_bar), else_=first),
        "last_bar": case((Series.last_bar > last, Series.last_bar), else_=last),
        "updated_at": now,
    }
    connection.execute(update(Series).where(Series.id == series_id).values(values))
