"""What every page needs beside its own values, and the small questions that routes ask of a request."""

from flask import current_app, render_template, request
from werkzeug.exceptions import BadRequest

from webapp.context import context
from webapp.database.transactions import reading
from webapp.flagging import queries_flags
from webapp.gateways.connections import GatewayState, gateway_states
from webapp.upkeep import status
from webapp.upkeep.status import SystemStatus
from webapp.web.versions import version_of

THEMES = ("auto", "light", "dark")
MOST_TO_REVIEW = 100
"""So many bars that look wrong are counted for the sidebar."""


def render_page(template: str, **values: object) -> str:
    """Render a page with its sidebar and banners."""
    with reading() as connection:
        to_review = queries_flags.undecided(connection, MOST_TO_REVIEW)
    shown = status_values(status.system_status(context())) | {"to_review": to_review, "most_to_review": MOST_TO_REVIEW}
    return render_template(template, **shown, **values)


def status_values(system: SystemStatus) -> dict[str, object]:
    """Return what the state panel and the banners need. ``gateways`` is None when Redis, which knows, is away."""
    states = gateway_states(context()) if system.queue_up else None
    return {
        "system": system,
        "gateways": states,
        "status_poll": _status_poll(system, states or []),
        "status_version": _status_version(system, states),
        "flower_url": current_app.config["MOISSON_SETTINGS"].flower_url,
    }


def _status_version(system: SystemStatus, states: list[GatewayState] | None) -> str:
    return version_of(
        queue_up=system.queue_up,
        workers=system.workers,
        clock_is_late=system.clock_is_late,
        counts=_counts(system),
        gateways=states,
    )


def _counts(system: SystemStatus) -> tuple[int, int, int]:
    return system.pending, system.running, system.waiting


def _status_poll(system: SystemStatus, states: list[GatewayState]) -> int | None:
    """Return the seconds between two looks at the state; None while all is well and nothing is under way."""
    if any(_counts(system)):
        return 5
    is_well = bool(system.queue_up and system.workers) and not system.clock_is_late
    may_change = any(state.connection or state.failure for state in states)
    return 10 if may_change or not is_well else None


def shared_values() -> dict[str, object]:
    """Return what every template may use, fragments and error pages included; nothing here does any I/O."""
    return {"theme": chosen_theme(), "simulated": context().simulated, "here": here(), "now": context().now()}


def chosen_theme() -> str:
    """Return the theme kept in the cookie; ``auto`` follows the browser."""
    chosen = request.cookies.get("theme", "")
    return chosen if chosen in THEMES else "auto"


def here() -> str:
    """Return the path to come back to after a choice of language or theme."""
    if request.method != "GET" or request.path.startswith("/ui/"):
        return "/"
    return request.full_path.rstrip("?")


def whole_number(name: str, default: int, most: int = 1_000_000_000) -> int:
    """Return a number of the query string between 1 and ``most``.

    :raises BadRequest: for anything that is not a number.
    """
    return parse_number(request.args.get(name, ""), default, most)


def parse_number(text: str, default: int, limit: int) -> int:
    """Return a number between 1 and ``limit``; ``default`` for the empty text.

    :raises BadRequest: for anything that is not a number.
    """
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 10:  # noqa: PLR2004 -- more digits overflow the database
        raise BadRequest
    return max(1, min(int(text), limit))
