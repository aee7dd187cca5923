"""Making lists: of a text or a file, of what stands in the form of a collection, of series picked in the catalogue."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from webapp.catalogue import queries_catalogue
from webapp.context import context
from webapp.database.transactions import reading
from webapp.errors import ConflictError, InvalidRequestError, sentence
from webapp.sources import choices
from webapp.watchlists import lists as store
from webapp.watchlists.naming import NamedList, name_symbol
from webapp.watchlists.rules_entries import add
from webapp.watchlists.watchlist import MOST_ENTRIES, Entry, Watchlist
from webapp.web.catalogue.picking import picked_series
from webapp.web.formats import number
from webapp.web.htmx import go_to, wants_fragment
from webapp.web.pages import render_page
from webapp.web.toasts import Toast, show_on_next_page
from webapp.web.watchlists.forms import ListForm, name_fields
from webapp.web.watchlists.views import form_values
from webapp.web.watchlists.watchlists import index_page

blueprint = Blueprint("list_making", __name__)
_SHOWN = 12
_DIALOG = "dialog"


@blueprint.post("/lists")
def create() -> ResponseReturnValue:
    """Make a list of a text; ask for its name and for what is in doubt, where that is not said yet."""
    form = ListForm(request.form)
    named = NamedList()
    try:
        named = form.read()
        if form.ask.data or named.doubts:
            return _again(form, named)
        watchlist = store.create(
            context(), form.name.data or "", named.entries, title=form.title.data or "", note=form.note.data or ""
        )
    except InvalidRequestError as err:
        form.refuse(name_fields(err.fields))
        return _again(form, named)
    except ConflictError as err:
        form.refuse({"name": err.message})
        return _again(form, named)
    show_on_next_page(made_toast(watchlist, named))
    return go_to(url_for("watchlists.show", name=watchlist.name))


@blueprint.post("/series/lists")
def create_of_series() -> ResponseReturnValue:
    """Make a list of the series picked in the catalogue; ask for its name, where that is not said yet."""
    too_many = sentence("A list holds at most %(most)d entries. Choose fewer series.", most=MOST_ENTRIES)
    ids = picked_series(MOST_ENTRIES, too_many)
    form = ListForm(request.form)
    entries = _entries_of(ids)
    if "name" not in request.form:
        return _question(form, entries, ids)
    try:
        watchlist = store.create(context(), form.name.data or "", entries, title=form.title.data or "")
    except InvalidRequestError as err:
        form.refuse(err.fields)
        return _question(form, entries, ids)
    except ConflictError as err:
        form.refuse({"name": err.message})
        return _question(form, entries, ids)
    show_on_next_page(made_toast(watchlist, NamedList()))
    return go_to(url_for("watchlists.show", name=watchlist.name))


def made_toast(watchlist: Watchlist, named: NamedList) -> Toast:
    """Return what came of a list that was made or added to, and what was written otherwise than its symbols are."""
    count = len(watchlist.entries)
    headline = ngettext(
        "@%(name)s has %(count)s entry.",
        "@%(name)s has %(count)s entries.",
        count,
        name=watchlist.name,
        count=number(count),
    )
    renamed = [f"{text} → {symbol}" for text, symbol in named.renamed if ":" in text]
    notes = renamed[:_SHOWN]
    if len(renamed) > _SHOWN:
        notes.append(gettext("And %(count)s more.", count=number(len(renamed) - _SHOWN)))
    return Toast("success", headline, notes)


def _again(form: ListForm, named: NamedList) -> ResponseReturnValue:
    """Show the form again, in the dialog or on the page that it stands in; 200 when that was asked for."""
    status = 422 if form.problems or not form.ask.data else 200
    form.ask.data = ""
    if form.place.data != _DIALOG:
        if wants_fragment():
            return render_template("watchlists/_new.html", form=form, named=named, **form_values(form, named)), status
        return index_page(form, named), status
    values = {"form": form, "named": named, "ids": [], "count": len(named.entries), **form_values(form, named)}
    return _show_question(values, status)


def _question(form: ListForm, entries: tuple[Entry, ...], ids: list[int]) -> ResponseReturnValue:
    named = NamedList(entries)
    values = {"form": form, "named": named, "ids": ids, "count": len(entries), **form_values(form, named)}
    return _show_question(values, 422 if form.problems else 200)


def _show_question(values: dict[str, object], status: int) -> ResponseReturnValue:
    if wants_fragment():
        return render_template("watchlists/_question.html", **values), status
    return render_page("watchlists/question.html", **values), status


def _entries_of(ids: list[int]) -> tuple[Entry, ...]:
    """Return the instruments of series, each once, with the options of the first of its series."""
    with reading() as connection:
        rows = [entry.series for entry in queries_catalogue.entries(connection, ids)]
    return add((), [_entry(row.source, row.symbol, choices.options_of(row.source, row.variant)) for row in rows])


def _entry(source: str, symbol: str, options: dict[str, str]) -> Entry:
    try:
        return name_symbol(source, symbol, options)
    except InvalidRequestError:  # its source is no longer there
        return Entry(source, symbol)
