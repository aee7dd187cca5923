"""How many messages a second one connection sends.

Source: IBKR Campus, TWS API: 50 messages a second by a client connection. With the setting "Reject messages above
maximum allowed message rate" each one more is answered with error 100, and the third breach ends the session.
"""

import time
from collections import deque
from enum import Enum

_SECOND = 1.0
_MOST_BREACHES = 3


class Verdict(Enum):
    """What becomes of a message."""

    FINE = 1
    TOO_MANY = 2
    LAST_STRAW = 3
    """The connection ends."""


class MessageRate:
    """Counts the messages of one connection; for one thread. Messages too many in a row are one breach."""

    def __init__(self) -> None:
        self._arrivals: deque[float] = deque()
        self._breaches = 0
        self._is_breached = False

    def arrived(self, most: int) -> Verdict:
        """Count a message, of which ``most`` are allowed in a second."""
        now = time.monotonic()
        while self._arrivals and self._arrivals[0] <= now - _SECOND:
            self._arrivals.popleft()
        self._arrivals.append(now)
        if len(self._arrivals) <= most:
            self._is_breached = False
            return Verdict.FINE
        self._breaches += not self._is_breached
        self._is_breached = True
        return Verdict.LAST_STRAW if self._breaches >= _MOST_BREACHES else Verdict.TOO_MANY

    def text(self, most: int) -> str:
        """Return what TWS says of it."""
        received = len(self._arrivals)
        return f"Max rate of messages per second has been exceeded:max={most} rec={received} ({self._breaches})"
