"""What a person may do to a schedule; a verb becomes a noun. Each works with and without HTMX."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from webapp.context import context
from webapp.scheduling import schedules as service
from webapp.web.forms import RequestForm
from webapp.web.htmx import go_to, notify, wants_fragment
from webapp.web.redirects import back_to
from webapp.web.schedules.schedules import SCHEDULE

blueprint = Blueprint("schedule_actions", __name__)


class ButtonForm(RequestForm):
    """Where the button stood."""

    next = StringField()


@blueprint.post(f"{SCHEDULE}/pause")
def pause(schedule_id: int) -> ResponseReturnValue:
    """Let a schedule rest."""
    service.set_paused(context(), schedule_id, is_paused=True)
    return _done(schedule_id)


@blueprint.post(f"{SCHEDULE}/resumption")
def resumption(schedule_id: int) -> ResponseReturnValue:
    """Let a paused schedule go on."""
    service.set_paused(context(), schedule_id, is_paused=False)
    return _done(schedule_id)


@blueprint.post(f"{SCHEDULE}/run")
def run(schedule_id: int) -> ResponseReturnValue:
    """Run a schedule now."""
    service.run_now(context(), schedule_id)
    return _done(schedule_id)


@blueprint.post(f"{SCHEDULE}/deletion")
def deletion(schedule_id: int) -> ResponseReturnValue:
    """Delete a schedule with its history; what it collected stays."""
    service.delete_schedule(schedule_id)
    return go_to(url_for("schedules.index"))


def _done(schedule_id: int) -> ResponseReturnValue:
    """Let the page's own fragment refresh itself, or go back to where the button was."""
    if wants_fragment():
        return notify("schedules-changed")
    return back_to(ButtonForm(request.form).next.data, url_for("schedules.show", schedule_id=schedule_id))
