"""Searching a source for symbols: a worker asks, and what is found can be added to the form."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from webapp.context import context
from webapp.errors import InvalidRequestError, MoissonError, Sentence, sentence
from webapp.gateways import saved
from webapp.inquiring import inquiries
from webapp.inquiring.inquiries import LONGEST_TEXT, Inquiry, Kind
from webapp.sources import choices
from webapp.web.forms import RequestForm, text_field
from webapp.web.htmx import wants_fragment
from webapp.web.pages import render_page

blueprint = Blueprint("searches", __name__)
_ID = "<int(max=2147483647):inquiry_id>"


class SearchForm(RequestForm):
    """A part of a name or symbol, and whom to ask."""

    q = StringField()
    source = StringField()
    gateway = text_field(40, is_stripped=False)


@blueprint.post("/searches")
def begin() -> ResponseReturnValue:
    """Ask a worker to search; what keeps it from that is said where the results would stand."""
    form = SearchForm(request.form)
    if not form.texts["q"].strip() and wants_fragment():
        return render_template("searches/_results.html", search=None, problem=None)
    try:
        search = _begun(form)
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


def _begun(form: SearchForm) -> Inquiry:
    texts = form.texts
    query = {"source": texts["source"], "text": texts["q"].strip(), "gateway": texts["gateway"]}
    problem = _problem(query["source"], query["text"])
    if problem:
        raise InvalidRequestError({"q": problem})
    if choices.has_gateways(query["source"]):
        saved.chosen(context(), query)
    return _find(inquiries.ask(context(), Kind.SEARCH, query))


def _problem(source: str, text: str) -> Sentence | None:
    if not text or len(text) > LONGEST_TEXT or not text.isprintable():
        return sentence("Type a part of a name or of a symbol, at most %(longest)d characters.", longest=LONGEST_TEXT)
    problem = choices.problem_of(source)
    if problem or choices.has_search(source):
        return problem
    return sentence("%(source)s has no search. Type the whole symbol.", source=choices.label(source))


def _find(inquiry_id: int) -> Inquiry:
    return inquiries.read(context(), inquiry_id, Kind.SEARCH)
