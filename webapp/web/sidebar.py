"""What the sidebar and the banners of every page say: the system's state, gateways, how many bars wait for review."""

from flask import current_app

from webapp.context import context
from webapp.database.transactions import reading
from webapp.flagging import queries_flags
from webapp.gateways.connections import GatewayState, gateway_states
from webapp.upkeep import status
from webapp.upkeep.paces import SlowedPace, slowed_paces
from webapp.upkeep.status import SystemStatus
from webapp.web.versions import version_of

MOST_TO_REVIEW = 100
"""So many bars that look wrong are counted for the sidebar."""


def sidebar_values() -> dict[str, object]:
    """Return what the sidebar of a whole page needs."""
    with reading() as connection:
        to_review = queries_flags.undecided(connection, MOST_TO_REVIEW)
    return status_values(status.system_status(context())) | {"to_review": to_review, "most_to_review": MOST_TO_REVIEW}


def status_values(system: SystemStatus) -> dict[str, object]:
    """Return what the state panel and the banners need. ``gateways`` is None when Redis, which knows, is away."""
    states = gateway_states(context()) if system.queue_up else None
    slowed = slowed_paces(context()) if system.queue_up else []
    return {
        "system": system,
        "slowed": slowed,
        "gateways": states,
        "status_poll": _status_poll(system, states or [], slowed),
        "status_version": _status_version(system, states, slowed),
        "flower_url": current_app.config["MOISSON_SETTINGS"].flower_url,
    }


def _status_version(system: SystemStatus, states: list[GatewayState] | None, slowed: list[SlowedPace]) -> str:
    return version_of(
        queue_up=system.queue_up,
        workers=system.workers,
        clock_is_late=system.clock_is_late,
        counts=_counts(system),
        gateways=states,
        slowed=slowed,
    )


def _counts(system: SystemStatus) -> tuple[int, int, int]:
    return system.pending, system.running, system.waiting


def _status_poll(system: SystemStatus, states: list[GatewayState], slowed: list[SlowedPace]) -> int | None:
    """Return the seconds between two looks at the state; None while all is well and nothing is under way."""
    if any(_counts(system)):
        return 5
    is_well = bool(system.queue_up and system.workers) and not system.clock_is_late
    may_change = bool(slowed) or any(state.connection or state.failure for state in states)
    return 10 if may_change or not is_well else None
