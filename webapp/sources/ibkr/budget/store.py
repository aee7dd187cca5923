"""The budgets in Redis: each operation is one script, so that it happens whole or not at all.

The scripts are the files beside this one, each behind ``common.lua``, which says what is kept under which key.
"""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib import resources
from typing import cast

from redis import Redis

from webapp.sources.ibkr.budget.rules import BudgetState, PacedRequest, PacingClass, PacingRules, Rule, digest
from webapp.sources.ibkr.redis_errors import redis_required, text_of

REDIS_CLOCK = "redis.call('TIME')"
"""The Lua expression of the clock, as ``common.lua`` has it: seconds and microseconds."""

INDEX = "moisson:ibkr:budgets"
"""A sorted set of the logins that have a budget, by when each was last used."""


class Outcome(StrEnum):
    """What became of the wish for a turn."""

    GRANTED = "granted"
    REFUSED = "refused"
    """The turn is further off than the rules' patience."""
    FULL = "full"
    """Too many requests are open."""
    UNKNOWN = "unknown"
    """Redis has no memory of the login; it has to be begun first."""


@dataclass(frozen=True, slots=True)
class AcquireReply:
    """The answer to a wish for a turn: in how many seconds it is, and the rule that makes it wait.

    ``token`` names the memory that Redis has of the login; empty when it has none.
    """

    outcome: Outcome
    wait: float
    rule: Rule | None
    token: str


@dataclass(frozen=True, slots=True)
class Memory:
    """What a process remembers of a login: the token of Redis's memory, and how old its last strict turn is (ms)."""

    token: str
    age: int


@dataclass(frozen=True, slots=True)
class Reservation:
    """How a turn is written down: the id of the place among the open requests, and the member of the strict turns.

    ``member`` is empty for a request that no strict rule counts.
    """

    login: str
    id: str
    member: str

    @classmethod
    def of(cls, request: PacedRequest, grant_id: str) -> "Reservation":
        """Return how a request's turn is written down under an id."""
        is_strict = request.pacing_class is PacingClass.STRICT
        parts = (grant_id, str(request.cost), digest(request.contract), digest(request.identity))
        return cls(request.login, grant_id, "|".join(parts) if is_strict else "")


class Script:
    """One operation on a login's budget."""

    def __init__(self, redis: Redis, text: str) -> None:
        self._script = redis.register_script(text)

    def run(self, login: str, *arguments: str) -> object:
        """Run it; the first argument is the rules as JSON, or empty for the stored ones.

        :raises SourceError: (``GATEWAY_DOWN``) when Redis does not answer.
        """
        keys = [*(f"moisson:ibkr:budget:{login}:{name}" for name in ("facts", "turns", "open")), INDEX]
        with redis_required():
            return self._script(keys=keys, args=list(arguments))


class BudgetStore:
    """The budgets of all logins at one Redis, under the rules of this process.

    Without rules each login's stored ones hold, as a reader needs it. All methods but the constructor raise
    ``SourceError`` (``GATEWAY_DOWN``) when Redis does not answer.
    """

    def __init__(self, redis: Redis, rules: PacingRules | None = None, clock: str = REDIS_CLOCK) -> None:
        def script(operation: str) -> Script:
            return Script(redis, _read("common").replace(REDIS_CLOCK, clock) + _read(operation))

        self._redis = redis
        self._rules_text = json.dumps(rules.as_milliseconds()) if rules else ""
        self._acquire = script("acquire")
        self._begin = script("begin")
        self._confirm = script("confirm")
        self._release = script("release")
        self._renew = script("renew")
        self._report_violation = script("report_violation")
        self._state = script("state")

    def acquire(self, request: PacedRequest, reservation: Reservation, memory: Memory | None) -> AcquireReply:
        """Reserve a turn, and a place among the open requests; only when it is granted, anything is written down."""
        wish: dict[str, str | int] = {
            "kind": request.pacing_class,
            "id": reservation.id,
            "member": reservation.member,
            "cost": request.cost,
            "login": request.login,
            "contract": digest(request.contract),
            "identity": digest(request.identity),
        }
        if memory is not None:
            wish |= asdict(memory)
        reply = self._acquire.run(request.login, self._rules_text, json.dumps(wish))
        outcome, wait, rule, token = cast("list[bytes]", reply)
        return AcquireReply(
            Outcome(text_of(outcome)), int(wait) / 1000, Rule(text_of(rule)) if rule else None, text_of(token)
        )

    def begin(self, login: str, token: str, age: int | None) -> None:
        """Begin a memory of a login, unless there is one by now.

        :param age: how many milliseconds ago everything is taken as used up; None for never.
        """
        self._begin.run(login, self._rules_text, token, "" if age is None else str(age))

    def confirm(self, reservation: Reservation) -> bool:
        """Tell whether a reserved turn is remembered, and nothing has happened since that forbids it."""
        return bool(self._confirm.run(reservation.login, self._rules_text, reservation.id, reservation.member))

    def renew(self, reservation: Reservation) -> None:
        """Count a request as open for another lease, from now on."""
        self._renew.run(reservation.login, self._rules_text, reservation.id)

    def release(self, reservation: Reservation, *, is_unsent: bool) -> None:
        """Free the place among the open requests; a request that was not sent gives its turn back, too."""
        member = reservation.member if is_unsent else ""
        self._release.run(reservation.login, self._rules_text, reservation.id, member)

    def report_violation(self, login: str) -> float:
        """Stop the login and widen its rules for a while; return the seconds of the cool-down."""
        return int(cast("int", self._report_violation.run(login, self._rules_text))) / 1000

    def state(self, login: str) -> BudgetState | None:
        """Return a login's budget as it stands; None when no rules are known for it."""
        reply = cast("list[int] | None", self._state.run(login, self._rules_text))
        return None if reply is None else _parse_state(login, reply)

    def logins(self) -> list[str]:
        """Return the logins that were used lately, by name."""
        with redis_required():
            return sorted(text_of(login) for login in cast("list[bytes]", self._redis.zrange(INDEX, 0, -1)))

    def forget(self, logins: list[str]) -> None:
        """Take logins out of the index."""
        with redis_required():
            self._redis.zrem(INDEX, *logins)


def _parse_state(login: str, reply: list[int]) -> BudgetState:
    used, limit, window, is_open, max_open, free, cooling, is_widened = (int(number) for number in reply)
    return BudgetState(
        login=login,
        used=min(used, limit),
        limit=limit,
        window_seconds=window / 1000,
        open=is_open,
        max_open=max_open,
        free_in=free / 1000,
        cooling=cooling / 1000,
        is_widened=bool(is_widened),
    )


def _read(script: str) -> str:
    return resources.files(__name__.rpartition(".")[0]).joinpath(f"{script}.lua").read_text(encoding="utf-8")
