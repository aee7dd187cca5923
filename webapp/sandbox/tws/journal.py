"""What clients asked, for tests and measurements to look at."""

import threading
import time
from collections import deque
from collections.abc import Mapping

_KEPT = 50_000


class Journal:
    """The last requests, numbered from 1, and every order message that ever came; safe for threads."""

    def __init__(self) -> None:
        self._entries: deque[dict[str, object]] = deque(maxlen=_KEPT)
        self._orders: list[dict[str, object]] = []
        self._count = 0
        self._lock = threading.Lock()

    def add(self, client_id: int, kind: str, facts: Mapping[str, object]) -> dict[str, object]:
        """Note a request; what is answered is filled in later, under ``answer``.

        ``time`` is in UTC epoch seconds; ``monotonic`` is for spans, which a change of the clock must not falsify.
        """
        with self._lock:
            self._count += 1
            times = {"time": time.time(), "monotonic": time.monotonic()}
            entry = {"sequence": self._count, **times, "client_id": client_id, "kind": kind, **facts}
            entry |= {"answer": "", "fault": ""}
            self._entries.append(entry)
            return entry

    def add_order(self, client_id: int, fields: list[str]) -> None:
        """Note a message about orders: none may ever come."""
        with self._lock:
            self._orders.append({"client_id": client_id, "fields": fields})

    def since(self, number: int) -> list[dict[str, object]]:
        """Return the requests after a number."""
        with self._lock:
            return [dict(entry) for entry in self._entries if int(str(entry["sequence"])) > number]

    def orders(self) -> list[dict[str, object]]:
        """Return the messages about orders."""
        with self._lock:
            return list(self._orders)

    def clear(self) -> None:
        """Forget the requests; the orders stay."""
        with self._lock:
            self._entries.clear()
