"""What sources will delete soon of what is collected, by the deadline."""

import datetime as dt
from typing import Any

from marshmallow import Schema, fields

from webapp.api.endpoints import Accepts, Answers, Endpoints
from webapp.api.fields import Instant, Number
from webapp.api.problems import say
from webapp.collecting.missing.vanishing import SOON, find_vanishing, record
from webapp.context import context

endpoints = Endpoints("vanishing", __name__, "What sources will delete soon of what is collected.")


class VanishingQuery(Schema):
    """How many days ahead to look, and how many series to list at most."""

    days = Number(1, 4000, "How many days ahead to look.", 14, load_default=SOON.days)
    limit = Number(1, 200, "How many to list at most.", 100, load_default=100)


class VanishingSeries(Schema):
    """A series of which its source serves the oldest missing bar until ``vanishes_at``.

    ``is_lost``: that has passed, and bars are being lost each day. ``done_at`` is when all that can be had would be
    there if it were asked for now, one series of a source after another, with ``requests`` requests of its own;
    ``is_in_time`` says whether that is soon enough, ``reason`` why it cannot be asked for.
    """

    series_id = fields.Integer(required=True)
    source = fields.String(required=True)
    symbol = fields.String(required=True)
    interval = fields.String(required=True)
    variant = fields.String(required=True)
    vanishes_at = Instant()
    is_lost = fields.Boolean(required=True)
    requests = fields.Integer(required=True)
    done_at = Instant()
    is_in_time = fields.Boolean(required=True)
    reason = fields.String(required=True, allow_none=True)


class VanishingBoard(Schema):
    """What vanishes, the most urgent first."""

    vanishing = fields.List(fields.Nested(VanishingSeries), required=True)


@endpoints.get("/vanishing", Answers(VanishingBoard, errors=(503,)), Accepts(query=VanishingQuery))
def index(query: dict[str, Any]) -> dict[str, object]:
    """List what sources will delete soon, by the deadline."""
    listed = find_vanishing(context(), dt.timedelta(days=query["days"]), query["limit"])
    now = context().now().timestamp()
    return {"vanishing": [record(vanishing, now, say) for vanishing in listed]}
