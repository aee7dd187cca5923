"""What was collected lately, and how well it went."""

from dataclasses import asdict

from marshmallow import Schema, fields

from webapp.api.endpoints import Answers, Endpoints
from webapp.context import context
from webapp.upkeep.statistics import statistics_of

endpoints = Endpoints("statistics", __name__, "What was collected lately, and what is stored.")


class Window(Schema):
    """Jobs submitted within a time, and what has become of them.

    ``success_rate`` is the part that succeeded of those that succeeded or failed, 0 to 1; durations are in seconds, of
    jobs that succeeded. Null where there is none to count.
    """

    jobs = fields.Integer(required=True)
    by_state = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    by_source = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    success_rate = fields.Float(required=True, allow_none=True)
    median_seconds = fields.Float(required=True, allow_none=True)
    mean_seconds = fields.Float(required=True, allow_none=True)
    bars_written = fields.Integer(required=True)


class Statistics(Schema):
    """The jobs of the last day, of the last week, and all that are still on record; how much is stored."""

    day = fields.Nested(Window, required=True)
    week = fields.Nested(Window, required=True)
    all = fields.Nested(Window, required=True)
    series = fields.Integer(required=True)
    bars = fields.Integer(required=True)


@endpoints.get("/statistics", Answers(Statistics))
def show() -> dict[str, object]:
    """Show what was collected lately, and how much is stored."""
    return asdict(statistics_of(context()))
