"""Where the bars of a series came from: which jobs brought them, and when."""

from typing import Any

from marshmallow import Schema, fields

from webapp.api.endpoints import Accepts, Answers, Endpoints
from webapp.api.fields import Instant, Number
from webapp.api.requests import moments_in
from webapp.api.series.bar_schemas import SpanQuery
from webapp.api.series.series import SERIES
from webapp.jobs.records import instant, moment, span_record
from webapp.reading.bars import bars_span
from webapp.restating import provenance
from webapp.restating.provenance import Credit, SpanOrigin
from webapp.series.existing import require_series

MOST = 1000
endpoints = Endpoints("origins", __name__, "Which jobs bars came from.")


class OriginsQuery(SpanQuery):
    """Of which bars; the origins of so many spans at most."""

    limit = Number(1, MOST, "How many spans to list at most.", 100, load_default=MOST)


class Credited(Schema):
    """A job and when it committed bars of the span; ``job_url`` is null once the job has been cleaned up."""

    job_id = fields.Integer(required=True)
    at = Instant()
    job_url = fields.String(required=True, allow_none=True)


class OriginOfSpan(Schema):
    """Bars that start in ``[start, end)``: the first job on record that brought them, and the last, which confirmed it.

    A job that brings the same values again writes nothing; other values are told by the series' restatements.
    """

    start = Instant()
    end = Instant()
    end_exclusive = Instant()
    first = fields.Nested(Credited, required=True)
    last = fields.Nested(Credited, required=True)


class Origins(Schema):
    """Disjoint spans, oldest first. What lies in none was brought by no job on record, or is not there at all.

    ``next_start`` is null when these are all; else, give it as ``start`` for the rest.
    """

    id = fields.Integer(required=True)
    origins = fields.List(fields.Nested(OriginOfSpan), required=True)
    next_start = Instant(allow_none=True)


@endpoints.get(f"{SERIES}/origins", Answers(Origins), Accepts(query=OriginsQuery))
def index(query: dict[str, Any], series_id: int) -> dict[str, object]:
    """Say which jobs brought the bars that start in a span, all without one."""
    origins = provenance.origins(series_id, bars_span(require_series(series_id), *moments_in(query)))
    shown, rest = origins[: query["limit"]], origins[query["limit"] :]
    return {
        "id": series_id,
        "origins": [_shown(origin) for origin in shown],
        "next_start": instant(rest[0].span.start) if rest else None,
    }


def _shown(origin: SpanOrigin) -> dict[str, object]:
    return {
        **span_record(origin.span),
        "first": _credited(origin.first),
        "last": _credited(origin.last),
    }


def _credited(credit: Credit) -> dict[str, object]:
    url = f"/api/v1/jobs/{credit.job_id}" if credit.has_job else None
    return {"job_id": credit.job_id, "at": moment(credit.at), "job_url": url}
