"""What TWS says of itself: its link to IBKR, and the farms that serve data.

Source: IBKR Campus, TWS API, "System message codes" (1100 to 1300, 2103 to 2158).
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from webapp.sources.ibkr.messages.wire_errors import TwsMessage

LINK_LOST, RESTORED_LOST, RESTORED_KEPT = 1100, 1101, 1102
HISTORY_BROKEN = 2105
_FARMS = {
    2103: "broken",
    2104: "ok",
    2105: "broken",
    2106: "ok",
    2107: "inactive",
    2108: "inactive",
    2157: "broken",
    2158: "ok",
}
_HISTORY = (2105, 2106, 2107)
_NAME = re.compile(r"(?::|demand\.)\s*([\w.\-]+)\s*$")
_BELIEVED = 60.0
"""Seconds for which a broken farm is believed to be so; after that a request may find out."""


@dataclass(slots=True)
class GatewayCondition:
    """How TWS stands with IBKR. ``farms`` are ``ok``, ``broken`` or ``inactive`` by name."""

    farms: dict[str, str] = field(default_factory=dict)
    cut: TwsMessage | None = None
    """The notice that the link to IBKR is lost, while it is."""
    restored_at: float | None = None
    """When the link came back last (steady clock)."""
    steady: Callable[[], float] = time.monotonic
    _history: dict[str, TwsMessage] = field(default_factory=dict)
    _broken_at: float = 0.0

    @property
    def is_cut(self) -> bool:
        """Whether TWS has lost IBKR's servers (1100), and did not say since that it found them."""
        return self.cut is not None

    def seconds_since_outage(self) -> float | None:
        """Return how long the link has been back; None when it never was lost."""
        return None if self.restored_at is None else self.steady() - self.restored_at

    def restore(self) -> None:
        """Note that the link is back, from this moment on, and with it all farms."""
        self.cut = None
        self._history.clear()
        self.farms.update((name, "ok") for name, state in list(self.farms.items()) if state == "broken")
        self.restored_at = self.steady()

    def take(self, message: TwsMessage) -> TwsMessage | None:
        """Take a notice; return it when open requests must not be waited for any longer."""
        if message.code == LINK_LOST:
            self.cut = message
            return message
        if message.code in (RESTORED_LOST, RESTORED_KEPT):
            self.restore()
        if message.code in _FARMS:
            return self._take_farm(message)
        return None

    def obstacle(self, *, is_history: bool) -> TwsMessage | None:
        """Return the notice for which a request is not worth sending, None when it is."""
        if self.cut is not None:
            return self.cut
        return self._all_broken() if is_history else None

    def _take_farm(self, message: TwsMessage) -> TwsMessage | None:
        match = _NAME.search(message.text)
        name = match[1] if match else "unknown"
        self.farms[name] = _FARMS[message.code]
        if message.code not in _HISTORY:
            return None
        self._history[name] = message
        if message.code == HISTORY_BROKEN:
            self._broken_at = self.steady()
            return self._all_broken()
        return None

    def _all_broken(self) -> TwsMessage | None:
        """Return the last notice when every farm of history that was heard of is broken, and that is no old news."""
        messages = list(self._history.values())
        if not messages or any(message.code != HISTORY_BROKEN for message in messages):
            return None
        return messages[-1] if self.steady() - self._broken_at < _BELIEVED else None
