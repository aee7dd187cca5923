"""The market's time: the real one, one that stands still, or one that runs from a chosen moment."""

import threading
import time
from datetime import UTC, datetime

from webapp.sandbox.calendars import utc_now


class Clock:
    """A settable clock; safe for threads.

    :param start: in UTC epoch seconds, where the clock stands; ``None`` for the real time.
    :param running: whether it goes on from there.
    """

    def __init__(self, start: float | None = None, *, running: bool = False) -> None:
        self._lock = threading.Lock()
        self.set(start, running=running)

    def set(self, start: float | None, *, running: bool = False) -> None:
        """Put the clock to a moment, or back to the real time."""
        with self._lock:
            self._start = start
            self._running = running
            self._since = time.monotonic()

    def now(self) -> float:
        """Return UTC epoch seconds."""
        with self._lock:
            if self._start is None:
                return utc_now()
            return self._start + (time.monotonic() - self._since if self._running else 0.0)

    def state(self) -> dict[str, object]:
        """Return what the control answers: the time, and how it passes."""
        with self._lock:
            mode = "real" if self._start is None else "running" if self._running else "frozen"
        return {"now": datetime.fromtimestamp(self.now(), UTC).isoformat(), "mode": mode}


def parse_moment(text: str) -> float:
    """Read ISO 8601 with a zone (``2026-03-02T18:00:00Z``).

    :raises ValueError: it is something else, or has no zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        message = f"{text} has no time zone; write {text}Z for UTC."
        raise ValueError(message)
    return moment.timestamp()
