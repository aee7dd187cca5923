"""A request to collect, as a person, a script or a schedule puts it, checked and turned into a span of time."""

import calendar
import datetime as dt
import re
from dataclasses import dataclass, field

from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.job_states import Priority
from webapp.kernel.spans import Span

EARLIEST = -2_208_988_800  # 1900-01-01; no source serves older bars
LATEST = 7_289_654_400  # 2201-01-01; a later time is a slip of the pen, and calendars soon end
PERIODS = ("1d", "5d", "1wk", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "20y", "ytd", "max")
DATES = "dates"
"""What stands in a form in the place of a period when dates are chosen."""
_PERIOD = re.compile(r"([1-9]\d{0,3})(d|wk|mo|y)")


@dataclass(frozen=True, slots=True)
class CollectRequest:
    """What to collect. Either ``period``, or ``start`` with an optional ``end``.

    Dates are inclusive trading days (UTC days for intraday bars); a date-time is taken to the second, UTC unless it
    says otherwise, and as an end it is exclusive.
    """

    source: str
    symbols: tuple[str, ...]
    interval: Interval
    start: dt.date | dt.datetime | None = None
    end: dt.date | dt.datetime | None = None
    period: str | None = None
    options: dict[str, str] = field(default_factory=dict)
    priority: Priority = Priority.NORMAL
    refresh: bool = False


def _midnight(day: dt.date) -> int:
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp())


def _instant(moment: dt.date | dt.datetime, *, is_end: bool) -> int:
    if isinstance(moment, dt.datetime):
        aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        return int(aware.timestamp())
    return _midnight(moment) + (DAY if is_end else 0)


def _months_back(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def period_begin(period: str, today: dt.date) -> int:
    """Return where a period that ends today begins (epoch seconds, 00:00 UTC of a day).

    :raises InvalidRequestError: for a period that is neither in ``PERIODS`` nor like ``45d``, ``6wk`` or ``18mo``.
    """
    if period == "max":
        return EARLIEST
    if period == "ytd":
        return _midnight(dt.date(today.year, 1, 1))
    match = _PERIOD.fullmatch(period)
    if not match:
        message = sentence(
            "“%(period)s” is not a period. Use one of %(periods)s, or a number with d, wk, mo or y.",
            period=period[:20],
            periods=", ".join(PERIODS),
        )
        raise InvalidRequestError({"period": message})
    count, unit = int(match[1]), match[2]
    if unit in ("mo", "y"):
        months = count * (12 if unit == "y" else 1)
        return max(EARLIEST, _midnight(_months_back(today, min(months, 12 * (today.year - 1900)))))
    days = count * (7 if unit == "wk" else 1)
    return max(EARLIEST, _midnight(today) - (days - 1) * DAY)


def _dates_problem(request: CollectRequest, now: int) -> dict[str, Sentence]:
    if request.start is None:
        return {"start": sentence("Give a period, or a first day.")}
    start = _instant(request.start, is_end=False)
    end = _instant(request.end, is_end=True) if request.end else None
    if end is not None and end <= start:
        return {"end": sentence("The end lies before the start. Exchange the two, or choose a later end.")}
    if start > now:
        return {"start": sentence("The start lies in the future; nothing has been traded there yet.")}
    return {}


def asked_span(request: CollectRequest, now: float) -> Span:
    """Return the span of bar starts asked for, at most up to tomorrow's date (a day that has begun somewhere).

    :raises InvalidRequestError: with the fields ``period``, ``start`` or ``end`` when they contradict each other.
    """
    today = dt.datetime.fromtimestamp(now, dt.UTC).date()
    latest = _midnight(today) + 2 * DAY if request.interval.is_dated else int(now)
    if request.period:
        if request.start or request.end:
            message = sentence("Give either a period or dates, not both.")
            raise InvalidRequestError({"period": message})
        return Span(period_begin(request.period, today), latest)
    problems = _dates_problem(request, int(now))
    if problems or request.start is None:
        raise InvalidRequestError(problems)
    start = max(EARLIEST, _instant(request.start, is_end=False))
    end = _instant(request.end, is_end=True) if request.end else latest
    return Span(start, max(min(end, latest), start + 1))
