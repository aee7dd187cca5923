"""What workers say of their connections through Redis, read at one instant and merged by gateway and by login."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from redis import Redis
from redis.exceptions import RedisError

from webapp.kernel.gateways import Connection, Gateway, Pacing
from webapp.sources.base import SourceError
from webapp.sources.ibkr.budget import budget
from webapp.sources.ibkr.budget.rules import BudgetState
from webapp.sources.ibkr.connection import connection_status
from webapp.sources.ibkr.connection.connection_status import ConnectionFailure, ConnectionState


@dataclass(frozen=True, slots=True)
class GatewaySnapshot:
    """What Redis held at an instant (epoch seconds): connections, budgets by login, failures by a gateway's name."""

    at: float
    connections: Sequence[ConnectionState]
    budgets: Mapping[str, BudgetState]
    failures: Mapping[str, ConnectionFailure]

    def connections_to(self, gateway: Gateway) -> list[ConnectionState]:
        """Return the connections that workers hold to a gateway."""
        return [state for state in self.connections if (state.host, state.port) == (gateway.host, gateway.port)]

    def connection(self, gateway: Gateway) -> Connection | None:
        """Return the connections to a gateway as one, None while there is none."""
        states = self.connections_to(gateway)
        return _merge_connections(states) if states else None

    def failure(self, gateway: Gateway) -> ConnectionFailure | None:
        """Return why a gateway was not reached, None once somebody is connected to it."""
        return None if self.connections_to(gateway) else self.failures.get(gateway.name)

    def pacing(self, gateway: Gateway, *, is_default: bool) -> Pacing | None:
        """Return the budget of a gateway's login.

        While nobody is connected anywhere, a single login is taken for the default gateway's.
        """
        is_alone = is_default and not self.connections and len(self.budgets) == 1
        logins = set(self.budgets) if is_alone else {state.login for state in self.connections_to(gateway)}
        budgets = [self.budgets[login] for login in sorted(logins) if login in self.budgets]
        return _pacing(budgets[0], self.at) if budgets else None


def load_snapshot(redis: Redis, names: Sequence[str], at: float) -> GatewaySnapshot | None:
    """Read what Redis holds now, with the failures of the gateways of these names; None when Redis does not answer."""
    try:
        connections = connection_status.list_connections(redis)
        budgets = {state.login: state for state in budget.read_states(redis)}
        failures = {name: connection_status.read_failure(redis, name) for name in names}
    except (SourceError, RedisError):
        return None
    return GatewaySnapshot(at, connections, budgets, {name: failure for name, failure in failures.items() if failure})


def moment(time: float) -> dt.datetime:
    """Return an instant (epoch seconds) as a moment in UTC."""
    return dt.datetime.fromtimestamp(time, dt.UTC)


def _merge_connections(states: Sequence[ConnectionState]) -> Connection:
    oldest = min(states, key=lambda state: state.connected_since)
    return Connection(
        since=moment(oldest.connected_since),
        server_version=oldest.server_version,
        accounts=tuple(sorted({account for state in states for account in state.accounts})),
        is_paper=oldest.is_paper,
        is_linked=all(state.is_linked for state in states),
        farms={name: farm for state in states for name, farm in state.farms.items()},
        workers=len(states),
    )


def _pacing(state: BudgetState, at: float) -> Pacing:
    return Pacing(
        used=state.used,
        limit=state.limit,
        window_seconds=state.window_seconds,
        open=state.open,
        max_open=state.max_open,
        free_at=_round_up(at, state.free_in),
        cooling_until=_round_up(at, state.cooling),
    )


def _round_up(at: float, seconds: float) -> dt.datetime | None:
    """Return the moment to whole tens of seconds, so that polls do not see another one each time."""
    return moment(-(-(at + seconds) // 10) * 10) if seconds > 0 else None
