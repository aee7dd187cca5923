"""From a chunk to the question that TWS is asked, in its own units.

Sources: IBKR Campus, TWS API, "Duration", "Historical bar sizes", "Maximum duration per bar size", "Format date
received". Ends are written as UTC texts: the libraries take a date or a naive time in the zone of this machine.
"""

import datetime as dt
import math
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from webapp.kernel.closing import local_date_label, local_instant
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, MINUTE, Interval, next_start, period_start
from webapp.kernel.spans import Span
from webapp.sources.base import ChunkRequest
from webapp.sources.ibkr.contract_names import Contract, SecType, What
from webapp.sources.ibkr.offer import SMALL, is_endless

BAR_SIZES = {
    Interval.S1: "1 secs",
    Interval.S5: "5 secs",
    Interval.S10: "10 secs",
    Interval.S15: "15 secs",
    Interval.S30: "30 secs",
    Interval.M1: "1 min",
    Interval.M2: "2 mins",
    Interval.M3: "3 mins",
    Interval.M5: "5 mins",
    Interval.M10: "10 mins",
    Interval.M15: "15 mins",
    Interval.M20: "20 mins",
    Interval.M30: "30 mins",
    Interval.H1: "1 hour",
    Interval.H2: "2 hours",
    Interval.H3: "3 hours",
    Interval.H4: "4 hours",
    Interval.H8: "8 hours",
    Interval.D1: "1 day",
    Interval.W1: "1 day",
    Interval.MO1: "1 day",
}
"""Weeks and months are made of days, whose dates are beyond doubt; TWS stamps its own by their ends."""

_SHORTEST = 30
_MAX_DAYS = 365
_DAYS_OF_YEAR = 365
_STRADDLING = 10 * MINUTE
_WORKING_DAYS = 5
_WORKING_WEEKS = ("America/", "Europe/")
_NO_WORKING_WEEK = ("Europe/Moscow",)
_EVENING_OPENS = (SecType.FUTURE, SecType.CONTINUOUS, SecType.FOREX)


@dataclass(frozen=True, slots=True)
class HistoryRequest:
    """A request for bars, as TWS takes it. An empty ``end`` is the present moment."""

    end: str
    duration: str
    bar_size: str
    what: str
    is_regular: bool
    is_strict: bool

    @property
    def cost(self) -> int:
        """How often it counts in the pacing rules."""
        return 2 if self.what == What.BID_ASK else 1


def build_history_request(
    request: ChunkRequest, contract: Contract, facts: InstrumentFacts, now: float
) -> HistoryRequest | None:
    """Return what to ask for a chunk: at least its span. None when no bar can start in it."""
    span = days_to_request(request) if request.interval.is_dated else request.span
    if not span:
        return None
    what = request.options.get("what") or What.TRADES.value
    zone = ZoneInfo(facts.timezone or "UTC")
    reach = _dated_reach(span, zone) if request.interval.is_dated else _intraday_reach(span, request.interval)
    if is_endless(contract, what) or reach.end >= now:
        end, reach = "", Span(reach.start, math.ceil(now) + MINUTE)
    else:
        end = dt.datetime.fromtimestamp(reach.end, dt.UTC).strftime("%Y%m%d-%H:%M:%S")
    return HistoryRequest(
        end=end,
        duration=_duration(reach, contract, zone, is_dated=request.interval.is_dated),
        bar_size=BAR_SIZES[request.interval],
        what=what,
        is_regular=request.options.get("rth", "true") != "false",
        is_strict=request.interval in SMALL,
    )


def days_to_request(request: ChunkRequest) -> Span:
    """Return the dates that a dated chunk is made of: those of the periods that start in its span, whole."""
    span, interval = request.span, request.interval
    first = period_start(span.start, interval)
    if first < span.start:
        first = next_start(span.start, interval)
    return Span(first, next_start(span.end - 1, interval) if first < span.end else first)


def _intraday_reach(span: Span, interval: Interval) -> Span:
    """Return the time that must be asked for, for every bar that starts in the span to be whole.

    Bars of ten minutes and more start on the local clock, and may lie across the span's ends in UTC.
    """
    margin = interval.seconds if interval.seconds >= _STRADDLING else 0
    return Span(span.start - margin, span.end + margin)


def _dated_reach(days: Span, zone: ZoneInfo) -> Span:
    """Return the local midnights around the dates: a session is over by the midnight after its date."""
    return Span(local_instant(days.start, 0, zone), local_instant(days.end, 0, zone))


def _duration(reach: Span, contract: Contract, zone: ZoneInfo, *, is_dated: bool) -> str:
    """Return a duration that reaches at least as far; ``N D`` are N trading sessions, not days."""
    if reach.seconds <= DAY and not is_dated:
        return f"{max(_SHORTEST, reach.seconds)} S"
    days = math.ceil(reach.seconds / DAY)
    if days >= _MAX_DAYS:
        return f"{math.ceil((days + 1) / _DAYS_OF_YEAR)} Y"
    return f"{_sessions(reach, contract, zone)} D"


def _sessions(reach: Span, contract: Contract, zone: ZoneInfo) -> int:
    """Return how many sessions may lie in a time, and rather too many."""
    first, last = local_date_label(reach.start, zone), local_date_label(reach.end - 1, zone)
    dates = (last - first) // DAY + 1
    if contract.kind is SecType.CRYPTO or not zone.key.startswith(_WORKING_WEEKS) or zone.key in _NO_WORKING_WEEK:
        return dates + 1
    weeks, rest = divmod(dates, 7)
    weekday = dt.datetime.fromtimestamp(first, dt.UTC).weekday()
    working = weeks * _WORKING_DAYS + sum((weekday + day) % 7 < _WORKING_DAYS for day in range(rest))
    return max(1, working + (contract.kind in _EVENING_OPENS))
