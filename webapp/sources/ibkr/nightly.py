"""The nightly window, in which IBKR resets its servers and its errors are not to be taken at their word.

Source: IBKR, "System status", reset times (North America 00:15 to 01:45 New York time).
"""

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from webapp.errors import SettingsError, sentence

_FORM = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d) (\S+)")


@dataclass(frozen=True, slots=True)
class NightlyWindow:
    """A time of day in a zone, on every day; it may go over midnight. Times are seconds after midnight."""

    start: int
    end: int
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str) -> "NightlyWindow | None":
        """Read ``00:15-01:45 America/New_York``; None for an empty text.

        :raises SettingsError: for anything else.
        """
        if not text.strip():
            return None
        match = _FORM.fullmatch(text.strip())
        zone = _zone(match[5]) if match else None
        if match is None or zone is None:
            message = sentence(
                "IB_NIGHTLY_WINDOW is “%(text)s”. Write a time of day and a time zone, for example "
                "00:15-01:45 America/New_York, or leave it empty.",
                text=text[:60],
            )
            raise SettingsError(message)
        hours = [int(part) for part in match.groups()[:4]]
        return cls(hours[0] * 3600 + hours[1] * 60, hours[2] * 3600 + hours[3] * 60, zone)

    def seconds_left(self, now: float) -> float:
        """Return how long the window lasts still (seconds) at an instant (epoch seconds); 0 outside of it."""
        local = dt.datetime.fromtimestamp(now, self.zone)
        at = local.hour * 3600 + local.minute * 60 + local.second
        day = 24 * 3600
        length = (self.end - self.start) % day
        gone = (at - self.start) % day
        return float(max(0, length - gone))


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return None
