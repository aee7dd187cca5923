"""What stands in a list: added, moved, annotated, taken out."""

import dataclasses

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from webapp.context import context
from webapp.errors import InvalidRequestError, NotFoundError, sentence
from webapp.watchlists import lists as store
from webapp.watchlists import rules_entries
from webapp.watchlists.naming import NamedList
from webapp.watchlists.rules_entries import Entries, Move
from webapp.watchlists.watchlist import Entry, Watchlist
from webapp.web.htmx import go_to, wants_fragment
from webapp.web.pages import render_page
from webapp.web.toasts import show_on_next_page
from webapp.web.watchlists.forms import ChangeForm, ListForm, name_fields
from webapp.web.watchlists.making import made_toast
from webapp.web.watchlists.views import form_values, view
from webapp.web.watchlists.watchlists import LIST, list_page

blueprint = Blueprint("list_entries", __name__)
_ENTRY = f"{LIST}/entries/<int(max=2147483647):entry_id>"


@blueprint.get("/ui/lists/<name>/adding")
def adding(name: str) -> str:
    """Return the form that adds to a list, for another source."""
    form = ListForm(request.args)
    watchlist, named = store.find(name), NamedList()
    return render_template(
        "watchlists/_adding.html", shown=view(watchlist), form=form, named=named, **form_values(form, named)
    )


@blueprint.post(f"{LIST}/entries")
def added(name: str) -> ResponseReturnValue:
    """Add what a text says to a list; ask for what is in doubt (422)."""
    form = ListForm(request.form)
    named = NamedList()
    try:
        named = form.read()
        if named.doubts or not (named.entries or named.left_out):
            if not named.doubts:
                form.refuse({"symbols": sentence("Give at least one symbol.")})
            return _again(name, form, named)
        watchlist = store.add(context(), name, named.entries)
    except InvalidRequestError as err:
        form.refuse(name_fields(err.fields))
        return _again(name, form, named)
    show_on_next_page(made_toast(watchlist, named))
    return go_to(url_for("watchlists.show", name=watchlist.name))


@blueprint.post(f"{LIST}/moves")
def moved(name: str) -> ResponseReturnValue:
    """Move the entries picked; they stay picked, to be moved on."""
    form = ChangeForm(request.form)
    if form.to.data not in set(Move):
        raise BadRequest
    ids, to = set(form.ids), Move(form.to.data)
    watchlist = _change_picked(name, form, rules_entries.move(_entries(name), ids, to))
    if wants_fragment():
        return render_template("watchlists/_list.html", shown=view(watchlist, frozenset(ids)))
    return go_to(url_for("watchlists.show", name=watchlist.name, picked=form.ids))


@blueprint.post(f"{LIST}/removals")
def removed(name: str) -> ResponseReturnValue:
    """Take the entries picked out of a list."""
    form = ChangeForm(request.form)
    watchlist = _change_picked(name, form, rules_entries.remove(_entries(name), set(form.ids)))
    return go_to(url_for("watchlists.show", name=watchlist.name))


@blueprint.get(_ENTRY)
def entry(name: str, entry_id: int) -> str:
    """Show the form of an entry's heading and note."""
    watchlist = store.find(name)
    single = _find(watchlist, entry_id)
    form = ChangeForm(data={"section": single.section, "note": single.note, "revision": str(watchlist.revision)})
    return _entry_page(watchlist, single, form)


@blueprint.post(_ENTRY)
def annotated(name: str, entry_id: int) -> ResponseReturnValue:
    """Put an entry under another heading, or another note beside it."""
    form = ChangeForm(request.form)
    watchlist = store.find(name)
    single = _find(watchlist, entry_id)
    section, note = (" ".join(form.texts[field].split()) for field in ("section", "note"))
    entries = rules_entries.annotate(watchlist.entries, entry_id, section=section, note=note)
    try:
        _write(name, form, entries)
    except InvalidRequestError as err:
        problems = {"note" if field == "entry_note" else field: problem for field, problem in err.fields.items()}
        form.refuse(problems)
        return _entry_page(watchlist, single, form), 422
    return go_to(url_for("watchlists.show", name=watchlist.name))


def _entries(name: str) -> Entries:
    return store.find(name).entries


def _write(name: str, form: ChangeForm, entries: Entries) -> Watchlist:
    return store.change(context(), name, lambda old: dataclasses.replace(old, entries=entries), form.seen)


def _change_picked(name: str, form: ChangeForm, entries: Entries) -> Watchlist:
    if not form.ids:
        raise InvalidRequestError({"id": sentence("Select at least one entry first.")})
    return _write(name, form, entries)


def _again(name: str, form: ListForm, named: NamedList) -> ResponseReturnValue:
    watchlist = store.find(name)
    if wants_fragment():
        shown = view(watchlist)
        return render_template(
            "watchlists/_adding.html", shown=shown, form=form, named=named, **form_values(form, named)
        ), 422
    return list_page(watchlist, form, named), 422


def _find(watchlist: Watchlist, entry_id: int) -> Entry:
    for each in watchlist.entries:
        if each.id == entry_id:
            return each
    raise NotFoundError(sentence("This entry is no longer in the list “%(name)s”.", name=watchlist.name))


def _entry_page(watchlist: Watchlist, single: Entry, form: ChangeForm) -> str:
    headings = list(dict.fromkeys(each.section for each in watchlist.entries if each.section))
    return render_page("watchlists/entry.html", watchlist=watchlist, entry=single, form=form, headings=headings)
