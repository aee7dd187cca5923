"""Cron lines in a time zone: the only module that knows the library which reads them.

A line has five fields: minute, hour, day of the month, month, day of the week. At a fixed time it runs once on the day
that repeats the hour, and once on the day that lacks it; every so many minutes it runs in both hours, and in none.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from webapp.errors import InvalidRequestError, Sentence, sentence

LONGEST_LINE = 100
LONGEST_ZONE = 64
_FIELDS = 5
_SAMPLE = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
_BAD_LINE = sentence(
    "“%(line)s” is not a cron line. Write five fields: minute, hour, day of the month, month, day of the week, for "
    "example 30 18 * * MON-FRI."
)


def find_zone(name: str) -> ZoneInfo:
    """Return the time zone of a name of the IANA's.

    :raises InvalidRequestError: with the field ``zone``.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as err:  # a name may be one of a folder, or no path at all
        message = sentence("“%(zone)s” is not a time zone. Write it like Europe/Paris.", zone=name[:LONGEST_ZONE])
        raise InvalidRequestError({"zone": message}) from err


def check_line(line: str) -> str:
    """Return a line with single spaces, in capitals.

    :raises InvalidRequestError: with the field ``cron``, also when it never runs.
    """
    tidy = " ".join(line.split()).upper()
    if len(tidy) > LONGEST_LINE or len(tidy.split()) != _FIELDS:
        raise InvalidRequestError({"cron": _refuse(line)})
    try:
        next(_simulate(tidy, _SAMPLE))
    except StopIteration as err:
        message = sentence("The cron line “%(line)s” never runs: no such day comes.", line=tidy)
        raise InvalidRequestError({"cron": message}) from err
    return tidy


def _simulate(line: str, after: dt.datetime) -> CronSim:
    """Return the library's iterator over a line's moments.

    :raises InvalidRequestError: with the field ``cron`` when it is no line.
    """
    try:
        return CronSim(line, after)
    except CronSimError as err:
        raise InvalidRequestError({"cron": _refuse(line)}) from err


def _refuse(line: str) -> Sentence:
    return Sentence(_BAD_LINE.text, {"line": line[:LONGEST_LINE]})


def instants(line: str, zone: str, after: int) -> Iterator[int]:
    """Yield the instants (epoch seconds, ascending) at which a line runs in a zone, later than ``after``."""
    last = after
    for moment in _simulate(line, dt.datetime.fromtimestamp(after, find_zone(zone))):
        instant = int(moment.timestamp())
        if instant > last:  # what is not, is an instant of the repeated hour once more
            last = instant
            yield instant


@dataclass(frozen=True, slots=True)
class CronParts:
    """What a line says, field by field, ascending; an empty field says nothing.

    ``weekdays`` go from 1 (Monday) to 7; each of ``nth_weekdays`` is a weekday and which of the month's it is, 0 for
    the last one. ``is_either``: the days of the month or those of the week, not both.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    has_last_day: bool
    has_last_working_day: bool
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    nth_weekdays: tuple[tuple[int, int], ...]
    is_either: bool


_ALL_DAYS, _ALL_MONTHS, _ALL_WEEKDAYS = 31, 12, 7


def parse_line(line: str) -> CronParts:
    """Return what a checked line says."""
    cron = _simulate(line, _SAMPLE)
    days = tuple(sorted(day for day in cron.days if day > 0))
    plain = sorted({(day - 1) % 7 + 1 for day in cron.weekdays if isinstance(day, int)})
    nth = sorted({((day[0] - 1) % 7 + 1, max(0, day[1])) for day in cron.weekdays if isinstance(day, tuple)})
    return CronParts(
        minutes=tuple(sorted(cron.minutes)),
        hours=tuple(sorted(cron.hours)),
        days=() if len(days) == _ALL_DAYS else days,
        has_last_day=CronSim.LAST in cron.days,
        has_last_working_day=CronSim.LAST_WEEKDAY in cron.days,
        months=() if len(cron.months) == _ALL_MONTHS else tuple(sorted(cron.months)),
        weekdays=() if len(plain) == _ALL_WEEKDAYS else tuple(plain),
        nth_weekdays=() if len(plain) == _ALL_WEEKDAYS else tuple(nth),
        is_either=not cron.day_and,
    )
