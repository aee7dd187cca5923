"""What a chart request asks for, and what Yahoo refuses of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from webapp.sandbox.yahoo.answers import RefusalError

INTERVALS = ("1m", "2m", "5m", "15m", "30m", "60m", "90m", "1h", "4h", "1d", "5d", "1wk", "1mo", "3mo")
LONG = ("1d", "5d", "1wk", "1mo", "3mo")
RANGES = ("1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max")

_DAY = 86_400
_DAYS_A_REQUEST = {"1m": 8}
_DAYS_BACK = {
    "1m": 30,
    **dict.fromkeys(("2m", "5m", "15m", "30m", "90m"), 60),
    **dict.fromkeys(("60m", "1h", "4h"), 730),
}
_CUSTOM_RANGE = re.compile(r"([1-9]\d{0,4})(d|wk|mo|y)")
_EVENTS = {"div": "dividends", "split": "splits", "splits": "splits", "capitalGain": "capitalGains"}
_EVENTS |= {"capitalGains": "capitalGains"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A chart request.

    :param period: ``(period1, period2)`` in epoch seconds, or ``None`` if a range is asked for.
    :param range: Yahoo's word for a range that ends now (``5d``), or an empty text.
    :param extended: with the hours before and after the regular session.
    :param events: of ``dividends``, ``splits`` and ``capitalGains``, those that are asked for.
    """

    symbol: str
    interval: str
    period: tuple[int, int] | None
    range: str
    extended: bool
    events: frozenset[str]

    @property
    def intraday(self) -> bool:
        """Return whether the bars are shorter than a day."""
        return self.interval not in LONG

    @property
    def granularity(self) -> str:
        """Return the name by which Yahoo answers."""
        return "1h" if self.interval == "60m" else self.interval


def asked(symbol: str, query: Mapping[str, str], now: float) -> Asked:
    """Read a chart request.

    :raises RefusalError: an interval, range or period that Yahoo does not take.
    """
    interval = query.get("interval", "1d")
    if interval not in INTERVALS:
        raise _invalid(
            f"interval={interval} is not supported. Valid intervals: [{', '.join(INTERVALS)}]",
        )
    period = _period(query, now)
    range_text = "" if period else query.get("range", "1d")
    if range_text and range_text not in RANGES and not _CUSTOM_RANGE.fullmatch(range_text):
        raise _invalid(f"range={range_text} is not supported. Valid ranges: [{', '.join(RANGES)}]")
    words = re.split(r"[,|]", query.get("events", ""))
    return Asked(
        symbol,
        interval,
        period,
        range_text,
        query.get("includePrePost", "").lower() == "true",
        frozenset(_EVENTS[word] for word in words if word in _EVENTS),
    )


def range_length(range_text: str) -> tuple[int, str]:
    """Return the count and the unit (``d``, ``wk``, ``mo`` or ``y``) of a range such as ``5d``."""
    match = _CUSTOM_RANGE.fullmatch(range_text)
    if match is None:
        message = f"{range_text} is not a length of time."
        raise ValueError(message)
    return int(match[1]), match[2]


def check_limits(request: Asked, period: tuple[int, int], now: float) -> None:
    """Refuse what Yahoo does not keep or does not give at once.

    :raises RefusalError: in Yahoo's words, 422; there is no partial answer.
    """
    start, end = period
    count, unit = range_length(request.range) if _CUSTOM_RANGE.fullmatch(request.range) else (0, "")
    # A range of days is counted in sessions: 60 of them are allowed, though they began 85 days ago.
    length = count if unit == "d" else (end - start) / _DAY
    head = f"{request.interval} data not available for startTime={start} and endTime={end}."
    at_once = _DAYS_A_REQUEST.get(request.interval, length)
    if length > at_once:
        tail = f"Only {at_once} days worth of {request.interval} granularity data are allowed to be fetched"
        raise RefusalError(422, "Unprocessable Entity", f"{head} {tail} per request.")
    back = _DAYS_BACK.get(request.interval, inf)
    if count > back if unit == "d" else now - start >= back * _DAY:
        tail = f"The requested range must be within the last {back} days."
        raise RefusalError(422, "Unprocessable Entity", f"{head} {tail}")


def _period(query: Mapping[str, str], now: float) -> tuple[int, int] | None:
    if "period1" not in query and "period2" not in query:
        return None
    try:
        start, end = int(query.get("period1", 0)), int(query.get("period2", now))
    except ValueError as error:
        raise _invalid(f"period1={query.get('period1')}, period2={query.get('period2')}") from error
    if start > end:
        raise _invalid(f"start date cannot be after end date. startDate = {start}, endDate = {end}")
    return start, end


def _invalid(what: str) -> RefusalError:
    return RefusalError(400, "Bad Request", f"Invalid input - {what}")
