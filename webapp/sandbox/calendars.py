"""When each exchange trades: real holidays, half days, lunch breaks and changes of the clock.

Sessions of exchanges come from ``exchange_calendars`` through ``exchange_sessions.py``, once a machine, and
are kept in the user's cache folder; the two calendars without holidays are reckoned here.
"""

import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import numpy as np
import platformdirs

from webapp.sandbox.noise import Ints

DAY = 86_400
FIRST = date(1980, 1, 1)
LAST = date(2037, 12, 31)
"""The market has no sessions outside these dates."""

ALWAYS = "24/7"
WEEKDAYS = "24/5"
_EXCHANGES = ("XNYS", "XPAR", "XLON", "XETR", "XTKS", "XTSE", "CMES")
_EPOCH = date(1970, 1, 1)
_MONDAYS_OFFSET = 3
"""1970-01-01 was a Thursday: day 4 was the first Monday, so ``(day + 3) % 7`` is 0 on Mondays."""


def day_number(day: date) -> int:
    """Return the days since 1970-01-01."""
    return (day - _EPOCH).days


def date_of(day: int) -> date:
    """Return the date of a day number."""
    return _EPOCH + timedelta(days=day)


def midnight(day: int, timezone: str) -> int:
    """Return the epoch second at which a day begins in a time zone."""
    local = datetime.combine(date_of(day), datetime.min.time(), ZoneInfo(timezone))
    return int(local.timestamp())


def local_day(moment: float, timezone: str) -> int:
    """Return the number of the day that it is in a time zone at a UTC epoch second."""
    return day_number(datetime.fromtimestamp(moment, ZoneInfo(timezone)).date())


def weekday(days: Ints) -> Ints:
    """Return 0 for Mondays to 6 for Sundays."""
    return (days + _MONDAYS_OFFSET) % 7


@dataclass(frozen=True, slots=True)
class Sessions:
    """Trading sessions in order: day numbers, and UTC epoch seconds (0 where there is no break)."""

    day: Ints
    open: Ints
    break_start: Ints
    break_end: Ints
    close: Ints

    def __len__(self) -> int:
        """Return how many sessions there are."""
        return len(self.day)

    def part(self, chosen: slice | Ints) -> "Sessions":
        """Return some of the sessions."""
        return Sessions(
            self.day[chosen],
            self.open[chosen],
            self.break_start[chosen],
            self.break_end[chosen],
            self.close[chosen],
        )

    def between(self, first: int, last: int) -> "Sessions":
        """Return the sessions from one day number to another, both included."""
        low, high = np.searchsorted(self.day, (first, last + 1))
        return self.part(slice(int(low), int(high)))


class Calendars:
    """The sessions of every exchange, read at the first use; safe for threads.

    :param cache: the folder of the files; by default the user's own cache folder, and where that cannot be
        written, a temporary one, at the cost of about a second for each process.
    """

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = cache or platformdirs.user_cache_path("moisson") / "sandbox"
        self._known: dict[str, Sessions] = {}
        self._lock = threading.Lock()

    def sessions(self, code: str) -> Sessions:
        """Return all sessions of an exchange (an ISO 10383 code, ``24/7`` or ``24/5``)."""
        sessions = self._known.get(code)
        if sessions is None:
            with self._lock:
                sessions = self._known.get(code) or self._load(code)
                self._known[code] = sessions
        return sessions

    def _load(self, code: str) -> Sessions:
        if code in {ALWAYS, WEEKDAYS}:
            return _without_holidays(code)
        if self._keeps_files():
            return self._from_files(code, self._cache)
        with TemporaryDirectory() as folder:
            return self._from_files(code, Path(folder))

    def _keeps_files(self) -> bool:
        try:
            self._cache.mkdir(parents=True, exist_ok=True)
        except OSError:
            return False
        return os.access(self._cache, os.W_OK)

    def _from_files(self, code: str, folder: Path) -> Sessions:
        """Read one exchange's file; if missing, write those of all: starting pandas costs most."""
        edition = f"{version('exchange_calendars')}-{FIRST.year}-{LAST.year}"
        files = {exchange: folder / f"sessions-{exchange}-{edition}.npy" for exchange in _EXCHANGES}
        if not files[code].exists():
            program = str(Path(__file__).with_name("exchange_sessions.py"))
            orders = [f"{exchange}={file}" for exchange, file in files.items()]
            # -P: beside the program lie modules that must not hide the standard library's.
            command = [sys.executable, "-P", program, FIRST.isoformat(), LAST.isoformat(), *orders]
            subprocess.run(command, check=True)  # noqa: S603 (our own program, no shell)
        return Sessions(*np.load(files[code], allow_pickle=False).T.copy())


def _without_holidays(code: str) -> Sessions:
    """Crypto trades every UTC day, currencies on London's weekdays, both from midnight to midnight."""
    days = np.arange(day_number(FIRST), day_number(LAST) + 1, dtype=np.int64)
    starts = days * DAY
    if code == WEEKDAYS:
        days = days[weekday(days) < 5]  # noqa: PLR2004 (Saturday)
        starts = np.array([midnight(day, "Europe/London") for day in days.tolist()], dtype=np.int64)
    # London changes its clocks on Sundays, so that a weekday there has always 24 hours.
    nothing = np.zeros_like(days)
    return Sessions(days, starts, nothing, nothing, starts + DAY)


def utc_now() -> float:
    """Return the real time, in UTC epoch seconds."""
    return datetime.now(UTC).timestamp()
