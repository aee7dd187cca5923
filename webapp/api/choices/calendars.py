"""Calendars: those that series can follow."""

from marshmallow import Schema, fields

from webapp.api.endpoints import Answers, Endpoints
from webapp.coverage.rules_exchanges import CALENDARS, zone_of

endpoints = Endpoints("calendars", __name__, "The calendars of exchanges.")


class Calendar(Schema):
    """A calendar: an ISO 10383 code (or ``24/5``, ``24/7``), the exchange's place or name, and its time zone.

    The zone is empty for a calendar of no place.
    """

    code = fields.String(required=True)
    name = fields.String(required=True)
    zone = fields.String(required=True)


class Calendars(Schema):
    """All calendars."""

    calendars = fields.List(fields.Nested(Calendar), required=True)


@endpoints.get("/calendars", Answers(Calendars))
def index() -> dict[str, object]:
    """List the calendars that series can follow."""
    return {
        "calendars": [{"code": code, "name": name, "zone": zone_of(code) or ""} for code, name in CALENDARS.items()]
    }
