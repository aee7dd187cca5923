"""Cron lines in a time zone: the only module that knows the library which reads them.

A line has five fields: minute, hour, day of the month, month, day of the week. At a fixed time it runs once on the day
that repeats the hour, and once on the day that lacks it; every so many minutes it runs in both hours, and in none.
"""

import datetime as dt
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
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
        next(CronSim(tidy, _SAMPLE))
    except CronSimError as err:
        raise InvalidRequestError({"cron": _refuse(line)}) from err
    except StopIteration as err:
        message = sentence("The cron line “%(line)s” never runs: no such day comes.", line=tidy)
        raise InvalidRequestError({"cron": message}) from err
    return tidy


def _refuse(line: str) -> Sentence:
    return Sentence(_BAD_LINE.text, {"line": line[:LONGEST_LINE]})


def instants(line: str, zone: str, after: int) -> Iterator[int]:
    """Yield the instants (epoch seconds, ascending) at which a line runs in a zone, later than ``after``."""
    last = after
    for moment in CronSim(line, dt.datetime.fromtimestamp(after, find_zone(zone))):
        instant = int(moment.timestamp())
        if instant > last:  # what is not, is an instant of the repeated hour once more
            last = instant
            yield instant


@lru_cache(maxsize=256)
def shortest_step(line: str, count: int = 50) -> int:
    """Return the fewest seconds between two of its next runs, by a clock that never changes."""
    moments = [moment for moment, _ in zip(CronSim(line, _SAMPLE), range(count), strict=False)]
    return min((int((later - sooner).total_seconds()) for sooner, later in pairwise(moments)), default=0)
