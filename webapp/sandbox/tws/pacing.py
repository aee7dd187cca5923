"""IBKR's pacing rules, kept at the arrival of each request; all client ids of the login count together.

Source: IBKR Campus, TWS API, "Historical data limitations" (bars of 30 seconds or less, and every head timestamp).
"""

import threading
import time
from collections import deque
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """The limits; spans are in seconds."""

    window_seconds: float = 600.0
    window_requests: int = 60
    identical_seconds: float = 15.0
    burst_seconds: float = 2.0
    burst_requests: int = 5
    max_open: int = 50


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

    def opened(self) -> bool:
        """Count an open request; False when there are too many."""
        with self._lock:
            self._open += 1
            return self._open <= self.rules.max_open

    def closed(self) -> None:
        """Count one less."""
        with self._lock:
            self._open -= 1

    def clear(self) -> None:
        """Forget arrivals and violations."""
        with self._lock:
            self._arrivals.clear()
            self._violations.clear()

    def violations(self) -> list[dict[str, object]]:
        """Return the violations so far."""
        with self._lock:
            return [asdict(violation) for violation in self._violations]

    def _broken(self, new: Arrival) -> list[str]:
        rules, broken = self.rules, []
        within = [one for one in self._arrivals if new.at - one.at < rules.window_seconds]
        if sum(one.cost for one in within) + new.cost > rules.window_requests:
            broken.append("window")
        same = [one for one in self._arrivals if one.group == new.group and new.at - one.at < rules.burst_seconds]
        if len(same) + 1 > rules.burst_requests:
            broken.append("burst")
        again = (one for one in self._arrivals if one.identity == new.identity)
        if any(new.at - one.at < rules.identical_seconds for one in again):
            broken.append("identical")
        return broken
