"""The trading schedule of a contract, which is asked for like bars (``SCHEDULE``) and answered by message 106."""

import datetime as dt
from zoneinfo import ZoneInfo

from webapp.sandbox.calendars import date_of
from webapp.sandbox.intraday import AFTER, BEFORE
from webapp.sandbox.tws.asked import HistoryAsked
from webapp.sandbox.tws.bars import span
from webapp.sandbox.tws.details import ZONES
from webapp.sandbox.tws.wire import Field
from webapp.sandbox.view import View


def schedule(view: View, request: HistoryAsked) -> list[Field]:
    """Return message 106: the sessions, today's too, in the exchange's time."""
    venue, sessions = view.listing.venue, view.history.sessions
    before, after = (BEFORE, AFTER) if venue.extended and not request.is_regular else (0, 0)
    start, end = span(view, request)
    zone = ZoneInfo(venue.timezone)

    def told(moment: float) -> str:
        return f"{dt.datetime.fromtimestamp(moment, zone):%Y%m%d-%H:%M:%S}"

    rows: list[Field] = []
    for day, opening, close in zip(*(c.tolist() for c in (sessions.day, sessions.open, sessions.close)), strict=True):
        if opening < end and close > start:
            rows += [told(opening - before), told(close + after), f"{date_of(day):%Y%m%d}"]
    name = ZONES.get(venue.timezone, "UTC")
    return [106, request.number, told(start), told(end), name, len(rows) // 3, *rows]
