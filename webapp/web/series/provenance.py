"""Where the bars of a series came from: its jobs, which of them brought which bars, and the answer for one bar."""

from dataclasses import dataclass

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.context import context
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError, Sentence
from webapp.jobs import queries_jobs as jobs
from webapp.jobs.queries_jobs import JobFilter
from webapp.kernel.intervals import period_start
from webapp.kernel.request_fields import moment_of
from webapp.kernel.spans import Span
from webapp.reading.bars import bars_span
from webapp.restating import provenance
from webapp.restating.provenance import BarOrigin, SpanOrigin
from webapp.series.existing import require_series
from webapp.series.queries_series import SeriesRow
from webapp.sources import choices
from webapp.web.jobs.views import JobView, view
from webapp.web.pages import render_page, whole_number

blueprint = Blueprint("provenance", __name__)
_ID = "<int(max=2147483647):series_id>"
_JOBS = 8
_SPANS = 8
_UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class SpanLine:
    """A span as a list shows it: about the first and the last bar that it has room for."""

    first: int
    last: int
    origin: SpanOrigin


@dataclass(frozen=True, slots=True)
class ProvenanceView:
    """What the panel shows: a page of jobs and one of spans, both newest first, and what was asked of one bar.

    ``answer`` is None while nothing was asked, or nothing that could be understood (see ``problems``).
    """

    jobs: list[JobView]
    page: int
    pages: int
    total: int
    spans: list[SpanLine]
    span_page: int
    span_pages: int
    time: str
    answer: BarOrigin | None
    problems: dict[str, Sentence]


@blueprint.get(f"/series/{_ID}/provenance")
def show(series_id: int) -> ResponseReturnValue:
    """Show where the bars of a series came from, on a page of its own."""
    row = require_series(series_id)
    shown = _view(row)
    return _answer(render_page("provenance/show.html", series=row, view=shown), shown)


@blueprint.get(f"/ui/series/{_ID}/provenance")
def panel(series_id: int) -> ResponseReturnValue:
    """Return the same as a fragment, which the page of the series asks for once it is shown."""
    row = require_series(series_id)
    shown = _view(row)
    return _answer(render_template("provenance/_panel.html", series=row, view=shown), shown)


def _answer(body: str, shown: ProvenanceView) -> ResponseReturnValue:
    return make_response(body, _UNPROCESSABLE if shown.problems else 200)


def _view(row: SeriesRow) -> ProvenanceView:
    page, span_page = whole_number("page", 1, most=100_000), whole_number("spans", 1, most=100_000)
    job_filter = JobFilter(series_id=row.id)
    with reading() as connection:
        total = jobs.count(connection, job_filter)
        rows = jobs.page(connection, job_filter, limit=_JOBS, offset=(page - 1) * _JOBS)
    spans = _spans(row)
    time, answer, problems = _answer_question(row)
    return ProvenanceView(
        jobs=[view(context(), job, choices.label(job.source)) for job in rows],
        page=page,
        pages=max(1, -(-total // _JOBS)),
        total=total,
        spans=[_line(row, origin) for origin in spans[(span_page - 1) * _SPANS : span_page * _SPANS]],
        span_page=span_page,
        span_pages=max(1, -(-len(spans) // _SPANS)),
        time=time,
        answer=answer,
        problems=problems,
    )


def _spans(row: SeriesRow) -> list[SpanOrigin]:
    """Return where the stored bars came from, newest first; a job's span may reach far beyond them."""
    if row.first_bar is None or row.last_bar is None:
        return []
    return provenance.origins(row.id, Span(row.first_bar, row.last_bar + 1))[::-1]


def _line(row: SeriesRow, origin: SpanOrigin) -> SpanLine:
    last = origin.span.end - 1
    floor = period_start(last, row.interval) if row.interval.is_dated else last - last % row.interval.seconds
    return SpanLine(origin.span.start, max(origin.span.start, floor), origin)


def _answer_question(row: SeriesRow) -> tuple[str, BarOrigin | None, dict[str, Sentence]]:
    """Return the time asked for as it was typed, what is known of its bar, and what is wrong with it."""
    text = request.args.get("time", "").strip()[:40]
    if not text:
        return "", None, {}
    try:
        return text, provenance.origin_of(row.id, bars_span(row, moment_of("time", text), None).start), {}
    except InvalidRequestError as err:
        return text, None, err.fields
