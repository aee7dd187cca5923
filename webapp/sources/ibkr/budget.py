"""One pacing budget for each gateway login, shared by all workers on all machines through Redis.

It goes around the request::

    while True:
        with budget.acquire(ask) as grant:
            sleep(grant.remaining())
            if not grant.is_fresh():  # the machine slept, or the turn is no longer ours
                continue
            ...  # send, and wait for the answer
            break

A turn is reserved before it is waited for, so that nobody needs to try again and again; a long wait is refused instead
(``SourceError`` of kind ``RATE_LIMITED`` with ``retry_after``), so that the worker may do something else.
"""

import json
import threading
import uuid
from collections.abc import Callable
from typing import NamedTuple, cast

from redis import Redis

from webapp.sources.ibkr.budget_lua import INDEX, BudgetScripts, Operation
from webapp.sources.ibkr.budget_refusals import refusal
from webapp.sources.ibkr.budget_rules import Ask, AskKind, BudgetState, PacingRules, Rule
from webapp.sources.ibkr.grant import Asked, Desk, Grant, Timekeeping, short
from webapp.sources.ibkr.shared_memory import shared_memory, text_of

_LOOK_AGAIN = 0.1
"""Seconds between two looks for a free place among the open requests."""


class _Verdict(NamedTuple):
    word: str
    wait: float
    rule: str
    token: str


class Budget:
    """The budgets of all logins, as one process sees them; threads may share it, forked children may not.

    ``last_used`` is asked when Redis has no memory of a login (its first use, or Redis was emptied or restarted): the
    epoch second of the last request that any worker may have sent, None for never. Requests that are not answered yet
    count; the work that is about to ask for the first time does not.
    """

    def __init__(
        self,
        redis: Redis,
        rules: PacingRules,
        last_used: Callable[[], float | None],
        times: Timekeeping | None = None,
    ) -> None:
        self._desk = Desk(redis, rules, times or Timekeeping())
        self._last_used = last_used
        self._tokens: dict[str, str] = {}
        self._own_turns: dict[str, float] = {}
        self._lock = threading.Lock()

    def acquire(self, ask: Ask) -> Grant:
        """Reserve a turn and a place among the open requests; the caller sleeps ``grant.remaining()`` seconds.

        Waits up to the rules' patience for a free place.

        :raises SourceError: ``RATE_LIMITED`` when the wait is longer than the rules' patience, with ``retry_after`` in
            seconds; nothing is reserved then. ``GATEWAY_DOWN`` when Redis does not answer.
        """
        rules, times = self._desk.rules, self._desk.times
        until = times.steady() + max(rules.patience, _LOOK_AGAIN)
        while True:
            grant = Grant(self._desk, ask)
            verdict, asked = self._ask(ask, grant)
            if verdict.word == "granted":
                grant.begin(asked, verdict.wait)
                return grant
            if verdict.word == "refused":
                raise refusal(Rule(verdict.rule), verdict.wait, rules)
            if times.steady() >= until:
                raise refusal(Rule(verdict.rule or Rule.LOST), rules.patience, rules)
            if verdict.word == "full":
                times.sleep(_LOOK_AGAIN)
            else:
                self._begin(ask.login)

    def widen(self, login: str) -> float:
        """Note that TWS reported a pacing violation all the same; return the seconds of the cool-down.

        Nothing strict is granted to anybody before a window has passed, and nothing soft for a little while. For one
        more window all spans are a tenth longer (a further tenth with each violation meanwhile) and the soft pace is
        halved.

        :raises SourceError: when Redis does not answer.
        """
        return int(cast("int", self._desk.run(Operation.WIDEN, login))) / 1000

    def state(self, login: str) -> BudgetState:
        """Return the login's budget as it stands; that of a login never used is untouched.

        :raises SourceError: when Redis does not answer.
        """
        return _state(login, cast("list[int]", self._desk.run(Operation.STATE, login)))

    def _ask(self, ask: Ask, grant: Grant) -> tuple[_Verdict, Asked]:
        now, steady = self._desk.times.now(), self._desk.times.steady()
        wanted: dict[str, str | int] = {"kind": ask.kind, "id": grant.id, "member": grant.member, "cost": ask.cost}
        wanted |= {"login": ask.login, "contract": short(ask.contract), "identity": short(ask.identity)}
        wanted |= self._known(ask.login, now)
        answer = self._desk.run(Operation.ACQUIRE, ask.login, json.dumps(wanted))
        word, wait, rule, token = cast("list[bytes]", answer)
        verdict = _Verdict(text_of(word), int(wait) / 1000, text_of(rule), text_of(token))
        if verdict.token:
            self._note(ask, verdict, now)
        return verdict, Asked(now, steady, self._desk.times.steady())

    def _known(self, login: str, now: float) -> dict[str, str | int]:
        """Say of which memory this process knows, and how long ago its own last strict turn was (milliseconds)."""
        with self._lock:
            if login not in self._tokens or login not in self._own_turns:
                return {}
            return {"token": self._tokens[login], "age": round((now - self._own_turns[login]) * 1000)}

    def _note(self, ask: Ask, verdict: _Verdict, now: float) -> None:
        with self._lock:
            self._tokens[ask.login] = verdict.token
            if verdict.word == "granted" and ask.kind is AskKind.STRICT:
                self._own_turns[ask.login] = max(now + verdict.wait, self._own_turns.get(ask.login, 0.0))

    def _begin(self, login: str) -> None:
        """Begin a memory in Redis; the last use that is known anywhere counts as having used up everything."""
        known = self._last_used()
        with self._lock:
            uses = [use for use in (known, self._own_turns.get(login)) if use is not None]
        age = str(round((self._desk.times.now() - max(uses)) * 1000)) if uses else ""
        self._desk.run(Operation.BEGIN, login, uuid.uuid4().hex, age)


def read_states(redis: Redis) -> list[BudgetState]:
    """Return the budget of each login that was used lately, by name; it needs nothing but Redis.

    :raises SourceError: when Redis does not answer.
    """
    scripts = BudgetScripts(redis)
    with shared_memory():
        logins = sorted(text_of(login) for login in cast("list[bytes]", redis.zrange(INDEX, 0, -1)))
    told = {login: cast("list[int] | None", scripts.run(Operation.STATE, login, "")) for login in logins}
    gone = [login for login, answer in told.items() if answer is None]
    if gone:
        with shared_memory():
            redis.zrem(INDEX, *gone)
    return [_state(login, answer) for login, answer in told.items() if answer is not None]


def _state(login: str, told: list[int]) -> BudgetState:
    used, limit, window, is_open, max_open, free, cooling, is_widened = (int(each) for each in told)
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
