"""«Données»: what has been collected, its chart, and its export."""

import datetime as dt
from dataclasses import dataclass, fields

from flask import Blueprint, Response, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest
from werkzeug.http import quote_etag

from webapp.domain.bars import Action
from webapp.domain.jobs import Priority
from webapp.domain.requests import CollectRequest
from webapp.errors import NotFoundError, sentence
from webapp.routes.pages import is_htmx, render_page, whole_number
from webapp.routes.versions import version_of
from webapp.services import charts, exports, jobs, sources
from webapp.services.context import context
from webapp.store import actions, restatements
from webapp.store import series as series_store
from webapp.store.series import SeriesRow
from webapp.store.transactions import reading

blueprint = Blueprint("series", __name__)
_ID = "<int(max=2147483647):series_id>"
PAGE_SIZE = 50
FORMATS = ("csv", "parquet", "arrow")
_DAY = 86_400
_FARTHEST = 2**53


@dataclass(frozen=True, slots=True)
class SeriesListing:
    """A page of the catalogue."""

    rows: list[SeriesRow]
    search: str
    page: int
    pages: int
    total: int


@blueprint.get("/series")
def index() -> str:
    """Show the catalogue, searched and paged as the URL says."""
    search = request.args.get("q", "").strip()[:64]
    page = whole_number("page", 1, most=100_000)
    with reading() as connection:
        rows = series_store.page(connection, search, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
        total = series_store.count(connection, search)
    shown = SeriesListing(rows, search, page, max(1, -(-total // PAGE_SIZE)), total)
    return render_page("series/index.html", listing=shown, source_label=sources.label)


@blueprint.get(f"/series/{_ID}")
def show(series_id: int) -> str:
    """Show one series: chart, facts, actions, exports."""
    row = _find(series_id)
    with reading() as connection:
        told: list[Action] = actions.read(connection, row.instrument_id)
        changed = restatements.page(connection, series_id)
    return render_page(
        "series/show.html",
        series=row,
        source_label=sources.label(row.source),
        actions=told[::-1],
        formats=FORMATS,
        restatements=changed,
    )


@blueprint.get(f"/series/{_ID}/candles.json")
def candles(series_id: int) -> ResponseReturnValue:
    """Return the candles of a span (``start``, ``end``: epoch seconds), with an ETag so that a chart may ask often."""
    row = _find(series_id)
    adjust = request.args.get("adjust", "splits")
    span = (_instant("start"), _instant("end"))
    with reading() as connection:
        told = actions.version(connection, row.instrument_id)
    etag = version_of(series_id, row.rows, row.first_bar, row.last_bar, row.updated_at, told, adjust, span)
    if etag in request.if_none_match:
        answer = Response(status=304)
    else:
        shown = charts.candles(series_id, adjust=adjust, start=span[0], end=span[1])
        answer = jsonify({field.name: getattr(shown, field.name) for field in fields(shown)})
    answer.headers["ETag"] = quote_etag(etag)
    return answer


@blueprint.get(f"/series/{_ID}/export.<any({','.join(FORMATS)}):fmt>")
def export(series_id: int, fmt: str) -> Response:
    """Send all bars of a series as a file, streamed."""
    opened = exports.open_export(series_id, fmt, request.args.get("adjust", "splits"))
    answer = Response(opened.chunks, mimetype=opened.mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=opened.filename)
    return answer


@blueprint.post(f"/series/{_ID}/updates")
def updates(series_id: int) -> ResponseReturnValue:
    """Submit a job for what is missing since the last bar, and go to it."""
    row = _find(series_id)
    since = row.last_bar if row.last_bar is not None else int(context().now().timestamp()) - 30 * _DAY
    wanted = CollectRequest(
        source=row.source,
        symbols=(row.symbol,),
        interval=row.interval,
        start=dt.datetime.fromtimestamp(since, dt.UTC).date(),
        options=sources.options_of(row.source, row.variant),
        priority=Priority.HIGH,
    )
    submission = jobs.submit(context(), wanted, "web")
    target = url_for("jobs.show", job_id=submission.job_ids[0])
    if is_htmx():
        return Response(status=204, headers={"HX-Redirect": target})
    return redirect(target, 303)


def _find(series_id: int) -> SeriesRow:
    with reading() as connection:
        row = series_store.get(connection, series_id)
    if row is None:
        raise NotFoundError(sentence("There is no series %(id)d.", id=series_id))
    return row


def _instant(name: str) -> int | None:
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        value = int(text[:20])
    except ValueError as err:
        raise BadRequest from err
    return max(-_FARTHEST, min(_FARTHEST, value))
