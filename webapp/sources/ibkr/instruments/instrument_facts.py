"""What IBKR's contract details tell of an instrument: its kind, zone, hours and decimals."""

import datetime as dt
import logging
import re
from collections import Counter
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from webapp.kernel.closing import local_instant
from webapp.kernel.instruments import InstrumentFacts, InstrumentKind
from webapp.kernel.intervals import DAY, MINUTE
from webapp.sources.ibkr.connection.details import Details
from webapp.sources.ibkr.listing import KINDS

log = logging.getLogger(__name__)

_SHARE_TYPE = "STK"
_FUNDS = ("ETF", "ETN", "ETC", "ETP", "ETMF")
_ZONES = {
    "US/Eastern": "America/New_York",
    "EST": "America/New_York",
    "EST5EDT": "America/New_York",
    "US/Central": "America/Chicago",
    "CST": "America/Chicago",
    "CST6CDT": "America/Chicago",
    "US/Mountain": "America/Denver",
    "US/Pacific": "America/Los_Angeles",
    "PST8PDT": "America/Los_Angeles",
    "Canada/Eastern": "America/Toronto",
    "Mexico/General": "America/Mexico_City",
    "Brazil/East": "America/Sao_Paulo",
    "GB-Eire": "Europe/London",
    "GB": "Europe/London",
    "MET": "Europe/Paris",
    "CET": "Europe/Paris",
    "MEZ": "Europe/Berlin",
    "Israel": "Asia/Jerusalem",
    "Japan": "Asia/Tokyo",
    "JST": "Asia/Tokyo",
    "Hongkong": "Asia/Hong_Kong",
    "Singapore": "Asia/Singapore",
    "ROK": "Asia/Seoul",
    "PRC": "Asia/Shanghai",
    "Asia/Calcutta": "Asia/Kolkata",
    "Australia/NSW": "Australia/Sydney",
}
"""The names of zones that TWS uses, as today's time zone database has them. ``MET`` stands for the exchanges of the
Continent, whose clocks are all the same."""
_GERMAN = ("IBIS", "IBIS2", "FWB", "FWB2", "SWB", "SWB2", "GETTEX", "TGATE", "EUREX", "DTB")
_SEGMENT = re.compile(r"(\d{8}):(\d{4})-(?:(\d{8}):)?(\d{4})")
_ALMOST_MIDNIGHT = DAY - 10 * MINUTE


def parse_facts(details: Details, first_trade: int | None, now: float) -> InstrumentFacts:
    """Return what TWS says of an instrument; ``first_trade`` is the time of its earliest data, where that is known."""
    zone = zone_name(details)
    opens, closes = usual_hours(details.liquid_hours)
    return InstrumentFacts(
        name=details.name or None,
        kind=_kind(details),
        currency=details.currency or None,
        exchange=details.primary or details.exchange or None,
        timezone=zone,
        session_open=opens if opens is not None and opens >= 0 else None,
        session_close=closes,
        first_trade=first_trade,
        last_trade=_last_trade(details, zone, closes, now),
        price_decimals=decimals(details.min_tick),
        contract_id=details.contract_id or None,
    )


def _kind(details: Details) -> str | None:
    """Return the word that the database has for what the contract is; None for a type that we do not know."""
    if details.stock_type in _FUNDS:
        return InstrumentKind.ETF.value
    if details.kind == _SHARE_TYPE:
        return InstrumentKind.SHARE.value
    kind = KINDS.get(details.kind)
    return kind.value if kind else None


def zone_name(details: Details) -> str | None:
    """Return the IANA name of the instrument's zone, None when TWS's name for it is not understood."""
    tws_name = details.timezone
    if tws_name == "MET" and (details.primary in _GERMAN or details.exchange in _GERMAN):
        return "Europe/Berlin"
    name = _ZONES.get(tws_name, tws_name)
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        log.warning("time zone %r of contract %s is not understood", tws_name, details.contract_id)
        return None


def usual_hours(text: str) -> tuple[int | None, int | None]:
    """Return open and close of the usual day, in seconds after midnight of its date; None when no day is told.

    The text is ``20250613:0930-20250613:1600;20250614:CLOSED;…``, a day may have several segments, and one that begins
    the evening before has a negative open. Half days are outvoted by usual ones.
    """
    days: dict[dt.date, tuple[int, int]] = {}
    for start_day, start_time, end_day, end_time in _SEGMENT.findall(text):
        begins = _moment(start_day, start_time)
        ends = _moment(end_day or start_day, end_time)
        day = (ends - dt.timedelta(minutes=1)).date()  # what ends at midnight belongs to the day before
        midnight = dt.datetime.combine(day, dt.time())
        opens, closes = round((begins - midnight).total_seconds()), round((ends - midnight).total_seconds())
        day_hours = days.get(day, (opens, closes))
        days[day] = min(day_hours[0], opens), max(day_hours[1], closes)
    if not days:
        return None, None
    (opens, closes), _ = Counter(days.values()).most_common(1)[0]
    return opens, DAY if _ALMOST_MIDNIGHT <= closes < DAY else closes


def decimals(min_tick: float) -> int | None:
    """Return how many decimals prices have that move by so much; None when it is not told."""
    if min_tick <= 0:
        return None
    exponent = Decimal(str(min_tick)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else None


def _moment(day: str, time: str) -> dt.datetime:
    """Return a local time without its zone; hours go to 24."""
    midnight = dt.datetime(int(day[:4]), int(day[4:6]), int(day[6:]))  # noqa: DTZ001 -- a wall clock's
    return midnight + dt.timedelta(hours=int(time[:2]), minutes=int(time[2:]))


def _last_trade(details: Details, zone: str | None, closes: int | None, now: float) -> int | None:
    """Return when a contract that has expired was traded last."""
    if len(details.expiry) != len("20260320"):
        return None
    day = int(dt.datetime.strptime(details.expiry, "%Y%m%d").replace(tzinfo=dt.UTC).timestamp())
    last = local_instant(day, DAY if closes is None else closes, ZoneInfo(zone or "UTC"))
    return last if last < now else None
