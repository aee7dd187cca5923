"""What goes wrong at the offline TWS, on command.

A rule in JSON: ``{"match": {"kind": "history", "symbol": "AAPL", "client_id": 11}, "times": 2, "per": "rule", "action":
{"error": 162, "text": "…"}}``. Every part of ``match`` may be left out. With ``"per": "request"`` the first ``times``
arrivals of each distinct request are struck. Actions: ``error`` with ``text``; ``delay`` (seconds); ``never``; ``cut``
(half a frame, then a reset); ``reset``; ``close``; ``garbage`` (a date that is none); ``empty`` (0 bars);
``{"random": {"p": 0.3, "seed": 7}}`` draws from a mixture of those that a client can notice.
"""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from webapp.sandbox import noise
from webapp.sandbox.tws.refusals import TOO_MANY_OPEN

Action = Mapping[str, Any]

_MIXTURE: tuple[Action, ...] = (
    {"never": True},
    {"cut": True},
    {"reset": True},
    {"close": True},
    {"garbage": True},
    {"delay": 0.5},
    {"error": 162, "text": "Historical Market Data Service error message:Query timed out"},
    {"error": 322, "text": TOO_MANY_OPEN},
    {"error": 366, "text": "No historical data query found for ticker id"},
)  # fmt: skip


ACTIONS = ("error", "delay", "never", "cut", "reset", "close", "garbage", "empty", "random")
_MATCHED = {"kind", "symbol", "client_id", "number", "size", "duration", "end", "what", "rth", "strict"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule."""

    match: Mapping[str, Any]
    action: Action
    times: int | None = None
    per: str = "rule"
    struck: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)

    def strike(self, facts: Mapping[str, object]) -> Action | None:
        """Return what to do to a request, if anything; counts it."""
        if any(facts.get(name) != value for name, value in self.match.items()):
            return None
        request = " ".join(str(facts.get(name, "")) for name in ("kind", "symbol", "size", "end", "what"))
        used = self.struck[request] if self.per == "request" else self.struck.total()
        if self.times is not None and used >= self.times:
            return None
        action = self._drawn(request) if "random" in self.action else self.action
        if action is not None:
            self.struck[request] += 1
        return action

    def described(self) -> dict[str, Any]:
        """Return the rule as it was given, and how often it struck."""
        fields = {"match": dict(self.match), "times": self.times, "per": self.per, "action": dict(self.action)}
        return fields | {"struck": self.struck.total()}

    def _drawn(self, request: str) -> Action | None:
        """Draw by the question and how often it was asked, so that the order of threads changes nothing."""
        options = self.action["random"]
        self.asked[request] += 1
        address = noise.seed_of(f"{options.get('seed', 0)} {request}")
        attempt = 2 * self.asked[request]
        dice = noise.uniform(noise.seeds(address, 0, np.array([attempt, attempt + 1])))
        kinds = options.get("kinds") or _MIXTURE
        return kinds[int(dice[1] * len(kinds))] if dice[0] < options["p"] else None


def _check(fields: Mapping[str, Any]) -> None:
    action = fields["action"]
    unknown = {
        *(fields.keys() - {"match", "action", "times", "per"}),
        *((fields.get("match") or {}).keys() - _MATCHED),
        *(action.keys() - {*ACTIONS, "text"}),
        *({fields.get("per", "rule")} - {"rule", "request"}),
    }
    if unknown or not action.keys() & set(ACTIONS):
        message = f"A rule cannot say {sorted(unknown)}; its action is one of {', '.join(ACTIONS)}."
        raise ValueError(message)


class Faults:
    """The rules in force; safe for threads."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._lock = threading.Lock()

    def add(self, fields: Mapping[str, Any]) -> None:
        """Add a rule after those that are there.

        :raises ValueError: it has no action, or says something that would have no effect.
        """
        if not fields.get("action"):
            message = "a rule needs an action"
            raise ValueError(message)
        _check(fields)
        rule = Rule(fields.get("match") or {}, fields["action"], fields.get("times"), fields.get("per", "rule"))
        with self._lock:
            self._rules.append(rule)

    def clear(self) -> None:
        """Remove all rules."""
        with self._lock:
            self._rules.clear()

    def described(self) -> list[dict[str, Any]]:
        """Return all rules."""
        with self._lock:
            return [rule.described() for rule in self._rules]

    def strike(self, facts: Mapping[str, object]) -> Action:
        """Return what to do to a request; nothing special for an empty answer."""
        with self._lock:
            for rule in self._rules:
                action = rule.strike(facts)
                if action is not None:
                    return action
        return {}
