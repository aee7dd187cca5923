"""How fast each source is asked now, as pages and metrics show it."""

import logging
from dataclasses import dataclass

from webapp.context import Context
from webapp.sources.base import SourceError
from webapp.sources.pace import Pace, PaceState

log = logging.getLogger(__name__)

_AS_CONFIGURED = 0.99
"""A rate of this share of the configured one is as good as that."""


def pace_states(context: Context) -> dict[str, PaceState]:
    """Return the pace of each source that has a rate, as of at most a second ago; empty while Redis does not tell.

    A frozen Redis holds up one caller for half a second, and no other.
    """
    return context.pace_states.get(context.now, lambda: _read_states(context)) or {}


@dataclass(frozen=True, slots=True)
class SlowedPace:
    """A source that pauses or is asked slower than configured (requests a second, rounded: what is shown).

    ``slowed_at`` is when the rate was lowered (seconds since 1970).
    """

    source: str
    rate: float
    configured: float
    is_cooling: bool
    slowed_at: int


def is_slowed(state: PaceState, configured: float) -> bool:
    """Tell whether a source is asked slower than configured (requests a second)."""
    return state.rate < configured * _AS_CONFIGURED


def slowed_paces(context: Context) -> list[SlowedPace]:
    """Return the sources that pause or are asked slower than configured."""
    slowed = []
    for source, state in pace_states(context).items():
        configured = context.paces[source]["requests_per_second"]
        if state.cooling or is_slowed(state, configured):
            pace = SlowedPace(source, round(state.rate, 2), configured, state.cooling > 0, int(state.slowed_at))
            slowed.append(pace)
    return slowed


def _read_states(context: Context) -> dict[str, PaceState] | None:
    rates = {source: settings.get("requests_per_second", 0) for source, settings in sorted(context.paces.items())}
    try:
        return {source: read_pace(context, source, rate) for source, rate in rates.items() if rate}
    except SourceError as err:
        log.info("the rates of sources are not known: %s", err)
        return None


def read_pace(context: Context, source: str, rate: float) -> PaceState:
    """Return how fast a source is asked just now, ``rate`` (requests a second) being what is configured.

    :raises SourceError: when Redis, which knows, is away.
    """
    return Pace(context.redis, source, 1 / rate, cooldown=0).state()
