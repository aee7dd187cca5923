"""What was asked and answered, for tests and measurements to look at."""

import threading
from collections import deque
from dataclasses import asdict, dataclass

from webapp.sandbox.yahoo.requests import Request

_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One request that was served.

    :param time: the real time of its arrival, in UTC epoch seconds with all its decimals.
    :param status: what was answered; 0 if the connection was closed without an answer.
    :param fault: the name of the fault that was put into the answer, or an empty text.
    """

    sequence: int
    time: float
    method: str
    host: str
    path: str
    query: str
    symbol: str
    interval: str
    status: int
    fault: str


class Log:
    """The last requests, numbered from 1; safe for threads.

    An entry is written before its answer leaves, so that whoever has an answer finds it here.
    """

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=_KEPT)
        self._count = 0
        self._lock = threading.Lock()

    def write(self, request: Request, status: int, fault: str = "") -> None:
        """Add a request."""
        with self._lock:
            self._count += 1
            self._entries.append(
                Entry(
                    self._count,
                    request.arrived,
                    request.method,
                    request.host,
                    request.path,
                    request.query_text,
                    request.symbol,
                    request.interval,
                    status,
                    fault,
                )
            )

    def since(self, sequence: int) -> list[dict[str, object]]:
        """Return the requests with a higher number, in the order in which they were answered."""
        with self._lock:
            entries = list(self._entries)
        return [asdict(entry) for entry in entries if entry.sequence > sequence]

    def clear(self) -> None:
        """Forget all requests; the numbers go on."""
        with self._lock:
            self._entries.clear()
