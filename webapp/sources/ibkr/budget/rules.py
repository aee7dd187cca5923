"""IBKR's pacing rules as numbers and what is asked under them.

Sources of the numbers: IBKR Campus, TWS API: historical data limitations (small bars of 30 seconds or less, and every
head timestamp: 60 requests in ten minutes, fewer than six for one contract, exchange and tick type within two seconds,
no identical request within 15 seconds, BID_ASK counts twice); at most 50 requests open at once, whatever their bars.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2s

MAX_OPEN_AT_TWS = 50
"""TWS answers error 322 to the request beyond so many open ones."""


class PacingClass(StrEnum):
    """Which rules a request falls under."""

    STRICT = "strict"
    """Bars of 30 seconds or less, and head timestamps whatever their bars."""
    SOFT = "soft"
    """Larger bars: IBKR has no hard rule for them, only for how many are open at once."""


class Rule(StrEnum):
    """What makes a request wait."""

    WINDOW = "window"
    BURST = "burst"
    IDENTICAL = "identical"
    SOFT = "soft"
    OPEN = "open"
    COOLING = "cooling"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class PacingRules:
    """The rules of one login. Times are in seconds.

    ``soft_per_second`` is our own pace for larger bars, after ``soft_burst`` at once. ``patience`` is the longest wait
    that is worth keeping a worker's slot for. ``lease_seconds`` is after how long a request that nobody released or
    renewed no longer counts as open; it must exceed the request's time-out.
    """

    window_seconds: float = 600.0
    window_requests: int = 60
    identical_seconds: float = 15.0
    burst_seconds: float = 2.0
    burst_requests: int = 5
    max_open: int = 20
    soft_per_second: float = 4.0
    soft_burst: int = 4
    patience: float = 3.0
    margin: float = 0.25
    lease_seconds: float = 90.0

    @property
    def freshness(self) -> float:
        """How long after its turn a request may be sent still: ``margin``, or a hundredth of a short window."""
        return min(self.margin, self.window_seconds / 100)

    @property
    def slack(self) -> float:
        """What is added to every window, because TWS counts at arrival and turns are given at sending.

        A request arrives at its turn + d, and d is between 0 and the freshness plus what its way takes. Two turns that
        are a window and more than the greatest d apart arrive more than a window apart. Half the freshness is left for
        the way.
        """
        return 1.5 * self.freshness

    def as_milliseconds(self) -> dict[str, int]:
        """Return the rules as the scripts take them."""
        return {
            "window": _milliseconds(self.window_seconds),
            "window_requests": self.window_requests,
            "identical": _milliseconds(self.identical_seconds),
            "burst": _milliseconds(self.burst_seconds),
            "burst_requests": self.burst_requests,
            "max_open": self.max_open,
            "soft_interval": _milliseconds(1 / self.soft_per_second),
            "soft_burst": self.soft_burst,
            "patience": _milliseconds(self.patience),
            "slack": _milliseconds(self.slack),
            "lease": _milliseconds(self.lease_seconds),
            "most_open": max(self.max_open, MAX_OPEN_AT_TWS),
        }


def _milliseconds(seconds: float) -> int:
    return math.ceil(seconds * 1000)


@dataclass(frozen=True, slots=True)
class PacedRequest:
    """A request that wants its turn.

    ``login`` names the gateway login (see ``connection_status.login_key``). ``contract`` names contract, exchange and
    tick type; ``identity`` everything that makes two requests identical (contract, bar size, duration, end, what,
    hours). ``cost`` is 2 for BID_ASK; it counts so in the burst rule, too, because IBKR does not say that it does not.
    """

    login: str
    pacing_class: PacingClass
    contract: str
    identity: str
    cost: int = 1


@dataclass(frozen=True, slots=True)
class BudgetState:
    """A login's budget at this moment, for the page. Times are seconds from now; 0 when it is so already.

    ``used`` of ``limit`` strict requests are taken in the running window; the next is possible in ``free_in``. A
    cool-down after a pacing violation lasts ``cooling``; the rules are stricter than usual while ``is_widened``.
    """

    login: str
    used: int
    limit: int
    window_seconds: float
    open: int
    max_open: int
    free_in: float = 0.0
    cooling: float = 0.0
    is_widened: bool = False


def digest(text: str) -> str:
    """Return a short name for a text, of letters and digits only."""
    return blake2s(text.encode(), digest_size=8).hexdigest()
