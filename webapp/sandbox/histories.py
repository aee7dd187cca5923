"""The whole life of each listing, a row a session: what everything else is read from."""

import threading
from dataclasses import dataclass
from functools import lru_cache

from webapp.sandbox import prices
from webapp.sandbox.calendars import Calendars, Sessions, day_number
from webapp.sandbox.columns import Ticks
from webapp.sandbox.listings import Listing
from webapp.sandbox.noise import Floats, Ints

_KEPT = 8
"""How many histories are kept: each takes about a megabyte and costs some milliseconds to make again."""


@dataclass(frozen=True, slots=True)
class History:
    """All sessions of a listing, past and to come, and what is traded in them.

    :param daily: one bar a session.
    :param reference: the close of the session before, in ticks of the session's own day.
    :param factor: the product of the listing's own splits after the day.
    """

    listing: Listing
    sessions: Sessions
    daily: Ticks
    reference: Ints
    factor: Floats

    def part(self, chosen: slice | Ints) -> "History":
        """Return the history of some sessions."""
        return History(
            self.listing,
            self.sessions.part(chosen),
            self.daily.part(chosen),
            self.reference[chosen],
            self.factor[chosen],
        )


class Histories:
    """The histories of listings, made at the first use; safe for threads."""

    def __init__(self, calendars: Calendars) -> None:
        self._calendars = calendars
        self._lock = threading.Lock()
        self._make = lru_cache(maxsize=_KEPT)(self._history)

    def of(self, listing: Listing) -> History:
        """Return the history of a listing."""
        with self._lock:
            return self._make(listing)

    def _history(self, listing: Listing) -> History:
        sessions = self._calendars.sessions(listing.venue.calendar)
        last = day_number(listing.last) if listing.last else int(sessions.day[-1])
        sessions = sessions.between(day_number(listing.first), last)
        return History(
            listing,
            sessions,
            prices.daily(listing, sessions),
            prices.as_ticks(listing, sessions.day, prices.previous_close(listing, sessions)),
            prices.splits_after(listing.splits, sessions.day),
        )
