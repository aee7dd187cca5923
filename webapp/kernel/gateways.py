"""Where a gateway of a source listens, and what a worker found there."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

DEFAULT_GATEWAY = "default"


@dataclass(frozen=True, slots=True)
class Gateway:
    """A saved gateway. ``client_id`` is the first of the client ids that workers may take there."""

    name: str
    host: str
    port: int
    client_id: int = 11


@dataclass(frozen=True, slots=True)
class GatewayReport:
    """What a worker found at a gateway. ``accounts`` are masked; ``farms`` are ``ok``, ``broken`` or ``inactive``."""

    server_version: int
    accounts: tuple[str, ...]
    is_paper: bool
    farms: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GatewayPlaces:
    """Where a saved gateway may be: an allow-list, so that the form cannot be used to probe a network.

    Source: OWASP, Server-Side Request Forgery Prevention: allow-lists where the destinations are known.
    """

    hosts: frozenset[str]
    ports: frozenset[int]


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
