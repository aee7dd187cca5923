"""Times as people's files write them, turned into the starts of bars."""

import datetime as dt
import re
from functools import lru_cache
from math import gcd
from zoneinfo import ZoneInfo

from webapp.errors import Sentence, sentence
from webapp.kernel.closing import local_date_label
from webapp.kernel.intervals import DAY, HOUR, MINUTE, period_start
from webapp.kernel.requests import EARLIEST, LATEST
from webapp.sources.own.rules_imported import Cell, DateOrder, Names, Reading, UnreadableLineError
from webapp.sources.own.rules_numbers import number

_QUARTER = 15 * MINUTE
"""Offsets of time zones change at quarters of an hour, and sessions begin at them."""
_DATE = re.compile(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_APART = re.compile(r"[T ,]+")
_CLOCK = re.compile(
    r"(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,](\d+))?)?\s*(?:([AP])\.?M\.?)?\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?",
    re.IGNORECASE,
)
_NOON = 12
_MIDNIGHT = 24
_CENTURY = 100
_PIVOT = 70  # as POSIX reads years of two digits, near enough
FORMS = {
    DateOrder.YEAR_FIRST: "2024-12-31",
    DateOrder.DAY_FIRST: "31/12/2024",
    DateOrder.MONTH_FIRST: "12/31/2024",
    DateOrder.SECONDS: "1735603200",
    DateOrder.MILLISECONDS: "1735603200000",
}
"""How the last day of 2024 is written in each order."""


class Moments:
    """Reads times: the start of a bar (epoch seconds UTC), or the label of its date for dated intervals."""

    def __init__(self, reading: Reading) -> None:
        self.order, self.zone, self.interval = reading.order, reading.zone, reading.interval
        self.shift = 0
        if reading.names is Names.END and not reading.interval.is_dated:
            self.shift = reading.interval.seconds
        self.grid = gcd(reading.interval.seconds, _QUARTER)

    def start(self, cell: Cell, clock: Cell = None) -> int:
        """Return the start of the bar of a line.

        :param clock: the time of day, where it stands apart.
        :raises UnreadableLineError: when it is none, or does not lie where such bars begin.
        """
        start = self._read(cell, clock)
        if self.interval.is_dated:
            return period_start(start, self.interval)
        if start % self.grid:
            message = sentence("No %(interval)s bar begins at such a time.", interval=self.interval.value)
            raise UnreadableLineError(message)
        return start - self.shift

    def _read(self, cell: Cell, clock: Cell) -> int:
        if self.order in (DateOrder.SECONDS, DateOrder.MILLISECONDS):
            return self._of_instant(_epoch(cell, self.order))
        day, time = parts(cell, clock)
        midnight = _in_reach(_day(day, self.order) * DAY)
        seconds, offset = clock_of(time)
        if offset == 0:
            return self._of_instant(midnight + seconds)
        if self.interval.is_dated:
            return midnight  # as it is written: an offset says that the writer's clock, and so its date, is local
        return self._of_wall(midnight + seconds) if offset is None else midnight + seconds - offset

    def _of_instant(self, instant: int) -> int:
        """Return an instant, or its date: midnight UTC is how files write a date, anything else is seen locally."""
        if not self.interval.is_dated or instant % DAY == 0:
            return instant
        return local_date_label(instant, ZoneInfo(self.zone))

    def _of_wall(self, wall: int) -> int:
        """Return the instant at which a clock on the wall showed so many seconds since 1970.

        :raises UnreadableLineError: when it did so twice, or never.
        """
        first, second = _offsets(self.zone, wall // _QUARTER)
        if first > second:
            message = sentence(
                "The clocks of %(zone)s showed this time twice, when they were set back.", zone=self.zone
            )
            raise UnreadableLineError(message)
        if first < second:
            message = sentence("The clocks of %(zone)s never showed this time: they were set forward.", zone=self.zone)
            raise UnreadableLineError(message)
        return wall - first


def parts(cell: Cell, clock: Cell = None) -> tuple[str, str]:
    """Return the texts of the date and of the time of day (empty for none).

    :raises UnreadableLineError: when there is no date.
    """
    text = "" if cell is None else str(cell).strip()
    if not text:
        raise UnreadableLineError(sentence("There is no time on this line."))
    day, *rest = _APART.split(text, maxsplit=1)
    time = "" if clock is None else str(clock).strip()
    return day, time or "".join(rest)


def numbers_of(day: str) -> tuple[str, str, str] | None:
    """Return the three numbers of a date as they stand there, None for what is no date."""
    match = _DATE.fullmatch(day) or _COMPACT.fullmatch(day)
    return (match[1], match[2], match[3]) if match else None


def _in_reach(time: int) -> int:
    """Return a time (epoch seconds), before anything is reckoned with it that years far away break.

    :raises UnreadableLineError: when it lies too far from ours.
    """
    if time < EARLIEST:
        raise UnreadableLineError(sentence("This lies before the year 1900."))
    if time >= LATEST:
        raise UnreadableLineError(sentence("This lies after the year 2200."))
    return time


def _epoch(cell: Cell, order: DateOrder) -> int:
    try:
        value = number(cell, ".")
    except (ValueError, TypeError) as err:
        raise UnreadableLineError(_not_a_date(str(cell), order)) from err
    instant = value / 1000 if order is DateOrder.MILLISECONDS else value
    if instant != int(instant):
        raise UnreadableLineError(sentence("Bars begin at whole seconds."))
    if abs(instant) > _CENTURY * 366 * DAY * 2:
        raise UnreadableLineError(_not_a_date(str(cell), order))
    return _in_reach(int(instant))


def _day(text: str, order: DateOrder) -> int:
    days = _days(text, order)
    if days is None:
        raise UnreadableLineError(_not_a_date(text, order))
    return days


@lru_cache(maxsize=4096)
def _days(text: str, order: DateOrder) -> int | None:
    """Return the days since 1970 of a date, None for what is none."""
    numbers = numbers_of(text)
    if numbers is None:
        return None
    order = DateOrder.YEAR_FIRST if len(numbers[0]) == len("2024") else order
    year, month, day = (int(numbers[place]) for place in _PLACES[order])
    if len(numbers[_PLACES[order][0]]) <= len("24"):
        year += 2000 if year < _PIVOT else 1900
    try:
        return dt.date(year, month, day).toordinal() - dt.date(1970, 1, 1).toordinal()
    except ValueError:
        return None


_PLACES = {DateOrder.YEAR_FIRST: (0, 1, 2), DateOrder.DAY_FIRST: (2, 1, 0), DateOrder.MONTH_FIRST: (2, 0, 1)}


def clock_of(text: str) -> tuple[int, int | None]:
    """Return the seconds since midnight, and the offset from UTC where one is written.

    :raises UnreadableLineError: when it is no time of day, or no whole second.
    """
    parsed = _seconds(text) if text else (0, None)
    if parsed is None:
        raise UnreadableLineError(sentence("“%(text)s” is not a time of day.", text=text[:40]))
    return parsed


@lru_cache(maxsize=100_000)
def _seconds(text: str) -> tuple[int, int | None] | None:
    match = _CLOCK.fullmatch(text)
    if match is None or (match[4] or "").strip("0"):
        return None
    hours, minutes, seconds = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[5]:
        hours = hours % _NOON + (_NOON if match[5].upper() == "P" else 0)
    if hours > _MIDNIGHT or minutes >= MINUTE or seconds >= MINUTE:
        return None
    return hours * HOUR + minutes * MINUTE + seconds, _offset(match[6])


def _offset(text: str | None) -> int | None:
    if text is None:
        return None
    digits = text.replace(":", "")
    if digits[0] not in "+-":
        return 0
    seconds = int(digits[1:3]) * HOUR + int(digits[3:] or 0) * MINUTE
    return -seconds if digits[0] == "-" else seconds


@lru_cache(maxsize=65_536)
def _offsets(zone: str, quarter: int) -> tuple[int, int]:
    """Return the offsets of a wall time before and after a change of the clocks; equal where there is none."""
    wall = (dt.datetime(1970, 1, 1) + dt.timedelta(seconds=quarter * _QUARTER)).replace(tzinfo=ZoneInfo(zone))  # noqa: DTZ001
    before, after = wall.utcoffset(), wall.replace(fold=1).utcoffset()
    none = dt.timedelta(0)
    return int((before or none).total_seconds()), int((after or none).total_seconds())


def _not_a_date(text: str, order: DateOrder) -> Sentence:
    return sentence("“%(text)s” is not a date like %(form)s.", text=text[:40], form=FORMS[order])
