"""«Données»: the catalogue of all series, searched, filtered, sorted and paged as the URL says."""

from urllib.parse import parse_qsl, urlsplit

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.catalogue import queries_catalogue
from webapp.database.transactions import reading
from webapp.sources import choices
from webapp.web.catalogue import wording
from webapp.web.catalogue.query import SIZES, CatalogueQuery
from webapp.web.catalogue.views import listing
from webapp.web.htmx import answer, current_url
from webapp.web.pages import render_page
from webapp.web.series import series

blueprint = Blueprint("catalogue", __name__)


@series.blueprint.get("/series")
def index() -> str:
    """Show the catalogue."""
    query = CatalogueQuery.parse()
    with reading() as connection:
        names, intervals, kinds = queries_catalogue.choices(connection)
    return render_page(
        "series/index.html",
        listing=listing(query),
        wording=wording,
        source_names=choices.labels(names),
        intervals=intervals,
        kinds=kinds,
        sizes=SIZES,
    )


@blueprint.get("/ui/series")
def table() -> ResponseReturnValue:
    """Return the table alone, for a script; the address of the page becomes that of the catalogue so asked for."""
    query = CatalogueQuery.parse()
    table = render_template("series/_catalogue.html", listing=listing(query), wording=wording)
    address = url_for("series.index", **query.params())
    return answer(table, replace_url=address) if _goes_on(query) else answer(table, push_url=address)


def _goes_on(query: CatalogueQuery) -> bool:
    """Tell whether a search is only being typed further: going back leads to what was there before it."""
    here = dict(parse_qsl(urlsplit(current_url()).query))
    asked_params = {name: str(value) for name, value in query.params().items()}
    return bool(here.pop("q", "") and asked_params.pop("q", "")) and here == asked_params
