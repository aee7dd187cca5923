"""A watchlist as a value."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

LONGEST_TITLE = 120
LONGEST_LIST_NOTE = 1000
LONGEST_SECTION = 80
LONGEST_ENTRY_NOTE = 500
MOST_ENTRIES = 2000


@dataclass(frozen=True, slots=True)
class Entry:
    """An instrument: its one name at its source, and the options that its series have besides.

    ``id`` is 0 until it is kept. ``section`` is the heading that it stands under; empty without one.
    """

    source: str
    symbol: str
    options: Mapping[str, str] = field(default_factory=dict)
    section: str = ""
    note: str = ""
    id: int = 0

    @property
    def instrument(self) -> tuple[str, str]:
        """Source and symbol, which stand in a list once."""
        return self.source, self.symbol


@dataclass(frozen=True, slots=True)
class Watchlist:
    """A list with what stands in it, in its order. ``revision`` counts its changes."""

    id: int
    name: str
    title: str
    note: str
    revision: int
    created_at: dt.datetime
    changed_at: dt.datetime
    entries: tuple[Entry, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many entries are of each source, in the order in which the sources appear."""
        counts: dict[str, int] = {}
        for entry in self.entries:
            counts[entry.source] = counts.get(entry.source, 0) + 1
        return counts


@dataclass(frozen=True, slots=True)
class WatchlistSummary:
    """A list without its entries: ``counts`` says how many there are of each source."""

    name: str
    title: str
    note: str
    revision: int
    changed_at: dt.datetime
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many entries it has."""
        return sum(self.counts.values())
