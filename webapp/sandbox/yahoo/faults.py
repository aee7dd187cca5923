"""What goes wrong, on command: rules that match requests, and how often they strike.

A rule in JSON::

    {"match": {"path": "regex", "symbol": "AAPL", "interval": "1d"}, "times": 2, "per": "rule", "action":
    {"status": 429}}

Every part of ``match`` may be left out; ``times`` left out means always. With ``"per": "request"`` the first
``times`` answers of each distinct chunk (path, interval, period or range) are struck, with ``"rule"`` the
first ``times`` in all. The first rule that matches and is not used up decides. The actions stand in
``spoiling.py``; beside them ``{"random": {"p": 0.3, "seed": 7}}`` draws from several, and ``{"rate": 5}``
answers 429 above five a second.
"""

import re
import threading
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from webapp.sandbox import noise
from webapp.sandbox.yahoo.requests import Request

_MIXTURE: tuple[dict[str, Any], ...] = (
    {"status": 429},
    {"status": 500},
    {"status": 503},
    {"cut": True},
    {"truncate": True},
    {"drop": True},
    {"html": True},
    {"unequal": True},
)
"""What ``random`` draws from: faults that a client can notice. The silent ones come only by ``kinds``."""

Action = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    :param struck: how often it struck each chunk.
    :param asked: how often it was asked about each chunk.
    :param recent: the arrivals of the last second.
    """

    match: Mapping[str, str]
    action: Action
    times: int | None = None
    per: str = "rule"
    struck: Counter[tuple[str, ...]] = field(default_factory=Counter)
    asked: Counter[tuple[str, ...]] = field(default_factory=Counter)
    recent: deque[float] = field(default_factory=deque)

    def matches(self, request: Request) -> bool:
        """Return whether the rule is about this request."""
        if not re.search(self.match.get("path", ""), request.path):
            return False
        values = {"symbol": request.symbol, "interval": request.interval, "host": request.host}
        return all(self.match.get(name, value) == value for name, value in values.items())

    def strike(self, request: Request) -> Action | None:
        """Return what to do to this request, if anything; counts it."""
        if "rate" in self.action and not self._too_fast(request.arrived):
            return None
        used = self.struck[request.chunk] if self.per == "request" else self.struck.total()
        if self.times is not None and used >= self.times:
            return None
        action = self._drawn(request) if "random" in self.action else self.action
        if action is not None:
            self.struck[request.chunk] += 1
        return action

    def described(self) -> dict[str, Any]:
        """Return the rule as it was given, and how often it struck."""
        fields = {"match": dict(self.match), "times": self.times, "per": self.per, "action": dict(self.action)}
        return fields | {"struck": self.struck.total()}

    def _too_fast(self, arrived: float) -> bool:
        """Return whether more than the allowed number came within the last second, this one included."""
        self.recent.append(arrived)
        while self.recent[0] <= arrived - 1:
            self.recent.popleft()
        return len(self.recent) > float(self.action["rate"])

    def _drawn(self, request: Request) -> Action | None:
        """Draw by the question and how often it was asked, so that the order of threads changes nothing."""
        options = self.action["random"]
        self.asked[request.chunk] += 1
        address = noise.seed_of(f"{options.get('seed', 0)} {request.chunk}")
        attempt = 2 * self.asked[request.chunk]
        dice = noise.uniform(noise.seeds(address, 0, np.array([attempt, attempt + 1])))
        kinds = options.get("kinds") or _MIXTURE
        return kinds[int(dice[1] * len(kinds))] if dice[0] < options["p"] else None


class Faults:
    """The rules in force; safe for threads."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._lock = threading.Lock()

    def add(self, rules: list[Rule]) -> None:
        """Add rules after those that are there."""
        with self._lock:
            self._rules += rules

    def clear(self) -> None:
        """Remove all rules."""
        with self._lock:
            self._rules.clear()

    def described(self) -> list[dict[str, Any]]:
        """Return all rules."""
        with self._lock:
            return [rule.described() for rule in self._rules]

    def strike(self, request: Request) -> Action | None:
        """Return what to do to this request, if anything."""
        with self._lock:
            for rule in self._rules:
                action = rule.strike(request) if rule.matches(request) else None
                if action is not None:
                    return action
        return None
