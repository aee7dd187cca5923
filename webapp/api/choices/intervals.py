"""Intervals: the lengths of bars, and which sources serve each."""

from marshmallow import Schema, fields

from webapp.api.endpoints import Answers, Endpoints
from webapp.context import context
from webapp.kernel.intervals import Interval
from webapp.sources import choices

endpoints = Endpoints("intervals", __name__, "The lengths of bars.")


class ListedInterval(Schema):
    """A length of bars.

    ``seconds`` is a whole one's (30 days for a month); bars that are ``is_dated`` have dates for times. ``sources`` are
    those that serve it.
    """

    interval = fields.String(required=True)
    seconds = fields.Integer(required=True)
    is_dated = fields.Boolean(required=True)
    sources = fields.List(fields.String(), required=True)


class Intervals(Schema):
    """All intervals, ascending."""

    intervals = fields.List(fields.Nested(ListedInterval), required=True)


@endpoints.get("/intervals", Answers(Intervals))
def index() -> dict[str, object]:
    """List the intervals, and which sources serve each."""
    served = {
        choice.name: {interval.interval for interval in choice.intervals}
        for choice in choices.choices(context().now().timestamp())
    }
    listed = [
        {
            "interval": interval.value,
            "seconds": interval.seconds,
            "is_dated": interval.is_dated,
            "sources": [name for name, intervals in served.items() if interval in intervals],
        }
        for interval in Interval
    ]
    return {"intervals": listed}
