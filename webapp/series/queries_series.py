"""Instruments and their series."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, case, func, or_, select, text, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from webapp.kernel.instruments import InstrumentFacts, Instruments
from webapp.kernel.intervals import Interval
from webapp.series.tables import Instrument, Series

_FACTS = tuple(field.name for field in dataclasses.fields(InstrumentFacts))

_SYMBOLS_A_STATEMENT = 1000
_TRIES = 5
"""A series that is deleted in this moment is gone when the lock is given; its successor is there at the next look."""


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


PLAIN = select(
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
"""All that a ``SeriesRow`` says, for queries of other modules to narrow."""
# Written once, since it is asked with every request: putting a statement together takes longer than answering it.
_BY_ID = PLAIN.where(Series.id == bindparam("series_id"))

_BY_ID = PLAIN.where(Series.id == bindparam("series_id"))
"""Made once, since each step of a job asks it."""


def series_of(row: Row[*tuple[Any, ...]]) -> SeriesRow:
    """Return what a row of ``PLAIN`` says."""
    values = dict(row._mapping)  # noqa: SLF001 -- SQLAlchemy's documented name
    facts = InstrumentFacts(**{name: values.pop(name) for name in _FACTS})
    return SeriesRow(**{**values, "interval": Interval(values["interval"])}, facts=facts)


def ensure(connection: Connection, source: str, symbol: str, interval: Interval, variant: str) -> int:
    """Return the id of a series, made when it is new; it is not deleted until the caller's transaction ends."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(Instrument).values(source=source, symbol=symbol).on_conflict_do_nothing())
    instrument_id = connection.execute(
        select(Instrument.id).where(Instrument.source == source, Instrument.symbol == symbol)
    ).scalar_one()
    values = {"instrument_id": instrument_id, "interval": interval.value, "variant": variant, "rows": 0}
    query = (
        select(Series.id)
        .where(Series.instrument_id == instrument_id, Series.interval == interval.value, Series.variant == variant)
        .with_for_update(read=True, key_share=True)
    )
    for _ in range(_TRIES):
        connection.execute(dialect.insert(Series).values(**values).on_conflict_do_nothing())
        series_id = connection.execute(query).scalar()
        if series_id is not None:
            return int(series_id)
    raise LookupError(f"series of {symbol}")


def get(connection: Connection, series_id: int) -> SeriesRow | None:
    """Return a series by id, or None."""
    row = connection.execute(_BY_ID, {"series_id": series_id}).first()
    return series_of(row) if row else None


