"""«Listes»: all lists, one list, its file, and its end."""

from dataclasses import replace

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webapp.context import context
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError
from webapp.jobs import queries_batches
from webapp.watchlists import lists as store
from webapp.watchlists.lists import Change
from webapp.watchlists.naming import NamedList
from webapp.watchlists.rules_list_names import tidy_name
from webapp.watchlists.watchlist import Watchlist
from webapp.watchlists.written_files import write_file
from webapp.web.htmx import answer, go_to, wants_fragment
from webapp.web.pages import render_page
from webapp.web.toasts import Toast, show_on_next_page
from webapp.web.watchlists.forms import ChangeForm, ListForm, parse_ids
from webapp.web.watchlists.views import count_sources, form_values, view

blueprint = Blueprint("watchlists", __name__)
LIST = "/lists/<name>"
_MIMETYPES = {"csv": "text/csv", "txt": "text/plain"}


@blueprint.get("/lists")
def index() -> str:
    """Show all lists, and the form of a new one."""
    return index_page(_form())


@blueprint.get(LIST)
def show(name: str) -> str:
    """Show a list."""
    watchlist = store.find(name)
    return list_page(watchlist, _form())


@blueprint.get(f"{LIST}/file")
def file(name: str) -> Response:
    """Send a list as a file that can be read again."""
    watchlist, fmt = store.find(name), request.args.get("format", "csv")
    text = write_file(watchlist, fmt, request.args.get("source", ""))
    response = Response(text, mimetype=_MIMETYPES[fmt])
    response.headers.set("Content-Disposition", "attachment", filename=f"{watchlist.name}.{fmt}")
    return response


@blueprint.post(f"{LIST}/head")
def head(name: str) -> ResponseReturnValue:
    """Give a list another name, title or note; what is wrong with them is said beside the fields (422)."""
    form = ChangeForm(request.form)
    texts = form.texts
    try:
        changed = store.change(context(), name, _write_head(texts), form.seen)
    except InvalidRequestError as err:
        form.refuse(err.fields)
        return list_page(store.find(name), ListForm(), change=form), 422
    return go_to(url_for(".show", name=changed.name))


@blueprint.get(f"{LIST}/deletion")
def deletion(name: str) -> ResponseReturnValue:
    """Ask whether a list is to be deleted, and say what uses it."""
    watchlist = store.find(name)
    with reading() as connection:
        active = queries_batches.count_active_of_list(connection, watchlist.name)
    values = {"watchlist": watchlist, "active": active}
    if wants_fragment():
        return answer(render_template("watchlists/_deletion.html", **values), retarget="#dialog")
    return render_page("watchlists/deletion.html", **values)


@blueprint.post(f"{LIST}/deletion")
def deleted(name: str) -> ResponseReturnValue:
    """Delete a list."""
    watchlist = store.delete(context(), name, ChangeForm(request.form).seen)
    show_on_next_page(Toast("success", gettext("The list %(name)s is deleted.", name=watchlist.name), []))
    return go_to(url_for(".index"))


def index_page(form: ListForm, named: NamedList | None = None) -> str:
    """Return the page of all lists."""
    named = named or NamedList()
    summaries = [(summary, count_sources(dict(summary.counts))) for summary in store.every()]
    return render_page("watchlists/index.html", summaries=summaries, form=form, named=named, **form_values(form, named))


def list_page(
    watchlist: Watchlist, form: ListForm, named: NamedList | None = None, change: ChangeForm | None = None
) -> str:
    """Return the page of a list, with the form that adds to it and the one that changes its head."""
    named = named or NamedList()
    picked = frozenset(parse_ids(request.args.getlist("picked")))
    texts = {"name": watchlist.name, "title": watchlist.title, "note": watchlist.note}
    return render_page(
        "watchlists/show.html",
        shown=view(watchlist, picked),
        form=form,
        named=named,
        change=change or ChangeForm(data=texts),
        **form_values(form, named),
    )


def _form() -> ListForm:
    """Return an empty form, for the source that a link names."""
    return ListForm(data={"source": request.args["source"]} if request.args.get("source") else None)


def _write_head(texts: dict[str, str]) -> Change:
    def make(old: Watchlist) -> Watchlist:
        note = texts["note"].replace("\r\n", "\n").strip()
        return replace(old, name=tidy_name(texts["name"]), title=texts["title"], note=note)

    return make
