"""One pacing budget for each gateway login, shared by all workers on all machines through Redis.

It goes around the request::

    while True:
        with budget.acquire(request) as grant:
            sleep(grant.remaining())
            if not grant.confirm():  # asks Redis: the turn is no longer ours
                continue
            if not grant.is_fresh():  # asks no one, immediately before sending: the machine slept
                continue
            ...  # send, and wait for the answer
            break

A turn is reserved before it is waited for, so that nobody needs to try again and again; a long wait is refused instead
(``SourceError`` of kind ``RATE_LIMITED`` with ``retry_after``), so that the worker may do something else.

When a turn is at the earliest is decided in Lua (``common.lua``, ``earliest_strict``). The same rule in plain Python,
to be read first, is ``earliest_turn`` in ``tests/sources/ibkr/worlds.py``; the tests compare the two.
``docs/ibkr-budget.md`` shows a request from its turn to its release.
"""

import threading
import uuid
from collections.abc import Callable
from typing import cast

from redis import Redis

from webapp.sources.ibkr.budget.grant import AcquireTiming, Grant, Timekeeping
from webapp.sources.ibkr.budget.refusals import refusal
from webapp.sources.ibkr.budget.rules import BudgetState, PacedRequest, PacingClass, PacingRules, Rule
from webapp.sources.ibkr.budget.store import AcquireReply, BudgetStore, Memory, Outcome, Reservation

_LOOK_AGAIN = 0.1
"""Seconds between two looks for a free place among the open requests."""


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
        self._rules = rules
        self._times = times or Timekeeping()
        self._store = BudgetStore(redis, rules, self._times.lua)
        self._last_used = last_used
        self._tokens: dict[str, str] = {}
        self._own_turns: dict[str, float] = {}
        self._lock = threading.Lock()

    def acquire(self, request: PacedRequest) -> Grant:
        """Reserve a turn and a place among the open requests; the caller sleeps ``grant.remaining()`` seconds.

        Waits up to the rules' patience for a free place.

        :raises SourceError: ``RATE_LIMITED`` when the wait is longer than the rules' patience, with ``retry_after`` in
            seconds; nothing is reserved then. ``GATEWAY_DOWN`` when Redis does not answer.
        """
        rules, times = self._rules, self._times
        until = times.steady() + max(rules.patience, _LOOK_AGAIN)
        while True:
            reservation = Reservation.of(request, uuid.uuid4().hex)
            now, steady = times.now(), times.steady()
            reply = self._store.acquire(request, reservation, self._memory_of(request.login, now))
            self._remember(request, reply, now)
            if reply.outcome is Outcome.GRANTED:
                timing = AcquireTiming(now, steady, times.steady(), reply.wait, rules.freshness)
                return Grant(self._store, reservation, timing, times)
            if reply.outcome is Outcome.REFUSED:
                raise refusal(reply.rule or Rule.LOST, reply.wait, rules)
            if times.steady() >= until:
                raise refusal(reply.rule or Rule.LOST, rules.patience, rules)
            if reply.outcome is Outcome.FULL:
                times.sleep(_LOOK_AGAIN)
            else:
                self._begin(request.login)

    def report_violation(self, login: str) -> float:
        """Note that TWS reported a pacing violation all the same; return the seconds of the cool-down.

        Nothing strict is granted to anybody before a window has passed, and nothing soft for a little while. For one
        more window all spans are a tenth longer (a further tenth with each violation meanwhile) and the soft pace is
        halved.

        :raises SourceError: when Redis does not answer.
        """
        return self._store.report_violation(login)

    def state(self, login: str) -> BudgetState:
        """Return the login's budget as it stands; that of a login never used is untouched.

        :raises SourceError: when Redis does not answer.
        """
        return cast("BudgetState", self._store.state(login))  # the rules are known, as they are this process's

    def _memory_of(self, login: str, now: float) -> Memory | None:
        """Return of which memory this process knows, and how long ago its own last strict turn was."""
        with self._lock:
            if login not in self._tokens or login not in self._own_turns:
                return None
            return Memory(self._tokens[login], round((now - self._own_turns[login]) * 1000))

    def _remember(self, request: PacedRequest, reply: AcquireReply, now: float) -> None:
        if not reply.token:
            return
        with self._lock:
            self._tokens[request.login] = reply.token
            if reply.outcome is Outcome.GRANTED and request.pacing_class is PacingClass.STRICT:
                self._own_turns[request.login] = max(now + reply.wait, self._own_turns.get(request.login, 0.0))

    def _begin(self, login: str) -> None:
        """Begin a memory in Redis; the last use that is known anywhere counts as having used up everything."""
        last_used = self._last_used()
        with self._lock:
            uses = [use for use in (last_used, self._own_turns.get(login)) if use is not None]
        age = round((self._times.now() - max(uses)) * 1000) if uses else None
        self._store.begin(login, uuid.uuid4().hex, age)


def read_states(redis: Redis) -> list[BudgetState]:
    """Return the budget of each login that was used lately, by name; it needs nothing but Redis.

    :raises SourceError: when Redis does not answer.
    """
    store = BudgetStore(redis)
    states = {login: store.state(login) for login in store.logins()}
    if gone := [login for login, state in states.items() if state is None]:
        store.forget(gone)
    return [state for state in states.values() if state is not None]