def lock_for_write(connection: Connection, series_id: int) -> None:
    """Let nobody else write the series until the transaction ends; SQLite has one writer at a time anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT 1 FROM series WHERE id = :id FOR UPDATE"), {"id": series_id})


def find(connection: Connection, source: str, symbol: str, interval: Interval, variant: str) -> SeriesRow | None:
    """Return a series by what it is, or None."""
    query = PLAIN.where(
        Instrument.source == source,
        Instrument.symbol == symbol,
        Series.interval == interval.value,
        Series.variant == variant,
    )
    row = connection.execute(query).first()
    return series_of(row) if row else None


def of_symbols(connection: Connection, source: str, symbols: Sequence[str]) -> list[SeriesRow]:
    """Return all series of instruments of a source, also those without bars, by id."""
    rows: list[SeriesRow] = []
    for first in range(0, len(symbols), _SYMBOLS_A_STATEMENT):
        some = symbols[first : first + _SYMBOLS_A_STATEMENT]
        query = PLAIN.where(Instrument.source == source, Instrument.symbol.in_(some)).order_by(Series.id)
        rows += [series_of(row) for row in connection.execute(query)]
    return rows


def facts_of_symbols(connection: Connection, source: str, symbols: Sequence[str]) -> dict[str, InstrumentFacts]:
    """Return what is known of instruments of a source; those never seen are left out."""
    known_facts: dict[str, InstrumentFacts] = {}
    columns = (Instrument.symbol.label("of"), *(getattr(Instrument, name) for name in _FACTS))
    for first in range(0, len(symbols), _SYMBOLS_A_STATEMENT):
        some = symbols[first : first + _SYMBOLS_A_STATEMENT]
        query = select(*columns).where(Instrument.source == source, Instrument.symbol.in_(some))
        known_facts |= {row[0]: InstrumentFacts(*row[1:]) for row in connection.execute(query)}
    return known_facts


def stored_intervals(connection: Connection, symbols: Mapping[str, str]) -> list[tuple[str, Interval]]:
    """Return the sources that hold bars of an instrument with each interval of theirs, the shorter ones first.

    :param symbols: what each source calls the instrument.
    """
    pairs = tuple_(Instrument.source, Instrument.symbol).in_(list(symbols.items()))
    query = select(Instrument.source, Series.interval).join(Series, Series.instrument_id == Instrument.id)
    rows = connection.execute(query.where(Series.rows > 0, pairs).distinct())
    return sorted(((row.source, Interval(row.interval)) for row in rows), key=lambda row: (row[1].seconds, row[0]))


def read_siblings(connection: Connection, row: SeriesRow) -> list[SeriesRow]:
    """Return the other series of an instrument that hold bars, by id."""
    query = PLAIN.where(Series.instrument_id == row.instrument_id, Series.id != row.id, Series.rows > 0)
    return [series_of(sibling) for sibling in connection.execute(query.order_by(Series.id))]


def of_instrument(connection: Connection, source: str, symbol: str) -> list[SeriesRow]:
    """Return all series of an instrument by its name at a source, the newest first, with or without bars."""
    query = PLAIN.where(Instrument.source == source, Instrument.symbol == symbol)
    return [series_of(row) for row in connection.execute(query.order_by(Series.id.desc()))]


def facts(connection: Connection, source: str, symbol: str) -> InstrumentFacts:
    """Return what is known of an instrument; empty facts for one never seen."""
    query = select(*(getattr(Instrument, name) for name in _FACTS)).where(
        Instrument.source == source, Instrument.symbol == symbol
    )
    row = connection.execute(query).first()
    return InstrumentFacts(*row) if row else InstrumentFacts()


@dataclass(frozen=True, slots=True)
class SeriesFilter:
    """Which series to list; None and the empty text mean any.

    ``search`` is a part of a symbol or of a name, ``symbol`` a whole one in capitals.
    """

    search: str = ""
    symbol: str | None = None
    source: str | None = None
    interval: Interval | None = None
    instruments: Instruments | None = None
    """Those of a watchlist, which are wanted instead of what ``search`` says."""


_ANY = SeriesFilter()


def page(
    connection: Connection, criteria: SeriesFilter = _ANY, *, limit: int = 100, offset: int = 0
) -> list[SeriesRow]:
    """Return series that hold bars, by symbol."""
    query = PLAIN.where(Series.rows > 0, *_conditions(criteria)).order_by(Instrument.symbol, Series.id)
    return [series_of(row) for row in connection.execute(query.limit(limit).offset(offset))]


def symbols_like(connection: Connection, start: str, source: str | None, limit: int) -> list[tuple[str, str | None]]:
    """Return symbols with bars that begin with a text, whatever its case, with their names, by symbol; each once."""
    query = select(Instrument.symbol, func.max(Instrument.name)).join(Series, Series.instrument_id == Instrument.id)
    query = query.where(Series.rows > 0, func.upper(Instrument.symbol).startswith(start.upper(), autoescape=True))
    if source is not None:
        query = query.where(Instrument.source == source)
    rows = connection.execute(query.group_by(Instrument.symbol).order_by(Instrument.symbol).limit(limit))
    return [(symbol, name) for symbol, name in rows]


def count(connection: Connection, criteria: SeriesFilter = _ANY) -> int:
    """Return how many series ``page`` would go through."""
    query = select(func.count()).select_from(Series).join(Instrument, Instrument.id == Series.instrument_id)
    return int(connection.execute(query.where(Series.rows > 0, *_conditions(criteria))).scalar_one())


def _conditions(criteria: SeriesFilter) -> list[ColumnElement[bool]]:
    conditions = matching(criteria.search, criteria.instruments)
    if criteria.symbol is not None:
        conditions.append(func.upper(Instrument.symbol) == criteria.symbol)
    if criteria.source is not None:
        conditions.append(Instrument.source == criteria.source)
    if criteria.interval is not None:
        conditions.append(Series.interval == criteria.interval.value)
    return conditions


def among(instruments: Instruments) -> ColumnElement[bool]:
    """Return the condition that an instrument is one of these."""
    return tuple_(Instrument.source, Instrument.symbol).in_(list(instruments))


def matching(search: str, instruments: Instruments | None = None) -> list[ColumnElement[bool]]:
    """Return the condition that symbol or name contain a text; none for the empty one.

    :param instruments: which are meant instead, where the text stands for some.
    """
    if instruments is not None:
        return [among(instruments)]
    if not search:
        return []
    escaped = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    pattern = f"%{escaped}%"
    return [or_(Instrument.symbol.ilike(pattern, escape="\\"), Instrument.name.ilike(pattern, escape="\\"))]


def update_facts(connection: Connection, instrument_id: int, facts: InstrumentFacts, now: dt.datetime) -> None:
    """Keep what a source told of an instrument; what it left out stays as it was."""
    values = {name: value for name in _FACTS if (value := getattr(facts, name)) is not None}
    connection.execute(update(Instrument).where(Instrument.id == instrument_id).values(**values, checked_at=now))


def extend_range(connection: Connection, series_id: int, added: int, first: int, last: int, now: dt.datetime) -> None:
    """Write down that ``added`` bars are new, the written ones reaching from ``first`` to ``last`` (epoch seconds)."""
    values = {
        "rows": Series.rows + added,
        "first_bar": case((Series.first_bar < first, Series.first_bar), else_=first),
        "last_bar": case((Series.last_bar > last, Series.last_bar), else_=last),
        "updated_at": now,
    }
    connection.execute(update(Series).where(Series.id == series_id).values(values))
