"""How the entries of a list are changed: each function takes them as they are and returns them as they are to be."""

import dataclasses
from collections.abc import Collection, Iterable
from enum import StrEnum

from webapp.watchlists.watchlist import Entry

Entries = tuple[Entry, ...]


class Move(StrEnum):
    """Where entries go."""

    UP = "up"
    DOWN = "down"
    FIRST = "first"
    LAST = "last"


def add(entries: Entries, new: Iterable[Entry]) -> Entries:
    """Append what is new; what is there already stays as it is.

    An entry with the section of others comes after the last of these.
    """
    present = {entry.instrument for entry in entries}
    extended = list(entries)
    ends = {entry.section: place + 1 for place, entry in enumerate(entries)}
    for entry in new:
        if entry.instrument in present:
            continue
        present.add(entry.instrument)
        place = ends.get(entry.section, len(extended)) if entry.section else len(extended)
        extended.insert(place, entry)
        if place < len(extended) - 1:
            ends = {section: end + (end >= place) for section, end in ends.items()}
        ends[entry.section] = place + 1
    return tuple(extended)


def remove(entries: Entries, ids: Collection[int]) -> Entries:
    """Leave out entries; one that is gone already counts for nothing."""
    return tuple(entry for entry in entries if entry.id not in ids)


def annotate(entries: Entries, entry_id: int, *, section: str, note: str) -> Entries:
    """Put an entry under another heading, or another note beside it; it stays where it is."""
    return tuple(
        dataclasses.replace(entry, section=section, note=note) if entry.id == entry_id else entry for entry in entries
    )


def move(entries: Entries, ids: Collection[int], to: Move) -> Entries:
    """Move entries; several keep their order.

    A step leads past a neighbour, or past a heading: then the place stays and the section changes.
    """
    if to is Move.UP:
        return tuple(_step_up(list(entries), ids))
    if to is Move.DOWN:
        return tuple(_step_up(list(entries)[::-1], ids)[::-1])
    picked = [entry for entry in entries if entry.id in ids]
    others = [entry for entry in entries if entry.id not in ids]
    if to is Move.FIRST:
        return (*_under(picked, entries[0].section if entries else ""), *others)
    return (*others, *_under(picked, entries[-1].section if entries else ""))


def _step_up(entries: list[Entry], ids: Collection[int]) -> list[Entry]:
    for place in range(1, len(entries)):
        above, entry = entries[place - 1], entries[place]
        if entry.id not in ids or above.id in ids:
            continue
        if above.section == entry.section:
            entries[place - 1], entries[place] = entry, above
        else:
            entries[place] = dataclasses.replace(entry, section=above.section)
    return entries


def _under(entries: Iterable[Entry], section: str) -> list[Entry]:
    return [dataclasses.replace(entry, section=section) for entry in entries]
