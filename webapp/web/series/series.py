"""One series: its chart, its facts, what can be done. ``catalogue`` lists them all."""

from dataclasses import asdict, fields

from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest
from werkzeug.http import quote_etag

from webapp.collecting import submit
from webapp.collecting.missing.updates import request_update
from webapp.collecting.validation import validate_request
from webapp.context import context
from webapp.coverage.answered import describe_no_bars
from webapp.database.transactions import reading
from webapp.kernel.intervals import Interval
from webapp.reading import adjusting, chart_gaps, charts
from webapp.reading.adjustment_findings import describe_findings
from webapp.reading.rules_adjustment import Adjust
from webapp.restating import queries_restatements
from webapp.restating.waiting import describe_wait
from webapp.series import queries_action_findings, queries_actions, queries_split_waits
from webapp.series.existing import require_series
from webapp.sources import choices
from webapp.web.formats import count_sessions
from webapp.web.htmx import go_to
from webapp.web.pages import render_page
from webapp.web.versions import version_of
from webapp.web.wording import ADJUSTMENTS

blueprint = Blueprint("series", __name__)
_ID = "<int(max=2147483647):series_id>"
_FARTHEST = 2**53


@blueprint.get(f"/series/{_ID}")
def show(series_id: int) -> str:
    """Show one series: chart, facts, actions, exports."""
    row = require_series(series_id)
    with reading() as connection:
        recorded = queries_actions.read_record(connection, row.instrument_id)
        findings = queries_action_findings.of_instrument(connection, row.instrument_id)
        notes = describe_findings(connection, row, Adjust.ALL)
        changed = queries_restatements.page(connection, series_id)
        waits = queries_split_waits.read(connection, series_id)
        no_bars = describe_no_bars(connection, row)
        remarks = [*(describe_wait(row, wait.split) for wait in waits), *adjusting.find_omitted(connection, row)]
    return render_page(
        "series/show.html",
        series=row,
        adjust=_chosen_adjustment(),
        source_label=choices.label(row.source),
        actions=recorded[::-1],
        findings=findings[::-1],
        notes=[*remarks, *notes],
        restatements=changed,
        no_bars=no_bars,
    )


@blueprint.get(f"/series/{_ID}/candles.json")
def candles(series_id: int) -> ResponseReturnValue:
    """Return the candles of a span (``start``, ``end``: epoch seconds), with an ETag so that a chart may ask often.

    With ``step`` (an interval) they are not merged to less, so that they fit beside those that are shown already.
    """
    row = require_series(series_id)
    adjust = request.args.get("adjust", "splits")
    start, end, step = _instant("start"), _instant("end"), _step()
    with reading() as connection:
        depends = charts.version(connection, row, adjust)
    etag = version_of(depends=depends, adjust=adjust, start=start, end=end, step=step)
    if etag in request.if_none_match:
        answer = Response(status=304)
    else:
        shown = charts.candles(series_id, adjust=adjust, start=start, end=end, step=step)
        columns = {field.name: getattr(shown, field.name) for field in fields(shown)}
        columns |= {name: _drawn(columns[name]) for name in ("open", "high", "low", "close")}
        answer = jsonify(columns | {"first": row.first_bar, "last": row.last_bar})
    answer.headers["ETag"] = quote_etag(etag)
    return answer


@blueprint.get(f"/series/{_ID}/gaps.json")
def gaps(series_id: int) -> ResponseReturnValue:
    """Return the longest gaps for a chart, each with its length in words; a calendar that fails is a 503."""
    row = require_series(series_id)
    drawn = chart_gaps.drawn_gaps(context(), row)
    words = {sessions: count_sessions(sessions, row.interval) for sessions in {gap.sessions for gap in drawn}}
    return jsonify(gaps=[asdict(gap) | {"told": words[gap.sessions]} for gap in drawn])


@blueprint.post(f"/series/{_ID}/updates")
def updates(series_id: int) -> ResponseReturnValue:
    """Submit a job for what is missing since the last bar, and go to it."""
    row = require_series(series_id)
    collection = request_update(context(), row)
    submission = submit.submit(context(), validate_request(collection, context().now()), "web")
    target = url_for("jobs.show", job_id=submission.job_ids[0])
    return go_to(target)


def _instant(name: str) -> int | None:
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        value = int(text[:20])
    except ValueError as err:
        raise BadRequest from err
    return max(-_FARTHEST, min(_FARTHEST, value))


def _drawn(prices: list[float]) -> list[float]:
    """Return prices with nine significant digits: more is float32's noise, and twice the text."""
    return [float(f"{price:.9g}") for price in prices]


def _chosen_adjustment() -> str:
    """Return the adjustment that a link asks for; one that does not exist is not worth an error on a page."""
    chosen = request.args.get("adjust", "")
    return chosen if chosen in ADJUSTMENTS else next(iter(ADJUSTMENTS))


def _step() -> Interval | None:
    text = request.args.get("step", "")
    try:
        return Interval(text) if text else None
    except ValueError as err:
        raise BadRequest from err
