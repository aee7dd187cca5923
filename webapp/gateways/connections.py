"""How gateways stand, as workers say it through Redis; a page never connects to one itself.

Redis is asked at most once a second, and by one thread at a time, so that a frozen one does not slow every page.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from webapp.context import Context
from webapp.errors import Sentence
from webapp.gateways import saved
from webapp.gateways.queries_gateways import SavedRow
from webapp.kernel.gateways import Connection, Gateway, Pacing
from webapp.sources.ibkr.gateway_snapshot import GatewaySnapshot, load_snapshot, moment


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


def gateway_states(context: Context) -> list[GatewayState] | None:
    """Return how each gateway stands, that of the settings first; None when Redis, which knows, does not answer."""
    rows = saved.listed(context)
    names = [row.gateway.name for row in rows]
    snapshot = context.gateway_snapshots.get(
        context.now, lambda: load_snapshot(context.redis, names, context.now().timestamp())
    )
    return None if snapshot is None else [_state(snapshot, row) for row in rows]


def state_of(context: Context, options: Mapping[str, str]) -> GatewayState | None:
    """Return how the gateway stands that a job's options name, or the default one; None when that is not known."""
    name = options.get("gateway", "")
    for state in gateway_states(context) or []:
        if state.gateway.name == name or (not name and state.is_default):
            return state
    return None


def _state(snapshot: GatewaySnapshot, row: SavedRow) -> GatewayState:
    failure = snapshot.failure(row.gateway)
    return GatewayState(
        row.id,
        row.gateway,
        row.is_default,
        connection=snapshot.connection(row.gateway),
        failure=failure.message if failure else None,
        failed_at=moment(failure.at) if failure else None,
        pacing=snapshot.pacing(row.gateway, is_default=row.is_default),
    )
