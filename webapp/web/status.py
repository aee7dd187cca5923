"""The state of the system: the panel in the sidebar, and the banners that say what keeps collections from going on."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from webapp.context import context
from webapp.upkeep import status
from webapp.web.sidebar import status_values
from webapp.web.versions import polled

blueprint = Blueprint("status", __name__)


@blueprint.get("/ui/status")
def panel() -> ResponseReturnValue:
    """Show the panel, and swap the banners beside it."""
    values = status_values(status.system_status(context()))
    return polled("status/_answer.html", version=lambda: str(values["status_version"]), load=lambda _version: values)
