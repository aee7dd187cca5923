"""Times as people's files write them, turned into the starts of bars."""

import datetime as dt
import re
from functools import lru_cache
from math import gcd
from zoneinfo import ZoneInfo

from webapp.errors import Sentence, sentence
from webapp.kernel.closing import local_date_label
from webapp.kernel.intervals import DAY, MINUTE, period_start
from webapp.kernel.requests import EARLIEST, LATEST
from webapp.sources.own.rules_clocks import clock_of
from webapp.sources.own.rules_dates import date_in_words, days_of, numbers_of
from webapp.sources.own.rules_imported import (
    Cell,
    DateOrder,
    Names,
    Reading,
    UnreadableFileError,
    UnreadableLineError,
)
from webapp.sources.own.rules_numbers import number

_QUARTER = 15 * MINUTE
"""Offsets of time zones change at quarters of an hour, and sessions begin at them."""
_APART = re.compile(r"[T ,]+")
_WHOLE = re.compile(r"(\d{8})(\d{6})")
_UNIVERSAL = re.compile(r"(\d{8})-(\d{2}:\d{2}(?::\d{2})?)")
"""As TWS and FIX write an instant in UTC (IBKR, «Historical bars», formats of dates)."""
_EPOCH = re.compile(r"-?\d{1,20}")
_CENTURY = 100
SCALES = {
    DateOrder.SECONDS: 1,
    DateOrder.MILLISECONDS: 1_000,
    DateOrder.MICROSECONDS: 1_000_000,
    DateOrder.NANOSECONDS: 1_000_000_000,
}
"""How many of the unit a second has, of times that are numbers since 1970."""
FORMS = {
    DateOrder.YEAR_FIRST: "2024-12-31",
    DateOrder.DAY_FIRST: "31/12/2024",
    DateOrder.MONTH_FIRST: "12/31/2024",
    DateOrder.NAMED: "31 Dec 2024",
    DateOrder.SECONDS: "1735603200",
    DateOrder.MILLISECONDS: "1735603200000",
    DateOrder.MICROSECONDS: "1735603200000000",
    DateOrder.NANOSECONDS: "1735603200000000000",
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
        if self.order in SCALES:
            return self._of_instant(_epoch(cell, self.order))
        day, time = parts(cell, clock)
        midnight = _in_reach(_day(day, self.order) * DAY)
        seconds, place = clock_of(time)
        if place == 0:
            return self._of_instant(midnight + seconds)
        if self.interval.is_dated:
            return midnight  # as it is written: an offset says that the writer's clock, and so its date, is local
        if isinstance(place, int):
            return midnight + seconds - place
        return _of_wall(midnight + seconds, place or self._said_zone())

    def _of_instant(self, instant: int) -> int:
        """Return an instant, or its date: midnight UTC is how files write a date, anything else is seen locally."""
        if not self.interval.is_dated or instant % DAY == 0:
            return instant
        return local_date_label(instant, ZoneInfo(self._said_zone()))

    def _said_zone(self) -> str:
        """Return the zone of the clocks that the file's times were read from.

        :raises UnreadableFileError: with the field ``zone`` when a person has to say it.
        """
        if not self.zone:
            raise UnreadableFileError(
                sentence("Choose the exchange, or the time zone: the file does not say where its clocks stand."), "zone"
            )
        return self.zone


def _of_wall(wall: int, zone: str) -> int:
    """Return the instant at which a clock on the wall showed so many seconds since 1970.

    :raises UnreadableLineError: when it did so twice, or never.
    """
    first, second = _offsets(zone, wall // _QUARTER)
    if first > second:
        raise UnreadableLineError(
            sentence("The clocks of %(zone)s showed this time twice, when they were set back.", zone=zone)
        )
    if first < second:
        raise UnreadableLineError(
            sentence("The clocks of %(zone)s never showed this time: they were set forward.", zone=zone)
        )
    return wall - first


def parts(cell: Cell, clock: Cell = None) -> tuple[str, str]:
    """Return the texts of the date and of the time of day (empty for none).

    :raises UnreadableLineError: when there is no date.
    """
    text = "" if cell is None else str(cell).strip()
    if not text:
        raise UnreadableLineError(sentence("There is no time on this line."))
    day, rest = _parted(text)
    return day, ("" if clock is None else str(clock).strip()) or rest


def _parted(text: str) -> tuple[str, str]:
    if whole := _WHOLE.fullmatch(text):
        return whole[1], whole[2]
    if universal := _UNIVERSAL.fullmatch(text):
        return universal[1], f"{universal[2]} UTC"
    day, *rest = _APART.split(text, maxsplit=1)
    if numbers_of(day) is None and (named := date_in_words(text)):
        return named
    return day, "".join(rest)


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
    scale, text = SCALES[order], str(cell).strip()
    try:
        value = int(text) if _EPOCH.fullmatch(text) else number(cell, ".")
    except (ValueError, TypeError) as err:
        raise UnreadableLineError(_not_a_date(text, order)) from err
    instant, rest = divmod(value, scale)
    if rest:
        raise UnreadableLineError(sentence("Bars begin at whole seconds."))
    if abs(instant) > _CENTURY * 366 * DAY * 2:
        raise UnreadableLineError(_not_a_date(text, order))
    return _in_reach(int(instant))


def _day(text: str, order: DateOrder) -> int:
    days = days_of(text, order)
    if days is None:
        raise UnreadableLineError(_not_a_date(text, order))
    return days


@lru_cache(maxsize=65_536)
def _offsets(zone: str, quarter: int) -> tuple[int, int]:
    """Return the offsets of a wall time before and after a change of the clocks; equal where there is none."""
    wall = (dt.datetime(1970, 1, 1) + dt.timedelta(seconds=quarter * _QUARTER)).replace(tzinfo=ZoneInfo(zone))  # noqa: DTZ001
    before, after = wall.utcoffset(), wall.replace(fold=1).utcoffset()
    none = dt.timedelta(0)
    return int((before or none).total_seconds()), int((after or none).total_seconds())


def _not_a_date(text: str, order: DateOrder) -> Sentence:
    return sentence("“%(text)s” is not a date like %(form)s.", text=text[:40], form=FORMS[order])
