"""How gateways stand, as workers say it through Redis; a page never connects to one itself.

Asked at most once a second, and by one thread at a time, so that a frozen Redis does not slow every page.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from weakref import WeakKeyDictionary

from redis import Redis
from redis.exceptions import RedisError

from webapp.domain.gateways import Gateway
from webapp.errors import Sentence
from webapp.services import gateways
from webapp.services.context import Context
from webapp.sources.base import SourceError
from webapp.sources.ibkr.budget import budget
from webapp.sources.ibkr.budget.rules import BudgetState
from webapp.sources.ibkr.connection import connection_status
from webapp.sources.ibkr.connection.connection_status import ConnectionFailure, ConnectionState

_FRESH = 1.0
_AWAY = 5.0


@dataclass(frozen=True, slots=True)
class Connection:
    """The connections that workers hold to one gateway, as one; ``since`` is that of the oldest."""

    since: dt.datetime
    server_version: int
    accounts: tuple[str, ...]
    """Masked."""
    is_paper: bool
    is_linked: bool
    farms: Mapping[str, str]
    workers: int

    @property
    def broken(self) -> list[str]:
        """The farms that do not serve data now."""
        return sorted(name for name, state in self.farms.items() if state == "broken")


@dataclass(frozen=True, slots=True)
class Pacing:
    """How much of its login's budget a gateway has used; moments are None when there is nothing to wait for."""

    used: int
    limit: int
    window_seconds: float
    open: int
    max_open: int
    free_at: dt.datetime | None
    cooling_until: dt.datetime | None


@dataclass(frozen=True, slots=True)
class GatewayState:
    """A gateway and how it stands. ``id`` is 0 for that of the settings."""

    id: int
    gateway: Gateway
    is_default: bool
    connection: Connection | None = None
    failure: Sentence | None = None
    failed_at: dt.datetime | None = None
    pacing: Pacing | None = None


@dataclass(frozen=True, slots=True)
class _Told:
    """What Redis held at an instant (epoch seconds); ``is_known`` is False when it did not answer."""

    at: float
    is_known: bool = False
    connections: Sequence[ConnectionState] = ()
    budgets: Mapping[str, BudgetState] = field(default_factory=dict)
    failures: Mapping[str, ConnectionFailure] = field(default_factory=dict)

    def is_good(self, now: float) -> bool:
        """Tell whether it may be told again."""
        return 0 <= now - self.at < (_FRESH if self.is_known else _AWAY)


_told: WeakKeyDictionary[Redis, _Told] = WeakKeyDictionary()
_asking: WeakKeyDictionary[Redis, Lock] = WeakKeyDictionary()


def gateway_states(context: Context) -> list[GatewayState] | None:
    """Return how each gateway stands, that of the settings first; None when Redis, which knows, does not answer."""
    rows = gateways.listed(context)
    told = _latest(context, [row.gateway.name for row in rows])
    if not told.is_known:
        return None
    return [_state(told, GatewayState(row.id, row.gateway, row.is_default)) for row in rows]


def state_of(context: Context, options: Mapping[str, str]) -> GatewayState | None:
    """Return how the gateway stands that a job's options name, or the default one; None when that is not known."""
    name = options.get("gateway", "")
    for state in gateway_states(context) or []:
        if state.gateway.name == name or (not name and state.is_default):
            return state
    return None


def _state(told: _Told, bare: GatewayState) -> GatewayState:
    gateway = bare.gateway
    held = [one for one in told.connections if (one.host, one.port) == (gateway.host, gateway.port)]
    failure = None if held else told.failures.get(gateway.name)
    return GatewayState(
        bare.id,
        gateway,
        bare.is_default,
        connection=_together(held) if held else None,
        failure=failure.message if failure else None,
        failed_at=_moment(failure.at) if failure else None,
        pacing=_pacing(told, held, is_default=bare.is_default),
    )


def _together(held: Sequence[ConnectionState]) -> Connection:
    oldest = min(held, key=lambda one: one.connected_since)
    return Connection(
        since=_moment(oldest.connected_since),
        server_version=oldest.server_version,
        accounts=tuple(sorted({account for one in held for account in one.accounts})),
        is_paper=oldest.is_paper,
        is_linked=all(one.is_linked for one in held),
        farms={name: state for one in held for name, state in one.farms.items()},
        workers=len(held),
    )


def _pacing(told: _Told, held: Sequence[ConnectionState], *, is_default: bool) -> Pacing | None:
    """Return the budget of the login. While nobody is connected anywhere, a single login is taken for the default's."""
    is_alone = is_default and not told.connections and len(told.budgets) == 1
    logins = set(told.budgets) if is_alone else {one.login for one in held}
    used = next((told.budgets[login] for login in sorted(logins) if login in told.budgets), None)
    if used is None:
        return None
    return Pacing(
        used=used.used,
        limit=used.limit,
        window_seconds=used.window_seconds,
        open=used.open,
        max_open=used.max_open,
        free_at=_later(told.at, used.free_in),
        cooling_until=_later(told.at, used.cooling),
    )


def _later(at: float, seconds: float) -> dt.datetime | None:
    """Return the moment to whole tens of seconds, so that polls do not see another one each time."""
    return _moment(-(-(at + seconds) // 10) * 10) if seconds > 0 else None


def _moment(time: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(time, dt.UTC)


def _latest(context: Context, names: Sequence[str]) -> _Told:
    """Return what Redis holds; while one thread asks, others take what was told last."""
    now = context.now().timestamp()
    known = _told.get(context.redis)
    if known and known.is_good(now):
        return known
    lock = _asking.setdefault(context.redis, Lock())
    if not lock.acquire(blocking=known is None):
        return known or _Told(now)
    try:
        newer = _told.get(context.redis)
        if newer is None or not newer.is_good(now):
            newer = _told[context.redis] = _asked(context, names)
        return newer
    finally:
        lock.release()


def _asked(context: Context, names: Sequence[str]) -> _Told:
    try:
        connections = connection_status.list_connections(context.redis)
        budgets = {state.login: state for state in budget.read_states(context.redis)}
        read = {name: connection_status.read_failure(context.redis, name) for name in names}
    except (SourceError, RedisError):
        return _Told(context.now().timestamp())
    failures = {name: failure for name, failure in read.items() if failure}
    return _Told(context.now().timestamp(), True, connections, budgets, failures)  # noqa: FBT003 -- is_known
