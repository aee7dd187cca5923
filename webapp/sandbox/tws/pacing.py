"""IBKR's pacing rules, kept at the arrival of each request; all client ids of the login count together.

Source: IBKR Campus, TWS API, "Historical data limitations" (bars of 30 seconds or less, and every head timestamp).
"""

import math
import threading
import time
from collections import deque
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """The limits; spans are in seconds. Messages are counted by connection, searches and all else by login."""

    window_seconds: float = 600.0
    window_requests: int = 60
    identical_seconds: float = 15.0
    burst_seconds: float = 2.0
    burst_requests: int = 5
    max_open: int = 50
    messages_per_second: int = 50
    matching_seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Violation:
    """A request that came too early."""

    rule: str
    at: float
    client_id: int
    what: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request that counts. ``group`` is contract, exchange and tick type."""

    at: float
    group: str
    identity: str
    cost: int


class Pacing:
    """Counts arrivals and violations; safe for threads."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.is_enforced = True
        self._lock = threading.Lock()
        self._arrivals: deque[Arrival] = deque()
        self._violations: list[Violation] = []
        self._open = 0
        self._searched = -math.inf

    def arrived(self, client_id: int, group: str, identity: str, cost: int) -> bool:
        """Count an arrival; tell whether it is within the rules."""
        with self._lock:
            now = time.monotonic()
            longest = max(self.rules.window_seconds, self.rules.identical_seconds, self.rules.burst_seconds)
            while self._arrivals and self._arrivals[0].at <= now - longest:
                self._arrivals.popleft()
            broken = self._broken(Arrival(now, group, identity, cost))
            self._arrivals.append(Arrival(now, group, identity, cost))
            self._violations += [Violation(rule, time.time(), client_id, identity) for rule in broken]
            return not broken

    def searched(self, client_id: int, text: str) -> bool:
        """Count a search for symbols; tell whether the one before is long enough ago."""
        with self._lock:
            now = time.monotonic()
            is_good = now - self._searched >= self.rules.matching_seconds
            self._searched = now
        if not is_good:
            self.note("matching", client_id, text)
        return is_good

    def note(self, rule: str, client_id: int, what: str) -> None:
        """Note a violation."""
        with self._lock:
            self._violations.append(Violation(rule, time.time(), client_id, what))

    def opened(self) -> bool:
        """Count one more open request; False when there are as many as may be, and it is none."""
        with self._lock:
            is_room = self._open < self.rules.max_open
            self._open += is_room
            return is_room

    def closed(self) -> None:
        """Count one less."""
        with self._lock:
            self._open -= 1

    def clear(self) -> None:
        """Forget arrivals and violations."""
        with self._lock:
            self._arrivals.clear()
            self._violations.clear()
            self._searched = -math.inf

    def violations(self) -> list[dict[str, object]]:
        """Return the violations so far."""
        with self._lock:
            return [asdict(violation) for violation in self._violations]

    def _broken(self, new: Arrival) -> list[str]:
        rules, broken = self.rules, []
        within = [arrival for arrival in self._arrivals if new.at - arrival.at < rules.window_seconds]
        if sum(arrival.cost for arrival in within) + new.cost > rules.window_requests:
            broken.append("window")
        same = [
            arrival
            for arrival in self._arrivals
            if arrival.group == new.group and new.at - arrival.at < rules.burst_seconds
        ]
        if len(same) + 1 > rules.burst_requests:
            broken.append("burst")
        again = (arrival for arrival in self._arrivals if arrival.identity == new.identity)
        if any(new.at - arrival.at < rules.identical_seconds for arrival in again):
            broken.append("identical")
        return broken
