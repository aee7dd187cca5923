"""A turn that was granted: when it is, whether it is still good, and giving it back."""

import json
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2s
from types import TracebackType
from typing import NamedTuple, Self

from redis import Redis

from webapp.sources.base import SourceError
from webapp.sources.ibkr.budget_lua import REDIS_CLOCK, BudgetScripts, Operation
from webapp.sources.ibkr.budget_rules import Ask, AskKind, PacingRules


@dataclass(frozen=True, slots=True)
class Timekeeping:
    """The clocks of a process and of Redis.

    ``steady`` does not jump, but stands still while some machines sleep; ``now`` (epoch seconds) goes on. ``lua`` is
    the expression of Redis's clock.
    """

    now: Callable[[], float] = time.time
    steady: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    lua: str = REDIS_CLOCK


class Asked(NamedTuple):
    """When a turn was asked for, and when the answer was there."""

    now: float
    steady: float
    told: float


class Desk:
    """Where turns are asked for: the scripts, under the rules of this process."""

    def __init__(self, redis: Redis, rules: PacingRules, times: Timekeeping) -> None:
        self.rules = rules
        self.times = times
        self._scripts = BudgetScripts(redis, times.lua)
        self._rules_text = json.dumps(rules.as_milliseconds())

    def run(self, operation: Operation, login: str, *arguments: str) -> object:
        """Run an operation on a login's budget.

        :raises SourceError: (``GATEWAY_DOWN``) when Redis does not answer.
        """
        return self._scripts.run(operation, login, self._rules_text, *arguments)


class Grant:
    """A reserved turn, and a place among the open requests until it is released or its lease ends.

    As a context manager it releases itself.
    """

    def __init__(self, desk: Desk, ask: Ask) -> None:
        self.id = uuid.uuid4().hex
        is_strict = ask.kind is AskKind.STRICT
        self.member = f"{self.id}|{ask.cost}|{short(ask.contract)}|{short(ask.identity)}" if is_strict else ""
        self._login = ask.login
        self._desk = desk
        self._asked = Asked(0.0, 0.0, 0.0)
        self._wait = 0.0
        self._is_unsent = False

    def begin(self, asked: Asked, wait: float) -> None:
        """Note when the turn was asked for, and how many seconds after that it is."""
        self._asked = asked
        self._wait = wait

    def remaining(self) -> float:
        """Return the seconds until the turn; 0 when it has come."""
        return max(0.0, self._asked.told + self._wait - self._desk.times.steady())

    def is_fresh(self) -> bool:
        """Tell whether the request may be sent at this moment; to be asked immediately before sending.

        False when the turn is over (the machine slept, the process was held up), not there yet, or no longer remembered
        or allowed by all workers' common memory. Releasing gives the turn back then: nothing was sent.

        :raises SourceError: when Redis does not answer.
        """
        rules, times = self._desk.rules, self._desk.times
        late = max(times.steady() - self._asked.steady, times.now() - self._asked.now) - self._wait
        is_early = self.remaining() > rules.freshness / 4
        self._is_unsent = is_early or late > rules.freshness or not self._is_remembered()
        return not self._is_unsent

    def renew(self) -> None:
        """Count as open for another lease, from now on.

        :raises SourceError: when Redis does not answer.
        """
        self._desk.run(Operation.RENEW, self._login, self.id)

    def release(self) -> None:
        """Give the place back. Without Redis it comes back by itself, when its lease ends."""
        with suppress(SourceError):
            self._desk.run(Operation.RELEASE, self._login, self.id, self.member if self._is_unsent else "")

    def _is_remembered(self) -> bool:
        """Ask once more after a wait, in which Redis may have lost its memory or TWS may have complained."""
        if self._wait == 0:
            return True
        return bool(self._desk.run(Operation.CONFIRM, self._login, self.id, self.member))

    def __enter__(self) -> Self:
        """Return the grant, whose turn is yet to come."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release it, whatever happened."""
        self.release()


def short(text: str) -> str:
    """Return a short name for a text, of letters and digits only."""
    return blake2s(text.encode(), digest_size=8).hexdigest()
