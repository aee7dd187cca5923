"""The offline TWS from the outside, over the sandbox's control port."""

from collections.abc import Callable
from typing import Any

Call = Callable[..., Any]


class TwsClient:
    """Steers the offline TWS of a running sandbox; see ``SandboxClient`` for errors."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def log(self, since: int = 0, kind: str = "") -> list[dict[str, Any]]:
        """Return the requests after number ``since``, of a kind (``history``, ``head``, ``details``, ``matching``)."""
        entries: list[dict[str, Any]] = self._call("GET", f"tws/log?since={since}")
        return [entry for entry in entries if not kind or entry["kind"] == kind]

    def orders(self) -> list[dict[str, Any]]:
        """Return all messages about orders that ever came: there may be none."""
        orders: list[dict[str, Any]] = self._call("GET", "tws/orders")
        return orders

    def violations(self) -> list[dict[str, Any]]:
        """Return the pacing violations, each with its rule."""
        violations: list[dict[str, Any]] = self._call("GET", "tws/violations")
        return violations

    def clients(self) -> list[int]:
        """Return the client ids that are connected."""
        ids: list[int] = self._call("GET", "tws/clients")
        return ids

    def fault(
        self, *, times: int | None = None, per: str = "rule", match: dict[str, Any] | None = None, **action: object
    ) -> None:
        """Add a rule: ``fault(error=162, text="…", times=2, match={"kind": "history"})``; see ``faults.py``."""
        self._call("POST", "tws/faults", {"match": match or {}, "times": times, "per": per, "action": action})

    def heal(self) -> None:
        """Remove all rules."""
        self._call("DELETE", "tws/faults")

    def set(self, **settings: object) -> None:
        """Change settings by name, see ``state.Settings``; ``pacing={"window_seconds": 6, …}`` changes rules.

        The rules are those of ``pacing.Rules``, and ``is_enforced``: whether a violation is answered with an error.
        """
        self._call("POST", "tws/settings", settings)

    def occupy(self, *ids: int) -> None:
        """Behave as if other programs held these client ids."""
        self._call("POST", "tws/occupied", {"ids": ids})

    def outage(self, seconds: float, code: int = 1102) -> None:
        """Lose the link to the servers for a while; ``code`` (1101 or 1102) says how it comes back."""
        self._call("POST", "tws/outage", {"seconds": seconds, "code": code})

    def restore(self) -> None:
        """End an outage at once."""
        self._call("DELETE", "tws/outage")

    def restart(self, seconds: float) -> None:
        """Drop all connections and let nobody in for a while."""
        self._call("POST", "tws/restart", {"seconds": seconds})

    def clear(self) -> None:
        """Be as at first; the orders stay."""
        self._call("DELETE", "tws")
