"""Flags of suspicious bars: raised, moved and listed. A move is one guarded UPDATE."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, String, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from webapp.flagging.rules_suspicion import UNDECIDED, Reply, SuspicionRule
from webapp.kernel.bars import Bar
from webapp.kernel.flag_states import FlagState
from webapp.kernel.instruments import Instruments
from webapp.kernel.intervals import Interval
from webapp.kernel.spans import EVER, Span
from webapp.series.queries_series import among
from webapp.series.tables import BarFlag, Instrument, Series

_BAR = ("time", "open", "high", "low", "close", "volume", "wap", "count")
_OWN = ("series_id", "state", "raised_at", "job_id", "asked_job", "answer", "came", "decided_at", "decided_by", "rules")
_COLUMNS = [getattr(BarFlag, name) for name in (*_OWN, *_BAR)]
_REBASE = text(
    "UPDATE bar_flag SET open = open / :ratio, high = high / :ratio, low = low / :ratio, close = close / :ratio,"
    " wap = wap / :ratio, volume = volume * :volume"
    " WHERE series_id = :series AND time >= :start AND time < :end"
)


@dataclass(frozen=True, slots=True)
class FlagRow:
    """A suspicious bar with what became of it, see ``flag_tables.BarFlag``; of ``came``: prices and volume."""

    series_id: int
    bar: Bar
    rules: tuple[SuspicionRule, ...]
    state: FlagState
    raised_at: dt.datetime
    job_id: int | None
    asked_job: int | None
    answer: Reply | None
    came: tuple[float, ...] | None
    decided_at: dt.datetime | None
    decided_by: str | None

    @property
    def time(self) -> int:
        """The start of the bar."""
        return self.bar[0]


@dataclass(frozen=True, slots=True)
class NewFlag:
    """A bar that looks wrong, and which job brought it (None: no job did)."""

    bar: Bar
    rules: tuple[SuspicionRule, ...]
    job_id: int | None


@dataclass(frozen=True, slots=True)
class FlagFilter:
    """Which flags are wanted; None and the empty text mean any."""

    states: Collection[FlagState] | None = None
    series_id: int | None = None
    source: str | None = None
    symbol: str = ""
    rule: SuspicionRule | None = None
    instruments: Instruments | None = None
    """Those of a watchlist, which are wanted instead of what ``symbol`` says."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A flag with what its bar belongs to."""

    flag: FlagRow
    source: str
    symbol: str
    interval: Interval
    decimals: int | None
    """How many decimals its source quotes prices in."""


def _flag(row: Row[Any]) -> FlagRow:
    own = {name: getattr(row, name) for name in _OWN if name not in ("state", "rules", "answer", "came")}
    return FlagRow(
        **own,
        bar=(row.time, row.open, row.high, row.low, row.close, row.volume, row.wap, row._mapping["count"]),  # noqa: SLF001 -- SQLAlchemy's documented name; row.count is a tuple's method
        rules=tuple(SuspicionRule(name) for name in row.rules),
        state=FlagState(row.state),
        answer=Reply(row.answer) if row.answer else None,
        came=tuple(row.came) if row.came else None,
    )


def read(connection: Connection, series_id: int, span: Span) -> dict[int, FlagRow]:
    """Return the flags of a series whose bars start in a span, by these starts."""
    query = select(*_COLUMNS).where(BarFlag.series_id == series_id, BarFlag.time >= span.start, BarFlag.time < span.end)
    return {row.time: _flag(row) for row in connection.execute(query.order_by(BarFlag.time))}


def get(connection: Connection, series_id: int, time: int) -> FlagRow | None:
    """Return the flag of a bar, or None."""
    return read(connection, series_id, Span(time, time + 1)).get(time)


def raise_flags(connection: Connection, series_id: int, new: Sequence[NewFlag], now: dt.datetime) -> None:
    """Flag bars; what was known of a flagged one of the same time is replaced, and open again."""
    if not new:
        return
    nothing = dict.fromkeys(("asked_job", "answer", "came", "decided_at", "decided_by"))
    common = {"series_id": series_id, "state": FlagState.OPEN.value, "raised_at": now, **nothing}
    rows = [
        {**common, **dict(zip(_BAR, flag.bar, strict=True)), "rules": list(flag.rules), "job_id": flag.job_id}
        for flag in new
    ]
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(BarFlag)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in ("series_id", "time")}
    query = statement.on_conflict_do_update(index_elements=[BarFlag.series_id, BarFlag.time], set_=changed)
    connection.execute(query, rows)


def move(connection: Connection, flag: FlagRow, since: Collection[FlagState], **values: object) -> bool:
    """Change a flag that is still in one of the states and still about the same values; tell whether it was.

    Whoever moves a flag has read it before: when the source brings other values in between, nothing is decided.
    """
    query = update(BarFlag).where(
        BarFlag.series_id == flag.series_id,
        BarFlag.time == flag.time,
        BarFlag.state.in_([state.value for state in since]),
        BarFlag.raised_at == flag.raised_at,
    )
    return connection.execute(query.values(**values)).rowcount == 1


def rebase(connection: Connection, series_id: int, ratio: float, *, is_volume_too: bool, span: Span = EVER) -> None:
    """Bring the values of flags of a series to another basis of splits, with its bars that start in ``span``."""
    values = {"series": series_id, "ratio": ratio, "volume": ratio if is_volume_too else 1.0}
    connection.execute(_REBASE, values | {"start": span.start, "end": span.end})


def page(connection: Connection, criteria: FlagFilter, *, limit: int, offset: int = 0) -> list[Listed]:
    """Return flags, newest first."""
    extra = (Instrument.source, Instrument.symbol, Series.interval, Instrument.price_decimals)
    query = _join_series(select(*_COLUMNS, *extra)).where(*_conditions(criteria))
    newest = query.order_by(BarFlag.raised_at.desc(), BarFlag.series_id, BarFlag.time.desc())
    return [
        Listed(_flag(row), row.source, row.symbol, Interval(row.interval), row.price_decimals)
        for row in connection.execute(newest.limit(limit).offset(offset))
    ]


def count(connection: Connection, criteria: FlagFilter) -> int:
    """Return how many flags ``page`` would go through."""
    query = _join_series(select(func.count()).select_from(BarFlag)).where(*_conditions(criteria))
    return int(connection.execute(query).scalar_one())


def undecided(connection: Connection, limit: int) -> int:
    """Return how many flags wait for a decision, at most so many: quick however long the list has grown."""
    states = [state.value for state in UNDECIDED]
    some = select(BarFlag.time).where(BarFlag.state.in_(states)).limit(limit).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def _join_series(query: Select[Any]) -> Select[Any]:
    return query.join(Series, Series.id == BarFlag.series_id).join(Instrument, Instrument.id == Series.instrument_id)


def _conditions(criteria: FlagFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if criteria.states is not None:
        conditions.append(BarFlag.state.in_([state.value for state in criteria.states]))
    if criteria.series_id is not None:
        conditions.append(BarFlag.series_id == criteria.series_id)
    if criteria.source is not None:
        conditions.append(Instrument.source == criteria.source)
    if criteria.rule is not None:
        conditions.append(BarFlag.rules.cast(String).contains(f'"{criteria.rule.value}"'))
    if criteria.instruments is not None:
        conditions.append(among(criteria.instruments))
    elif criteria.symbol:
        conditions.append(func.upper(Instrument.symbol).contains(criteria.symbol.upper(), autoescape=True))
    return conditions
