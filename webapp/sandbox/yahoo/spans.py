"""Which stretch of time a request means, and where Yahoo stamps the bars in it."""

from calendar import monthrange
from datetime import date
from math import ceil

import numpy as np

from webapp.sandbox import intraday
from webapp.sandbox.calendars import FIRST, date_of, day_number, local_day, midnight
from webapp.sandbox.listings import Kind
from webapp.sandbox.noise import Ints
from webapp.sandbox.view import View
from webapp.sandbox.yahoo.answers import RefusalError
from webapp.sandbox.yahoo.asked import Asked, range_length

_EVENING_SECONDS = 21_600
"""A futures session opens at 18:00 of the day before the one that it is named after."""


def day_stamps(view: View) -> Ints:
    """Return the epoch second at which Yahoo stamps each session of a listing's life."""
    opening = view.history.sessions.open
    # The clock never changes between a futures session's opening on Sunday evening and midnight.
    return opening + _EVENING_SECONDS if view.listing.kind is Kind.FUTURE else opening


def period_stamps(view: View, labels: Ints) -> Ints:
    """Return the local midnights at which Yahoo stamps weeks and months; labels are day numbers."""
    timezone = view.listing.venue.timezone
    return np.array([midnight(day, timezone) for day in labels.tolist()], dtype=np.int64)


def market_time(view: View) -> int:
    """Return the epoch second of the last trade."""
    if view.running:
        last = ceil(view.now) - 1
        # Yahoo's live row is known by its odd second; a bar may start at the full minute.
        return last if last % intraday.MINUTE else last + 1
    return int(view.history.sessions.close[view.begun - 1]) if view.begun else int(view.now)


def period_of(view: View, request: Asked) -> tuple[int, int]:
    """Return the first and last epoch second that are asked for.

    :raises RefusalError: the listing was not yet traded then.
    """
    if request.period is None:
        return _range_start(view, request), int(view.now)
    start, end = request.period
    if not request.intraday and end < day_stamps(view)[0]:
        text = f"Data doesn't exist for startDate = {start}, endDate = {end}"
        raise RefusalError(400, "Bad Request", text)
    return start, end


def _range_start(view: View, request: Asked) -> int:
    if request.range == "max":
        return int(day_stamps(view)[0])
    if request.range == "ytd":
        return midnight(day_number(_today(view).replace(month=1, day=1)), view.listing.venue.timezone)
    count, unit = range_length(request.range)
    begun = view.begun
    if unit == "d" and begun and _alive(view):
        early = intraday.BEFORE if request.extended else 0
        return int(view.history.sessions.open[max(begun - count, 0)]) - early
    return midnight(day_number(_back(_today(view), count, unit)), view.listing.venue.timezone)


def _today(view: View) -> date:
    return date_of(local_day(view.now, view.listing.venue.timezone))


def _alive(view: View) -> bool:
    return view.listing.last is None or _today(view) <= view.listing.last


def _back(day: date, count: int, unit: str) -> date:
    """Return the day so many days, weeks, months or years ago, as far back as there can be prices."""
    if unit in {"d", "wk"}:
        first = day_number(FIRST)
        return date_of(max(day_number(day) - count * (7 if unit == "wk" else 1), first))
    months = day.year * 12 + day.month - 1 - count * (12 if unit == "y" else 1)
    year, month = divmod(max(months, FIRST.year * 12), 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
