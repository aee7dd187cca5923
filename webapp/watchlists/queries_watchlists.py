"""Watchlists and their entries."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from webapp.watchlists.rules_list_names import key_of
from webapp.watchlists.tables import WatchlistEntry, WatchlistHead
from webapp.watchlists.watchlist import Entry, Watchlist, WatchlistSummary

_HEAD = (
    *(WatchlistHead.id, WatchlistHead.name, WatchlistHead.title, WatchlistHead.note),
    *(WatchlistHead.revision, WatchlistHead.created_at, WatchlistHead.changed_at),
)
_ENTRY = (
    *(WatchlistEntry.id, WatchlistEntry.source, WatchlistEntry.symbol, WatchlistEntry.options),
    *(WatchlistEntry.section, WatchlistEntry.note),
)


def names(connection: Connection) -> list[str]:
    """Return the names of all lists."""
    return [row.name for row in connection.execute(select(WatchlistHead.name).order_by(WatchlistHead.key))]


def summaries(connection: Connection) -> list[WatchlistSummary]:
    """Return all lists by name, with how many entries of each source they have."""
    counted = select(WatchlistEntry.watchlist_id, WatchlistEntry.source, func.count().label("entries"))
    counts: dict[int, dict[str, int]] = {}
    counted = counted.group_by(WatchlistEntry.watchlist_id, WatchlistEntry.source)
    for row in connection.execute(counted.order_by(func.min(WatchlistEntry.position))):
        counts.setdefault(row.watchlist_id, {})[row.source] = row.entries
    heads = connection.execute(select(*_HEAD).order_by(WatchlistHead.key))
    return [
        WatchlistSummary(row.name, row.title, row.note, row.revision, row.changed_at, counts.get(row.id, {}))
        for row in heads
    ]


def get(connection: Connection, name: str) -> Watchlist | None:
    """Return the list of a name with its entries in their order, or None."""
    row = connection.execute(select(*_HEAD).where(WatchlistHead.key == key_of(name))).first()
    if row is None:
        return None
    query = select(*_ENTRY).where(WatchlistEntry.watchlist_id == row.id)
    entries = connection.execute(query.order_by(WatchlistEntry.position, WatchlistEntry.id))
    return Watchlist(**row._mapping, entries=tuple(Entry(**entry._mapping) for entry in entries))  # noqa: SLF001 -- SQLAlchemy's documented name


def add(connection: Connection, watchlist: Watchlist) -> int | None:
    """Keep a new list with its entries and return its id, or None when its name is taken."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = _head_values(watchlist) | {"revision": watchlist.revision, "created_at": watchlist.created_at}
    values |= {"changed_at": watchlist.changed_at}
    statement = dialect.insert(WatchlistHead).values(values).on_conflict_do_nothing().returning(WatchlistHead.id)
    watchlist_id = connection.execute(statement).scalar()
    if watchlist_id is None:
        return None
    _insert_entries(connection, int(watchlist_id), list(enumerate(watchlist.entries)))
    return int(watchlist_id)


def claim(connection: Connection, watchlist_id: int, revision: int, now: dt.datetime) -> bool:
    """Count a list's revision up, when it is still this one; who does may write the rest of this transaction."""
    still = (WatchlistHead.id == watchlist_id, WatchlistHead.revision == revision)
    values = {"revision": WatchlistHead.revision + 1, "changed_at": now}
    return bool(connection.execute(update(WatchlistHead).where(*still).values(values)).rowcount)


def write(connection: Connection, before: Watchlist, after: Watchlist) -> bool:
    """Write what differs of a list that was claimed; tell whether its new name was free."""
    if _head_values(before) != _head_values(after):
        changed = update(WatchlistHead).where(WatchlistHead.id == before.id).values(_head_values(after))
        try:
            with connection.begin_nested():
                connection.execute(changed)
        except IntegrityError:
            return False
    _write_entries(connection, before, after)
    return True


def remove(connection: Connection, watchlist_id: int) -> None:
    """Delete a list with its entries."""
    connection.execute(delete(WatchlistEntry).where(WatchlistEntry.watchlist_id == watchlist_id))
    connection.execute(delete(WatchlistHead).where(WatchlistHead.id == watchlist_id))


def _write_entries(connection: Connection, before: Watchlist, after: Watchlist) -> None:
    old = {entry.id: (place, entry) for place, entry in enumerate(before.entries)}
    gone = old.keys() - {entry.id for entry in after.entries}
    if gone:
        connection.execute(delete(WatchlistEntry).where(WatchlistEntry.id.in_(sorted(gone))))
    new = [(place, entry) for place, entry in enumerate(after.entries) if not entry.id]
    _insert_entries(connection, before.id, new)
    moved = [
        {"entry": entry.id, **_entry_values(place, entry)}
        for place, entry in enumerate(after.entries)
        if entry.id and old[entry.id] != (place, entry)
    ]
    if moved:
        columns: dict[str, Any] = {name: bindparam(name) for name in moved[0] if name != "entry"}
        table: Any = WatchlistEntry.__table__
        connection.execute(table.update().where(table.c.id == bindparam("entry")).values(columns), moved)


def _insert_entries(connection: Connection, watchlist_id: int, entries: Sequence[tuple[int, Entry]]) -> None:
    if entries:
        rows = [{"watchlist_id": watchlist_id, **_entry_values(place, entry)} for place, entry in entries]
        connection.execute(insert(WatchlistEntry), rows)


def _head_values(watchlist: Watchlist) -> dict[str, Any]:
    name = watchlist.name
    return {"key": key_of(name), "name": name, "title": watchlist.title, "note": watchlist.note}


def _entry_values(place: int, entry: Entry) -> dict[str, Any]:
    return {
        "position": place,
        "source": entry.source,
        "symbol": entry.symbol,
        "options": dict(entry.options),
        "section": entry.section,
        "note": entry.note,
    }
