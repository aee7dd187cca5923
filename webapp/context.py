"""What rooms are handed by ``create_app``: values and the few things that reach outside."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from flask import current_app
from redis import Redis

from webapp.kernel.cached import Cached
from webapp.kernel.gateways import Gateway, GatewayPlaces
from webapp.queue import Queue
from webapp.sources.base import Client
from webapp.sources.ibkr.gateway_snapshot import GatewaySnapshot
from webapp.sources.pace import PaceState

EXTENSION = "moisson"


@dataclass(frozen=True, slots=True)
class JobRules:
    """Durations (seconds) and limits that jobs live by."""

    lease: float = 60.0
    tick: float = 5.0
    max_attempts: int = 5
    slice_seconds: float = 60.0
    """How long a job works before it lets others go first."""
    short_wait: float = 3.0
    """How long a job that must wait keeps its worker's place; for longer it gives it back."""
    time_limit: float = 3600.0
    """How long one delivery may last before its process is ended; a job lets go by itself after half of that."""
    retention_days: int = 90


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a function of a room may need besides its arguments."""

    queue: Queue
    rules: JobRules
    now: Callable[[], dt.datetime]
    open_client: Callable[[str], Client]
    """Open (once a process) the client of a source; only workers call it."""
    close_clients: Callable[[], None]
    """Close them when the process ends."""
    paces: Mapping[str, Mapping[str, float]]
    """Each source's rates and limits, by the names of its settings."""
    gateway: Gateway
    """The gateway of the settings: the one to ask when none has been saved."""
    gateway_places: GatewayPlaces
    redis: Redis
    """For what sources share there and pages show; jobs need it not."""
    simulated: bool
    gateway_snapshots: Cached[GatewaySnapshot]
    """What workers said of gateways a moment ago."""
    live_workers: Cached[list[str]]
    """Who worked a moment ago."""
    pace_states: Cached[dict[str, PaceState]]
    """How fast sources were asked a moment ago."""
    folder: Path
    """Where this installation keeps its files; web and workers share it."""


def context() -> Context:
    """Return the context of the current application; the only place below the entrances that knows Flask."""
    return cast("Context", current_app.extensions[EXTENSION])
