"""How a contract and its trading hours are described on the wire."""

import datetime as dt
from zoneinfo import ZoneInfo

from webapp.sandbox.calendars import Sessions, date_of, local_day
from webapp.sandbox.intraday import AFTER, BEFORE
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
        *(paper.expiry[:6], "", "", "", ZONES.get(paper.listing.venue.timezone, "UTC"), *_all_and_liquid(paper, view)),
        *("", "", 0, *tail),
    ]


def _all_and_liquid(paper: Paper, view: View) -> tuple[str, str]:
    return hours(view, extended=paper.sec_type == "STK"), hours(view, extended=False)


def _escaped(text: str) -> str:
    """Write a name in ASCII with escapes, as TWS does."""
    return text.encode("ascii", "backslashreplace").decode()


def hours(view: View, *, extended: bool) -> str:
    """Return the trading hours of the days around now: ``20260302:0930-20260302:1600;20260307:CLOSED;…``.

    Each session stands under the date on which it opens: futures' are ``20260301:1800-20260302:1700``, and a Sunday on
    whose evening Monday's session opens is not called closed.

    :param extended: with the hours before the opening and after the close.
    """
    venue, sessions = view.listing.venue, view.history.sessions
    before, after = (BEFORE, AFTER) if extended and venue.extended else (0, 0)
    today = local_day(view.now, venue.timezone)
    coming = sessions.between(today, today + _DAYS_SHOWN)
    texts = {
        int(coming.day[index]): _session(coming.part(slice(index, index + 1)), before, after, venue.timezone)
        for index in range(len(coming))
    }
    begun = {local_day(opening - before, venue.timezone) for opening in coming.open.tolist()}
    closed = {day: f"{date_of(day):%Y%m%d}:CLOSED" for day in range(today, today + _DAYS_SHOWN) if day not in begun}
    return ";".join(text for day, text in sorted((closed | texts).items()) if day < today + _DAYS_SHOWN)


def _session(sessions: Sessions, before: int, after: int, timezone: str) -> str:
    """Write the hours of one session; a break divides them with a comma."""
    instants = [
        sessions.open[0] - before,
        *((sessions.break_start[0], sessions.break_end[0]) if sessions.break_start[0] else ()),
    ]
    instants.append(sessions.close[0] + after)
    texts = [f"{dt.datetime.fromtimestamp(int(moment), ZoneInfo(timezone)):%Y%m%d:%H%M}" for moment in instants]
    return ",".join("-".join(pair) for pair in zip(texts[::2], texts[1::2], strict=True))
