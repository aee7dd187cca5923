"""A request to collect, as a person, a script or a schedule puts it, checked and turned into a span of time."""

import calendar
import datetime as dt
import re
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.days import FIRST_ZONE, date_of, day_of, label_of, require_order, span_between
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

    A date is a whole day of the exchange, inclusive; a date-time is taken to the second, UTC unless it says otherwise,
    and as an end it is exclusive. For bars of a day or longer only its date counts.
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
        return label_of(dt.date(today.year, 1, 1))
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
        return max(EARLIEST, label_of(_months_back(today, min(months, 12 * (today.year - 1900)))))
    days = count * (7 if unit == "wk" else 1)
    return max(EARLIEST, label_of(today) - (days - 1) * DAY)


def _dates_problem(request: CollectRequest, span: Span, now: int, newest_day: dt.date) -> dict[str, Sentence]:
    start = request.start
    if start is None:
        return {"start": sentence("Give a period, or a first day.")}
    is_day = request.interval.is_dated or not isinstance(start, dt.datetime)
    if date_of(start) > newest_day if is_day else span.start > now:
        return {"start": sentence("The start lies in the future; nothing has been traded there yet.")}
    return {}


def asked_span(request: CollectRequest, now: float, zone: ZoneInfo | None = None) -> Span:
    """Return the span of bar starts asked for, at most up to tomorrow's date (a day that has begun somewhere).

    :param zone: the exchange's, None while nobody knows it (see ``span_between``).
    :raises InvalidRequestError: with the fields ``period``, ``start`` or ``end`` when they contradict each other.
    """
    is_dated = request.interval.is_dated
    today = dt.datetime.fromtimestamp(now, zone or dt.UTC).date()
    latest = label_of(dt.datetime.fromtimestamp(now, dt.UTC).date()) + 2 * DAY if is_dated else int(now)
    start, end = request.start, request.end
    if request.period:
        if start or end:
            message = sentence("Give either a period or dates, not both.")
            raise InvalidRequestError({"period": message})
        begin = period_begin(request.period, today)
        if begin <= EARLIEST:
            return Span(EARLIEST, latest)
        start = day_of(begin)
    span = span_between(start, end, is_dated=is_dated, zone=zone)
    if not request.period:
        require_order(start, end, span)
        newest_day = dt.datetime.fromtimestamp(now, zone or FIRST_ZONE).date()
        if problems := _dates_problem(request, span, int(now), newest_day):
            raise InvalidRequestError(problems)
    start_at = max(EARLIEST, span.start)
    return Span(start_at, max(min(span.end, latest), start_at + 1))
