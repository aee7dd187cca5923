"""The clock's grid on which TWS lays bars, and the trading day to which each instant belongs."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np

from webapp.sandbox.calendars import DAY
from webapp.sandbox.noise import Ints
from webapp.sandbox.view import View

_HOUR = 3600


def offsets(starts: Ints, timezone: str) -> Ints:
    """Return the seconds by which the local clock is ahead of UTC at each instant; instants ascend."""
    if not len(starts):
        return starts
    zone = ZoneInfo(timezone)
    hours = starts // _HOUR * _HOUR
    unique_hours = np.unique(hours)
    ahead = [_ahead(hour, zone) for hour in unique_hours.tolist()]
    return np.asarray(np.array(ahead, dtype=np.int64)[np.searchsorted(unique_hours, hours)])


def _ahead(hour: int, zone: ZoneInfo) -> int:
    return int((dt.datetime.fromtimestamp(hour, zone).utcoffset() or dt.timedelta()).total_seconds())


def places(starts: Ints, step: int, timezone: str) -> Ints:
    """Return where on the local clock's grid the bar of ``step`` seconds begins that holds each instant.

    The grid begins at local midnight. An hour that the clock shows twice, in autumn, is two hours.
    """
    ahead = offsets(starts, timezone)
    return (starts + ahead) // step * step - ahead


def trading_days(view: View, starts: Ints) -> Ints:
    """Return the day number of each instant's session.

    A session that opens on the evening before counts to its day. Where there is trading before the opening, the local
    date is the session's.
    """
    venue = view.listing.venue
    if venue.extended:
        return (starts + offsets(starts, venue.timezone)) // DAY
    sessions = view.history.sessions
    index = np.searchsorted(sessions.open, starts, side="right") - 1
    return sessions.day[np.maximum(index, 0)]
