"""Dates and instants as people give them, turned into spans of bars' starts: one rule for every interface.

A date is a whole day of the exchange, inclusive; an instant is an instant, half-open, and UTC unless it says otherwise;
bars of a day or longer know dates only (docs/data.md#time).
"""

import datetime as dt
from zoneinfo import ZoneInfo

from webapp.errors import InvalidRequestError, sentence
from webapp.kernel.closing import local_instant
from webapp.kernel.instants import EPOCH, EPOCH_DATE
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.spans import EVER, Span

FIRST_ZONE = ZoneInfo("Etc/GMT-14")
"""Where a day begins first on earth (UTC+14), for an exchange whose zone nobody knows yet."""
LAST_ZONE = ZoneInfo("Etc/GMT+12")
"""Where it ends last (UTC-12)."""
_FAR = 2**34
"""Seconds (to the year 2514) beyond which no wall clock is asked for an instant."""


def date_of(moment: dt.date) -> dt.date:
    """Return the date that a moment says, as it is written; a date itself."""
    return moment.date() if isinstance(moment, dt.datetime) else moment


def label_of(day: dt.date) -> int:
    """Return a date's label: its 00:00 UTC, in epoch seconds."""
    return (day - EPOCH_DATE).days * DAY


def day_of(label: int) -> dt.date:
    """Return the date of a label."""
    return EPOCH_DATE + dt.timedelta(days=label // DAY)


def span_between(
    start: dt.date | None, end: dt.date | None, *, is_dated: bool, zone: ZoneInfo | None, dates_only: bool = False
) -> Span:
    """Return the span of the bars' starts from one moment to another; what is left out has no bound.

    :param is_dated: whether the bars are labelled by dates; their span is one of labels then.
    :param zone: the exchange's. None where nobody knows it: the days are then as long as they are anywhere on earth,
        so that nothing of them is left out.
    :param dates_only: whether only the dates of instants count, as for longer bars that are made of short ones.
    """
    if is_dated or dates_only:
        start, end = (None if moment is None else date_of(moment) for moment in (start, end))
    return Span(
        EVER.start if start is None else _edge(start, zone or FIRST_ZONE, is_dated=is_dated, days=0),
        EVER.end if end is None else _edge(end, zone or LAST_ZONE, is_dated=is_dated, days=1),
    )


def require_order(start: dt.date | None, end: dt.date | None, span: Span | None = None) -> None:
    """Let pass what may hold a bar.

    :param span: what ``span_between`` makes of the two; None where the exchange is not known, and only what is reversed
        everywhere is refused.
    :raises InvalidRequestError: with the field ``end``, when it lies before the start.
    """
    if start is None or end is None:
        return
    if _is_reversed(start, end) or (span is not None and not span):
        message = sentence("The end lies before the start. Exchange the two, or choose a later end.")
        raise InvalidRequestError({"end": message})


def _is_reversed(start: dt.date, end: dt.date) -> bool:
    """Tell it of two dates, whose days may overlap where no zone is known, or of two instants and their dates."""
    if date_of(end) >= date_of(start):
        return False
    if isinstance(start, dt.datetime) and isinstance(end, dt.datetime):
        return _edge(end, LAST_ZONE, is_dated=False, days=0) < _edge(start, FIRST_ZONE, is_dated=False, days=0)
    return not isinstance(start, dt.datetime) and not isinstance(end, dt.datetime)


def _edge(moment: dt.date, zone: ZoneInfo, *, is_dated: bool, days: int) -> int:
    """Return an instant to the second; of a date the instant (or the label) so many days after it begins."""
    if isinstance(moment, dt.datetime):
        aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        return (aware - EPOCH) // dt.timedelta(seconds=1)
    label = label_of(moment) + days * DAY
    return label if is_dated or abs(label) > _FAR else local_instant(label, 0, zone)


def moments_of(span: Span, interval: Interval) -> tuple[dt.date, dt.date]:
    """Return a span of bars' starts as a request says it: its dates, or its instants for bars shorter than a day."""
    if interval.is_dated:
        return day_of(span.start), max(day_of(span.start), day_of(span.end - 1))
    start, end = (EPOCH + dt.timedelta(seconds=edge) for edge in (span.start, span.end))
    return start, end
