"""The ``meta`` of a chart: what Yahoo tells about an instrument beside its bars."""

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from webapp.sandbox import intraday
from webapp.sandbox.calendars import local_day
from webapp.sandbox.columns import Prices
from webapp.sandbox.listings import Kind
from webapp.sandbox.view import View
from webapp.sandbox.yahoo.answers import Document
from webapp.sandbox.yahoo.asked import RANGES, Asked
from webapp.sandbox.yahoo.spans import day_stamps, market_time

_YEAR_OF_SESSIONS = 252
_MINUTE_BEFORE_MIDNIGHT = 86_340
_SCALE = 3
_FUND_RANGES = ("1mo", "3mo", "6mo", "ytd", "1y", "2y", "5y", "10y", "max")
_EARLY, _LATE = 5_400, 3_600
"""Seconds before the opening and after the close that Yahoo names where there is no such trading."""


def meta(view: View, request: Asked, daily: Prices, first: int | None) -> Document:
    """Return the meta of one answer.

    :param daily: the daily bars that are known now.
    :param first: the stamp of the answer's first row, if it has one.
    """
    listing, venue = view.listing, view.listing.venue
    closes = daily.close.tolist() or [round(listing.first_price, listing.hint)]
    fund = listing.kind is Kind.FUND
    local = datetime.fromtimestamp(view.now, ZoneInfo(venue.timezone))
    return {
        "currency": venue.currency,
        "symbol": listing.symbol,
        "exchangeName": venue.code,
        "fullExchangeName": venue.name,
        "instrumentType": str(listing.kind),
        "firstTradeDate": int(day_stamps(view)[0]),
        "regularMarketTime": market_time(view),
        "hasPrePostMarketData": venue.extended,
        **_zone(local),
        "exchangeTimezoneName": venue.timezone,
        "regularMarketPrice": closes[-1],
        "fiftyTwoWeekHigh": max(daily.high[-_YEAR_OF_SESSIONS:].tolist(), default=closes[-1]),
        "fiftyTwoWeekLow": min(daily.low[-_YEAR_OF_SESSIONS:].tolist(), default=closes[-1]),
        **({} if fund else _today(daily)),
        "longName": listing.name,
        "shortName": listing.name,
        "chartPreviousClose": _close_before(view, daily, first, closes[0]),
        **({"previousClose": closes[-2:][0], "scale": _SCALE} if request.intraday else {}),
        "priceHint": listing.hint,
        "currentTradingPeriod": _periods_of(view, _current(view)),
        "dataGranularity": request.granularity,
        "range": request.range,
        "validRanges": list(_FUND_RANGES if fund else RANGES),
    }


def trading_periods(view: View, request: Asked, period: tuple[int, int]) -> Document | list[list[Document]]:
    """Return the sessions that an intraday answer touches: a list, or with extended hours three of them."""
    sessions = view.history.sessions
    low = int(np.searchsorted(sessions.close, period[0], side="right"))
    high = int(np.searchsorted(sessions.open, min(period[1], view.now), side="right"))
    days = [_periods_of(view, index) for index in range(low, high)]
    if not request.extended:
        return [[day["regular"]] for day in days]
    return {part: [[day[part]] for day in days] for part in ("pre", "post", "regular")}


def _today(daily: Prices) -> Document:
    if not len(daily):
        return {}
    return {
        "regularMarketDayHigh": float(daily.high[-1]),
        "regularMarketDayLow": float(daily.low[-1]),
        "regularMarketVolume": int(daily.volume[-1]),
    }


def _close_before(view: View, daily: Prices, first: int | None, otherwise: float) -> float:
    """Return the last close before the chart begins."""
    if first is None:
        return float(daily.close[-1]) if len(daily) else otherwise
    index = int(np.searchsorted(view.history.sessions.close[: len(daily)], first, side="right"))
    return float(daily.close[index - 1]) if index else otherwise


def _current(view: View) -> int:
    """Return the index of today's session, or on a day without one that of the last before."""
    today = local_day(view.now, view.listing.venue.timezone)
    return max(int(np.searchsorted(view.history.sessions.day, today, side="right")) - 1, 0)


def _periods_of(view: View, index: int) -> Document:
    sessions, venue = view.history.sessions, view.listing.venue
    start, end = int(sessions.open[index]), int(sessions.close[index])
    before, after = (intraday.BEFORE, intraday.AFTER) if venue.extended else (_EARLY, _LATE)
    if view.listing.stamped_at_midnight:
        start = int(day_stamps(view)[index])
        end, before, after = start + _MINUTE_BEFORE_MIDNIGHT, 0, 0
    zone = _zone(datetime.fromtimestamp(start, ZoneInfo(venue.timezone)))
    edges = pairwise((start - before, start, end, end + after))
    return {
        name: {"timezone": zone["timezone"], "start": first, "end": last, "gmtoffset": zone["gmtoffset"]}
        for name, (first, last) in zip(("pre", "regular", "post"), edges, strict=True)
    }


def _zone(local: datetime) -> Document:
    offset = local.utcoffset()
    return {"gmtoffset": int(offset.total_seconds()) if offset else 0, "timezone": local.tzname()}
