"""The lengths that a bar may have, and which bar an instant belongs to."""

import datetime as dt
import re
from enum import StrEnum

MINUTE = 60
HOUR = 3600
DAY = 86_400
WEEK = 7 * DAY
EPOCH_MONDAY = 4 * DAY  # 1970-01-05 was a Monday


class Interval(StrEnum):
    """Length of a bar, in the words of docs/data.md#intervals."""

    S1 = "1s"
    S5 = "5s"
    S10 = "10s"
    S15 = "15s"
    S30 = "30s"
    M1 = "1m"
    M2 = "2m"
    M3 = "3m"
    M5 = "5m"
    M10 = "10m"
    M15 = "15m"
    M20 = "20m"
    M30 = "30m"
    H1 = "1h"
    H2 = "2h"
    H3 = "3h"
    H4 = "4h"
    H8 = "8h"
    D1 = "1d"
    W1 = "1wk"
    MO1 = "1mo"

    @property
    def seconds(self) -> int:
        """Length in seconds; a month counts as 30 days here, see ``next_start`` for exact steps."""
        return _SECONDS[self]

    @property
    def is_dated(self) -> bool:
        """Whether bars are labelled by the exchange's trading date (at 00:00 UTC) rather than by an instant."""
        return self.seconds >= DAY


_UNITS = {"s": 1, "m": MINUTE, "h": HOUR, "d": DAY, "wk": WEEK, "mo": 30 * DAY}


def _seconds(text: str) -> int:
    digits = "".join(c for c in text if c.isdigit())
    return int(digits) * _UNITS[text[len(digits) :]]


_SECONDS = {interval: _seconds(interval.value) for interval in Interval}
_SPELLINGS = {
    "s": ("sec", "secs", "second", "seconds"),
    "m": ("min", "mins", "minute", "minutes"),
    "h": ("hr", "hrs", "hour", "hours", "hourly"),
    "d": ("day", "days", "daily"),
    "wk": ("w", "wks", "week", "weeks", "weekly"),
    "mo": ("mon", "month", "months", "monthly"),
}
_UNIT_BY_WORD = {word: unit for unit, words in _SPELLINGS.items() for word in (unit, *words)}
_INTERVAL = re.compile(r"([0-9]{0,4})[\s_-]*([A-Za-z]+)")


def parse_interval(text: str) -> Interval | None:
    """Return the interval that is meant by a text (``1D``, ``60m``, ``1 hour``, ``daily``); None for any other.

    Case does not matter, but that ``1m`` is a minute and a capital ``1M`` a month, as charts and TWS write it. More
    than one month with a capital (``5M``) may be meant either way, and is none.
    """
    match = _INTERVAL.fullmatch(text.strip())
    if not match:
        return None
    count, word = int(match[1] or 1), match[2]
    unit = "mo" if word == "M" else _UNIT_BY_WORD.get(word.lower())
    if unit is None:
        return None
    seconds = count * _UNITS[unit]
    if _UNITS[unit] >= DAY:
        return next((dated for dated in Interval if dated.is_dated and dated.value == f"{count}{unit}"), None)
    return next((short for short in Interval if not short.is_dated and short.seconds == seconds), None)


def period_start(time: int, interval: Interval) -> int:
    """Return the start (epoch seconds, UTC) of the dated period that ``time`` lies in: its day, Monday or first."""
    if interval is Interval.MO1:
        day = dt.datetime.fromtimestamp(time, dt.UTC)
        return int(dt.datetime(day.year, day.month, 1, tzinfo=dt.UTC).timestamp())
    if interval is Interval.W1:
        return time - (time - EPOCH_MONDAY) % WEEK
    return time - time % interval.seconds


def next_start(time: int, interval: Interval) -> int:
    """Return the start of the period after the one that ``time`` lies in (epoch seconds, UTC)."""
    start = period_start(time, interval)
    if interval is Interval.MO1:
        return period_start(start + 31 * DAY, interval)
    return start + interval.seconds


def bar_end(start: int, interval: Interval) -> int:
    """Return the end (epoch seconds) of a bar that starts there: of its period, or after its length on any grid."""
    return next_start(start, interval) if interval.is_dated else start + interval.seconds
