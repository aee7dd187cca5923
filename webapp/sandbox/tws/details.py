"""How a contract and its trading hours are described on the wire."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np

from webapp.sandbox.calendars import local_day
from webapp.sandbox.listings import Kind
from webapp.sandbox.tws.papers import Paper
from webapp.sandbox.tws.wire import Field
from webapp.sandbox.view import View

ZONES = {
    "America/New_York": "US/Eastern",
    "America/Toronto": "US/Eastern",
    "Europe/Paris": "MET",
    "Europe/Berlin": "MET",
    "Europe/London": "GB",
    "Asia/Tokyo": "Japan",
}
"""The legacy names that TWS gives time zones."""
_DAYS_SHOWN = 6
_STOCK_TYPES = {Kind.ETF: "ETF", Kind.EQUITY: "COMMON"}


def contract_data(number: int, paper: Paper, view: View, version: int) -> list[Field]:
    """Return message 10."""
    tick = 10.0**-paper.listing.hint
    tail: list[Field] = ["1", "", "", "26", paper.expiry, _STOCK_TYPES.get(paper.listing.kind, ""), "1", "1", "100"]
    expiry: list[Field] = [paper.expiry, *([paper.expiry] if version >= 182 else [])]  # noqa: PLR2004 (a version)
    place = paper.exchange if paper.exchange == "SMART" or not paper.primary else "SMART"
    head: list[Field] = [10, number, paper.symbol, paper.sec_type, *expiry, paper.strike, paper.right]
    return [
        *head,
        *(place, paper.currency, paper.local_symbol, paper.symbol, paper.symbol, paper.con_id, tick, paper.multiplier),
        *("LMT,MKT", f"{place},{paper.primary or place}", 1, 0, _escaped(paper.name), paper.primary),
        *(paper.expiry[:6], "", "", "", ZONES.get(paper.listing.venue.timezone, "UTC"), hours(view), hours(view)),
        *("", "", 0, *tail),
    ]


def _escaped(text: str) -> str:
    """Write a name in ASCII with escapes, as TWS does."""
    return text.encode("ascii", "backslashreplace").decode()


def hours(view: View) -> str:
    """Return the trading hours of the days around now: ``20260302:0930-20260302:1600;20260307:CLOSED;…``."""
    sessions, timezone = view.history.sessions, view.listing.venue.timezone
    zone = ZoneInfo(timezone)
    today = local_day(view.now, timezone)
    told = []
    for day in range(today, today + _DAYS_SHOWN):
        date = dt.date(1970, 1, 1) + dt.timedelta(days=day)
        index = int(np.searchsorted(sessions.day, day))
        if index < len(sessions) and sessions.day[index] == day:
            first, last = (
                dt.datetime.fromtimestamp(int(moment), zone) for moment in (sessions.open[index], sessions.close[index])
            )
            told.append(f"{first:%Y%m%d:%H%M}-{last:%Y%m%d:%H%M}")
        else:
            told.append(f"{date:%Y%m%d}:CLOSED")
    return ";".join(told)
