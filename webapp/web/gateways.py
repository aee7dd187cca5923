"""«Connexion IBKR»: the gateways that collections may ask, how each stands, and a test. Nothing is contacted here."""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.context import context
from webapp.errors import InvalidRequestError, Sentence
from webapp.gateways import saved
from webapp.inquiring import inquiries
from webapp.inquiring.inquiries import Inquiry, Kind
from webapp.sources.choices import gateway_settings
from webapp.web.forms import RequestForm, text_field
from webapp.web.htmx import go_to, wants_fragment
from webapp.web.pages import render_page, whole_number

blueprint = Blueprint("gateways", __name__)
_ID = "<int(max=2147483647):gateway_id>"
_LONGEST = 300


class GatewayForm(RequestForm):
    """A gateway, as it is typed; ``id`` is that of a saved one, and empty for another."""

    id = text_field(_LONGEST)
    name = text_field(_LONGEST)
    host = text_field(_LONGEST)
    port = text_field(_LONGEST)
    client_id = text_field(_LONGEST)


@blueprint.get("/gateways")
def index() -> str:
    """Show the gateways, and the form: empty, with a saved one to change (``edit``), or as it was tested (``test``)."""
    test_id, edit_id = whole_number("test", 0), whole_number("edit", 0)
    if test_id:
        test = inquiries.read(context(), test_id, Kind.CHECK)
        return _page(GatewayForm(data=_empty() | dict(test.asked)), test)
    return _page(GatewayForm(data=_saved(edit_id) if edit_id else _empty()))


@blueprint.post("/gateways")
def save() -> ResponseReturnValue:
    """Save what the form says, or say beside the fields what is wrong (422)."""
    form = GatewayForm(request.form)
    try:
        saved.save(context(), form.texts, _id_of(form))
    except InvalidRequestError as err:
        return _form_again(form, err.fields)
    return go_to(url_for(".index"))


@blueprint.post("/gateways/tests")
def test() -> ResponseReturnValue:
    """Ask a worker to connect to what the form says, saved or not."""
    form = GatewayForm(request.form)
    typed = form.texts
    named = typed | {"name": typed["name"] or f"{typed['host']}:{typed['port']}"[: saved.LONGEST_NAME]}
    try:
        saved.validate_gateway(context(), named)
    except InvalidRequestError as err:
        return _form_again(form, err.fields)
    inquiry_id = inquiries.ask(context(), Kind.CHECK, named)
    if wants_fragment():
        inquiry = inquiries.read(context(), inquiry_id, Kind.CHECK)
        return render_template("gateways/_form.html", **_values(form, inquiry))
    return redirect(url_for(".index", test=inquiry_id), 303)


@blueprint.get("/ui/gateways/tests/<int(max=2147483647):inquiry_id>")
def outcome(inquiry_id: int) -> str:
    """Show what came of a test, or that it is still being made."""
    return render_template("gateways/_test.html", test=inquiries.read(context(), inquiry_id, Kind.CHECK))


@blueprint.post(f"/gateways/{_ID}/preference")
def preference(gateway_id: int) -> ResponseReturnValue:
    """Let collections that name no gateway ask this one; 0 is that of the settings."""
    saved.make_default(gateway_id)
    return redirect(url_for(".index"), 303)


@blueprint.post(f"/gateways/{_ID}/removal")
def removal(gateway_id: int) -> ResponseReturnValue:
    """Forget a saved gateway."""
    saved.remove(gateway_id)
    return redirect(url_for(".index"), 303)


def _empty() -> dict[str, str]:
    usual = context().gateway
    return {"id": "", "name": "", "host": usual.host, "port": str(usual.port), "client_id": str(usual.client_id)}


def _saved(gateway_id: int) -> dict[str, str]:
    row = saved.find(gateway_id)
    return {
        "id": str(row.id),
        "name": row.gateway.name,
        "host": row.gateway.host,
        "port": str(row.gateway.port),
        "client_id": str(row.gateway.client_id),
    }


def _id_of(form: GatewayForm) -> int:
    text = form.texts["id"]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004 -- an id's digits


def _values(form: GatewayForm, test: Inquiry | None = None) -> dict[str, object]:
    places, settings = context().gateway_places, gateway_settings()
    usual = [
        (program, port, kind)
        for program, ports in settings.programs.items()
        for port, kind in zip(ports, _KINDS, strict=True)
    ]
    return {
        "form": form,
        "test": test,
        "presets": [preset for preset in usual if preset[1] in places.ports],
        "hosts": sorted(places.hosts),
        "settings": settings.place_environments,
    }


_KINDS = ("live", "paper")


def _form_again(form: GatewayForm, problems: Mapping[str, Sentence]) -> ResponseReturnValue:
    form.refuse(problems)
    if wants_fragment():
        return render_template("gateways/_form.html", **_values(form)), 422
    return _page(form), 422


def _page(form: GatewayForm, test: Inquiry | None = None) -> str:
    return render_page("gateways/index.html", rows=saved.listed(context()), **_values(form, test))
