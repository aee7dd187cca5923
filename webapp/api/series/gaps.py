"""Gaps: what a series lacks by its exchange's calendar, and whether asking for it can fill it."""

from marshmallow import Schema, fields

from webapp.api.endpoints import Answers, Endpoints
from webapp.api.fields import Instant
from webapp.api.problems import say
from webapp.api.series.series import SERIES
from webapp.api.series.series_schemas import MissingSpan
from webapp.context import context
from webapp.coverage import gaps
from webapp.coverage.answered import require_answered
from webapp.coverage.gaps import FoundGap
from webapp.jobs.records import instant, span_record

endpoints = Endpoints("gaps", __name__, "What a series lacks by its exchange's calendar.")


class FillableGap(MissingSpan):
    """A span in which so many sessions (weeks, months) are due and nothing is known, or what came is doubted.

    ``is_fillable``: asking for it now can fill it. Otherwise ``reason`` says why its source cannot, or ``next_look``
    when what it answered is asked for again.
    """

    is_fillable = fields.Boolean(required=True)
    reason = fields.String(required=True, allow_none=True)
    next_look = Instant(allow_none=True)


class Gaps(Schema):
    """The gaps of a series, newest first. Nights and holidays are none.

    ``calendar`` is an ISO 10383 code, ``24/5`` or ``24/7``.
    """

    id = fields.Integer(required=True)
    calendar = fields.String(required=True)
    gaps = fields.List(fields.Nested(FillableGap), required=True)


@endpoints.get(f"{SERIES}/gaps", Answers(Gaps, errors=(503,)))
def index(series_id: int) -> dict[str, object]:
    """List the gaps of a series by its exchange's calendar, newest first."""
    report = gaps.report(context(), require_answered(series_id))
    shown = [_shown(gap, report.reported_at) for gap in report.gaps]
    return {"id": series_id, "calendar": report.calendar.code, "gaps": shown}


def _shown(listed: FoundGap, now: float) -> dict[str, object]:
    return {
        **span_record(listed.gap.span),
        "sessions": listed.gap.sessions,
        "is_fillable": listed.is_fillable(now),
        "reason": say(listed.refusal) if listed.refusal else None,
        "next_look": None if listed.next_look is None else instant(listed.next_look),
    }
