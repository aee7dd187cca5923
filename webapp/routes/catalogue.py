"""«Données»: the catalogue of all series, searched, filtered, sorted and paged as the URL says."""

from urllib.parse import parse_qsl, urlsplit

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.routes import series, wording_catalogue
from webapp.routes.catalogue_query import SIZES, CatalogueQuery, asked_for
from webapp.routes.catalogue_views import listing
from webapp.routes.pages import render_page
from webapp.services import sources
from webapp.store import catalogue
from webapp.store.transactions import reading

blueprint = Blueprint("catalogue", __name__)


@series.blueprint.get("/series")
def index() -> str:
    """Show the catalogue."""
    query = asked_for()
    with reading() as connection:
        names, intervals, kinds = catalogue.choices(connection)
    return render_page(
        "series/index.html",
        listing=listing(query),
        wording=wording_catalogue,
        source_names=sources.labels(names),
        intervals=intervals,
        kinds=kinds,
        sizes=SIZES,
    )


@blueprint.get("/ui/series")
def table() -> ResponseReturnValue:
    """Return the table alone, for a script; the address of the page becomes that of the catalogue so asked for."""
    query = asked_for()
    answer = make_response(render_template("series/_catalogue.html", listing=listing(query), wording=wording_catalogue))
    answer.headers["HX-Replace-Url" if _goes_on(query) else "HX-Push-Url"] = url_for("series.index", **query.params())
    return answer


def _goes_on(query: CatalogueQuery) -> bool:
    """Tell whether a search is only being typed further: going back leads to what was there before it."""
    here = dict(parse_qsl(urlsplit(request.headers.get("HX-Current-URL", "")).query))
    wanted = {name: str(value) for name, value in query.params().items()}
    return bool(here.pop("q", "") and wanted.pop("q", "")) and here == wanted
