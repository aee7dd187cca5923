"""The chart service: bars and actions of one symbol over one stretch of time."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from webapp.sandbox.actions import Action, ActionKind
from webapp.sandbox.calendars import DAY
from webapp.sandbox.columns import Columns, Prices, groups_of
from webapp.sandbox.market import Market
from webapp.sandbox.noise import Floats, Ints
from webapp.sandbox.view import View
from webapp.sandbox.view import period_of as label_of
from webapp.sandbox.yahoo.answers import Document, not_found
from webapp.sandbox.yahoo.asked import Asked, asked, check_limits
from webapp.sandbox.yahoo.meta import meta, trading_periods
from webapp.sandbox.yahoo.spans import day_stamps, market_time, period_of, period_stamps

_EVENTS = {
    ActionKind.DIVIDEND: "dividends",
    ActionKind.SPLIT: "splits",
    ActionKind.CAPITAL_GAIN: "capitalGains",
}
_LONGEST = {"5d": 7, "1wk": 7, "1mo": 31, "3mo": 92}
"""In days."""
_LABELS = {"5d": "1wk"}
"""Five days are a week here; what Yahoo makes of them has no use that anyone knows."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of an answer: stamps in epoch seconds, prices, and for days and longer the adjusted closes."""

    prices: Prices
    adjusted: Floats | None = None


def chart(market: Market, symbol: str, query: Mapping[str, str]) -> Document:
    """Return Yahoo's chart document.

    :raises UnknownSymbolError: the market does not know the symbol.
    :raises RefusalError: Yahoo knows it no more, or does not give what is asked.
    """
    view = market.view(symbol)
    if view.listing.gone:
        raise not_found()
    request = asked(symbol, query, view.now)
    period = period_of(view, request)
    check_limits(request, period, view.now)
    daily = view.daily()
    rows = _intraday(view, request, period) if request.intraday else _long(view, request, period, daily)
    return _document(view, request, period, (daily, rows))


def _document(view: View, request: Asked, period: tuple[int, int], served: tuple[Prices, Rows]) -> Document:
    daily, rows = served
    prices = rows.prices
    first = int(prices.start[0]) if len(prices) else None
    result: Document = {"meta": meta(view, request, daily, first)}
    if first is None:
        # This is how "nothing was traded then" looks; nobody can tell it from a symbol that is no more.
        return _wrapped(result | {"indicators": {"quote": [{}]}})
    if request.intraday:
        result["meta"]["tradingPeriods"] = trading_periods(view, request, period)
    result["timestamp"] = prices.start
    events = _events(view, request, period)
    if events:
        result["events"] = events
    names = ("open", "high", "low", "close", "volume")
    quote = dict(zip(names, prices.columns()[1:], strict=True))
    result["indicators"] = {"quote": [quote]}
    if rows.adjusted is not None:
        result["indicators"]["adjclose"] = [{"adjclose": rows.adjusted}]
    return _wrapped(result)


def _wrapped(result: Document) -> Document:
    return {"chart": {"result": [result], "error": None}}


def _intraday(view: View, request: Asked, period: tuple[int, int]) -> Rows:
    start, end = period
    prices = view.prices(request.interval, start, end, extended=request.extended)
    live = market_time(view)
    if view.running and len(prices) and start <= live <= end:
        price = prices.close[-1:]
        row = Columns(np.array([live]), price, price, price, price, np.zeros(1, dtype=np.int64))
        pairs = zip(prices.columns(), row.columns(), strict=True)
        prices = Columns(*(np.concatenate(pair) for pair in pairs))
    return Rows(prices)


def _long(view: View, request: Asked, period: tuple[int, int], daily: Prices) -> Rows:
    start, end = period
    adjusted = view.adjusted(daily)
    stamps = day_stamps(view)[: len(daily)].copy()
    chosen = (stamps >= start) & (stamps <= end)
    if request.interval != "1d":
        daily, adjusted, stamps = _grouped(view, request.interval, daily, adjusted)
        longest = stamps + _LONGEST[request.interval] * DAY
        ends = np.minimum(longest, np.append(stamps[1:], longest[-1:]))
        # A week or month that the start falls into is given whole.
        chosen = (ends > start) & (stamps <= end)
    elif view.running:
        stamps[-1] = market_time(view)
    columns = (daily.open, daily.high, daily.low, daily.close, daily.volume)
    return Rows(Columns(stamps, *columns).part(chosen), adjusted[chosen])


def _grouped(view: View, interval: str, daily: Prices, adjusted: Floats) -> tuple[Prices, Floats, Ints]:
    labels = label_of(_LABELS.get(interval, interval), daily.start // DAY)
    groups = groups_of(labels)
    stamps = period_stamps(view, labels[groups])
    last = np.append(groups[1:], len(daily)) - 1
    return daily.merged(groups, stamps), adjusted[last[: len(groups)]], stamps


def _events(view: View, request: Asked, period: tuple[int, int]) -> Document:
    days, stamps = view.history.sessions.day, day_stamps(view)
    events: Document = {}
    for action in view.actions:
        stamp = int(stamps[np.searchsorted(days, action.time // DAY)])
        name = _EVENTS[action.kind]
        if name in request.events and period[0] <= stamp <= period[1]:
            events.setdefault(name, {})[str(stamp)] = _event(action, stamp)
    return events


def _event(action: Action, stamp: int) -> Document:
    if action.kind is not ActionKind.SPLIT:
        return {"amount": action.value, "date": stamp}
    numerator, denominator = action.numerator, action.denominator
    ratio = f"{numerator}:{denominator}"
    return {"date": stamp, "numerator": numerator, "denominator": denominator, "splitRatio": ratio}
