"""Searching a source for symbols: a worker asks, and what is found can be added to the form."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.collecting import inquiries
from webapp.collecting.inquiries import LONGEST_TEXT, Inquiry, Kind
from webapp.context import context
from webapp.errors import InvalidRequestError, MoissonError, Sentence, sentence
from webapp.gateways import saved
from webapp.kernel.gateways import GATEWAY_SOURCE
from webapp.sources import choices
from webapp.web.htmx import wants_fragment
from webapp.web.pages import render_page

blueprint = Blueprint("searches", __name__)
_ID = "<int(max=2147483647):inquiry_id>"


@blueprint.post("/searches")
def begin() -> ResponseReturnValue:
    """Ask a worker to search; what keeps it from that is said where the results would stand."""
    text = request.form.get("q", "").strip()
    if not text and wants_fragment():
        return render_template("searches/_results.html", search=None, problem=None)
    try:
        search = _asked(text)
    except MoissonError as err:
        if wants_fragment():
            return render_template("searches/_results.html", search=None, problem=err.message)
        raise
    if wants_fragment():
        return render_template("searches/_results.html", search=search, problem=None)
    return redirect(url_for(".show", inquiry_id=search.id), 303)


@blueprint.get(f"/searches/{_ID}")
def show(inquiry_id: int) -> str:
    """Show what was found, as a page."""
    return render_page("searches/show.html", search=_find(inquiry_id), problem=None, source_label=choices.label)


@blueprint.get(f"/ui/searches/{_ID}")
def results(inquiry_id: int) -> str:
    """Show what was found, or that nobody has answered yet."""
    return render_template("searches/_results.html", search=_find(inquiry_id), problem=None)


def _asked(text: str) -> Inquiry:
    problem = _problem(text)
    if problem:
        raise InvalidRequestError({"q": problem})
    asked = {"source": request.form.get("source", ""), "text": text, "gateway": request.form.get("gateway", "")[:40]}
    if asked["source"] == GATEWAY_SOURCE:
        saved.chosen(context(), asked)
    return _find(inquiries.ask(context(), Kind.SEARCH, asked))


def _problem(text: str) -> Sentence | None:
    if not text or len(text) > LONGEST_TEXT or not text.isprintable():
        return sentence("Type a part of a name or of a symbol, at most %(longest)d characters.", longest=LONGEST_TEXT)
    return choices.problem_of(request.form.get("source", ""))


def _find(inquiry_id: int) -> Inquiry:
    return inquiries.read(context(), inquiry_id, Kind.SEARCH)
