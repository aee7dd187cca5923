"""«Planifications»: the list, the page of one, and the form that makes or changes one."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.context import context
from webapp.coverage.rules_exchanges import CALENDARS, zone_of
from webapp.errors import InvalidRequestError
from webapp.gateways import saved
from webapp.scheduling import schedules as service
from webapp.scheduling.definitions import CheckedSchedule, check_draft
from webapp.scheduling.promises import LateSeries, list_late
from webapp.scheduling.queries_schedules import ScheduleRow
from webapp.scheduling.schedules import ScheduleState
from webapp.scheduling.timing_words import describe_timing
from webapp.sources import choices as sources
from webapp.web.collect.forms import FormChoices, form_choices
from webapp.web.formats import say
from webapp.web.htmx import answer, go_to, wants_fragment
from webapp.web.pages import render_page
from webapp.web.schedules.forms import SHOWN, ScheduleForm, form_values
from webapp.web.schedules.views import poll_seconds, show_coming, show_listing, show_run, show_schedule, version
from webapp.web.versions import polled

blueprint = Blueprint("schedules", __name__)
SCHEDULE = "/schedules/<int(max=2147483647):schedule_id>"
_PREFILLED = ("symbols", "source", "interval", "period")
_RUNS_SHOWN = 60


@blueprint.get("/schedules")
def index() -> str:
    """Show all schedules."""
    states, late = service.list_schedules(context()), list_late(context())
    return render_page("schedules/index.html", listing=_listing(states, late))


@blueprint.get("/ui/schedules")
def table() -> ResponseReturnValue:
    """Return the list alone, or 204 when the browser has this version of it."""
    states, late = service.list_schedules(context()), list_late(context())
    return polled(
        "schedules/_list.html",
        version=lambda: version(states, late),
        load=lambda _: {"listing": _listing(states, late)},
    )


def _listing(states: list[ScheduleState], late: list[LateSeries]) -> object:
    return show_listing(states, late, url_for(".table", v=version(states, late)))


@blueprint.get(SCHEDULE)
def show(schedule_id: int) -> str:
    """Show one schedule with its last runs."""
    return render_page("schedules/show.html", **_shown(schedule_id))


@blueprint.get("/ui/schedules/<int(max=2147483647):schedule_id>")
def card(schedule_id: int) -> ResponseReturnValue:
    """Return what changes on the page of a schedule, or 204 when the browser has this version of it."""
    return polled(
        "schedules/_card.html",
        version=lambda: version([service.show_schedule(context(), schedule_id, _RUNS_SHOWN)], list_late(context())),
        load=lambda _: _shown(schedule_id),
    )


def _shown(schedule_id: int) -> dict[str, object]:
    state, late = service.show_schedule(context(), schedule_id, _RUNS_SHOWN), list_late(context())
    view = show_schedule(state, late)
    return {
        "view": view,
        "runs": [show_run(run) for run in state.runs],
        "poll": poll_seconds([state]),
        "url": url_for(".card", schedule_id=schedule_id, v=version([state], late)),
    }


@blueprint.get("/schedules/new")
def new() -> str:
    """Show the form, filled in as the link says."""
    values = {name: request.args[name] for name in _PREFILLED if request.args.get(name)}
    form = ScheduleForm(data=values)
    form.imply(values.keys())
    return _page(form)


@blueprint.get(f"{SCHEDULE}/edit")
def edit(schedule_id: int) -> str:
    """Show the form of a schedule that is there."""
    row = service.find_schedule(schedule_id)
    return _page(ScheduleForm(data=form_values(row.definition)), row)


@blueprint.post("/schedules")
def create() -> ResponseReturnValue:
    """Make a schedule; with what is wrong beside the fields (422), none is made."""
    form = ScheduleForm(request.form)
    try:
        schedule_id = service.create_schedule(context(), form.to_draft())
    except InvalidRequestError as err:
        return _refused(form, err)
    return go_to(url_for(".show", schedule_id=schedule_id))


@blueprint.post(SCHEDULE)
def change(schedule_id: int) -> ResponseReturnValue:
    """Let a schedule be another; with what is wrong beside the fields (422), it stays as it is."""
    form = ScheduleForm(request.form)
    row = service.find_schedule(schedule_id)
    try:
        service.change_schedule(context(), row, form.to_draft())
    except InvalidRequestError as err:
        return _refused(form, err, row)
    return go_to(url_for(".show", schedule_id=schedule_id))


@blueprint.post("/ui/schedules/preview")
def preview() -> str:
    """Say when the schedule that is typed would run; makes nothing."""
    form = ScheduleForm(request.form)
    checked = None
    if form.symbol_count:
        try:
            checked = check_draft(context(), form.to_draft())
        except InvalidRequestError as err:
            form.refuse(err.fields)
    return render_template("schedules/_preview.html", form=form, preview=_preview(checked) if checked else None)


@dataclass(frozen=True, slots=True)
class Preview:
    """When a schedule would run: in words, and the next times."""

    timing: str
    coming: object


def _preview(checked: CheckedSchedule) -> Preview:
    return Preview(describe_timing(checked.definition.timing, say), show_coming(checked.next_runs))


@blueprint.post("/schedules/form")
def fields() -> ResponseReturnValue:
    """Show the fields that the chosen source has; what was typed stays, nothing is made."""
    form = ScheduleForm(request.form)
    choices = _choices(form)
    form.fit(choices)
    if not wants_fragment():
        return _page(form)
    return answer(render_template("collect/_fields.html", form=form, choices=choices), trigger="fields-changed")


def _choices(form: ScheduleForm) -> FormChoices:
    names = tuple(row.gateway.name for row in saved.listed(context()))
    return form_choices(form, sources.choices(context().now().timestamp()), names)


def _refused(form: ScheduleForm, error: InvalidRequestError, row: ScheduleRow | None = None) -> ResponseReturnValue:
    form.refuse(error.fields)
    if wants_fragment():
        return render_template("schedules/_form.html", **_form_values(form, row)), 422
    return _page(form, row), 422


def _page(form: ScheduleForm, row: ScheduleRow | None = None) -> str:
    return render_page("schedules/edit.html", **_form_values(form, row))


def _form_values(form: ScheduleForm, row: ScheduleRow | None) -> dict[str, object]:
    """Return what the form's template needs; ``schedule`` is None of one that is not there yet."""
    choices = _choices(form)
    form.fit(choices)
    strays = form.problems_beside(choices.shown | SHOWN)
    zones = sorted({zone for code in CALENDARS if (zone := zone_of(code))})
    return {"form": form, "choices": choices, "strays": strays, "schedule": row, "zones": zones}
