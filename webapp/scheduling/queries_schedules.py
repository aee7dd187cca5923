"""Schedules: one row each, and the questions asked of it."""

import dataclasses
import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from webapp.database.types import LARGEST_ID
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import Priority
from webapp.scheduling.rules_timing import OverlapPolicy, Timing, TimingKind
from webapp.scheduling.tables import Schedule, ScheduleRun


@dataclass(frozen=True, slots=True)
class Definition:
    """What a person says of a schedule. ``symbols`` are as typed; either ``period``, or ``start`` (ISO 8601)."""

    name: str
    source: str
    symbols: tuple[str, ...]
    interval: Interval
    period: str | None
    start: str | None
    options: dict[str, str]
    priority: Priority
    timing: Timing
    overlap: OverlapPolicy
    fresh_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """A schedule as it stands; ``exchanges`` are the codes of calendars that its symbols had at the last look."""

    id: int
    definition: Definition
    is_paused: bool
    revision: int
    created_at: dt.datetime
    changed_at: dt.datetime
    checked_until: dt.datetime
    look_at: dt.datetime
    exchanges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What a clock found when it looked at a schedule: nothing is due until ``look_at`` that it has not seen."""

    schedule_id: int
    checked_until: dt.datetime
    look_at: dt.datetime
    exchanges: tuple[str, ...]


_TABLE = Schedule.__table__
_COLUMNS = select(*_TABLE.columns)


def _schedule(row: Row[*tuple[Any, ...]]) -> ScheduleRow:
    values = dict(row._mapping)  # noqa: SLF001 -- SQLAlchemy's documented name
    timing = Timing(TimingKind(values["kind"]), values["minutes"], values["cron"], values["zone"])
    definition = Definition(
        name=values["name"],
        source=values["source"],
        symbols=tuple(values["symbols"]),
        interval=Interval(values["interval"]),
        period=values["period"],
        start=values["start"],
        options=values["options"],
        priority=Priority(values["priority"]),
        timing=timing,
        overlap=OverlapPolicy(values["overlap"]),
        fresh_minutes=values["fresh_minutes"],
    )
    plain = ("id", "is_paused", "revision", "created_at", "changed_at", "checked_until", "look_at")
    return ScheduleRow(
        definition=definition, exchanges=tuple(values["exchanges"]), **{name: values[name] for name in plain}
    )


def _values(definition: Definition) -> dict[str, object]:
    values = {field.name: getattr(definition, field.name) for field in dataclasses.fields(definition)}
    timing = values.pop("timing")
    return values | {
        "symbols": list(definition.symbols),
        "interval": definition.interval.value,
        "priority": int(definition.priority),
        "overlap": definition.overlap.value,
        "kind": timing.kind.value,
        "minutes": timing.minutes,
        "cron": timing.cron,
        "zone": timing.zone,
    }


def create(connection: Connection, definition: Definition, exchanges: Sequence[str], now: dt.datetime) -> int:
    """Make a schedule that is due from now on, and return its id."""
    moments = dict.fromkeys(("created_at", "changed_at", "checked_until", "look_at"), now)
    values = {**_values(definition), **moments, "exchanges": list(exchanges), "is_paused": False, "revision": 0}
    return int(connection.execute(insert(Schedule).values(values).returning(Schedule.id)).scalar_one())


def change(
    connection: Connection, row: ScheduleRow, definition: Definition, exchanges: Sequence[str], now: dt.datetime
) -> bool:
    """Let a schedule be another from now on; False when somebody has changed it since ``row`` was read."""
    is_same = (Schedule.id == row.id) & (Schedule.revision == row.revision)
    moments = dict.fromkeys(("changed_at", "checked_until", "look_at"), now)
    values = {**_values(definition), **moments, "exchanges": list(exchanges), "revision": Schedule.revision + 1}
    return connection.execute(update(Schedule).where(is_same).values(values)).rowcount == 1


def set_paused(connection: Connection, schedule_id: int, now: dt.datetime, *, is_paused: bool) -> bool:
    """Pause or resume a schedule; what was due meanwhile is not made up for. False when it stood so already."""
    stands_otherwise = (Schedule.id == schedule_id) & (Schedule.is_paused == (not is_paused))
    values: dict[Any, Any] = {"is_paused": is_paused, "revision": Schedule.revision + 1}
    if not is_paused:
        values |= {"changed_at": now, "checked_until": now, "look_at": now}
    return connection.execute(update(Schedule).where(stands_otherwise).values(values)).rowcount == 1


def remove(connection: Connection, schedule_id: int) -> bool:
    """Delete a schedule with its runs; what they collected stays. False when there is none."""
    connection.execute(delete(ScheduleRun).where(ScheduleRun.schedule_id == schedule_id))
    return connection.execute(delete(Schedule).where(Schedule.id == schedule_id)).rowcount == 1


def get(connection: Connection, schedule_id: int) -> ScheduleRow | None:
    """Return a schedule, or None; also for a number that is no id."""
    if not 0 < schedule_id <= LARGEST_ID:
        return None
    row = connection.execute(_COLUMNS.where(_TABLE.c.id == schedule_id)).first()
    return _schedule(row) if row else None


def every(connection: Connection) -> list[ScheduleRow]:
    """Return all schedules, by their names."""
    return [_schedule(row) for row in connection.execute(_COLUMNS.order_by(_TABLE.c.name, _TABLE.c.id))]


def of_ids(connection: Connection, ids: Collection[int]) -> dict[int, ScheduleRow]:
    """Return schedules by their ids; those that are gone are left out."""
    listed = sorted(ids)
    rows: dict[int, ScheduleRow] = {}
    for first in range(0, len(listed), _IDS_A_STATEMENT):
        query = _COLUMNS.where(_TABLE.c.id.in_(listed[first : first + _IDS_A_STATEMENT]))
        rows |= {row.id: _schedule(row) for row in connection.execute(query)}
    return rows


_IDS_A_STATEMENT = 1000


def promising(connection: Connection) -> list[ScheduleRow]:
    """Return the schedules that promise how fresh their series are and that are not paused, oldest first."""
    promises = _TABLE.c.fresh_minutes.is_not(None) & _TABLE.c.is_paused.is_(False)
    return [_schedule(row) for row in connection.execute(_COLUMNS.where(promises).order_by(_TABLE.c.id))]


def to_look_at(connection: Connection, now: dt.datetime) -> list[ScheduleRow]:
    """Return the schedules that are to be looked at by now, those first that have waited longest."""
    is_time = _TABLE.c.is_paused.is_(False) & (_TABLE.c.look_at <= now)
    return [_schedule(row) for row in connection.execute(_COLUMNS.where(is_time).order_by(_TABLE.c.look_at))]


def lock_unchanged(connection: Connection, rows: Sequence[ScheduleRow]) -> set[int]:
    """Return the ids of schedules that nobody has changed or looked at since they were read, and hold them."""
    versions = {row.id: (row.revision, row.checked_until) for row in rows}
    unchanged: set[int] = set()
    ids = sorted(versions)
    for first in range(0, len(ids), _IDS_A_STATEMENT):
        some = ids[first : first + _IDS_A_STATEMENT]
        query = select(Schedule.id, Schedule.revision, Schedule.checked_until).where(
            Schedule.id.in_(some), Schedule.is_paused.is_(False)
        )
        locked = connection.execute(query.order_by(Schedule.id).with_for_update())
        unchanged |= {row.id for row in locked if versions[row.id] == (row.revision, row.checked_until)}
    return unchanged


_NOTE_LOOK = (
    update(_TABLE)  # type: ignore[arg-type]  # a class's table is one, which its type does not say
    .where(_TABLE.c.id == bindparam("of_id"))
    .values(
        checked_until=bindparam("new_checked_until"),
        look_at=bindparam("new_look_at"),
        exchanges=bindparam("new_exchanges"),
    )
)


def note_looks(connection: Connection, looks: Sequence[Look]) -> None:
    """Write down what clocks found."""
    values = [
        {
            "of_id": look.schedule_id,
            "new_checked_until": look.checked_until,
            "new_look_at": look.look_at,
            "new_exchanges": list(look.exchanges),
        }
        for look in looks
    ]
    if values:
        connection.execute(_NOTE_LOOK, values)
