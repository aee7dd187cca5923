"""Times of an export in another time zone than UTC: which zone is meant, and CSV lines with its offset."""

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from webapp.errors import InvalidRequestError, sentence
from webapp.exporting.csv_text import moments
from webapp.exporting.rules_exports import EXCHANGE, UTC
from webapp.kernel.instants import EPOCH_DATE
from webapp.kernel.intervals import DAY
from webapp.series.queries_series import SeriesRow

_UTC_LENGTH = len("2024-03-01T14:30:00Z")
_LONGEST = 64


def zone_named(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name.

    :raises InvalidRequestError: with the field ``zone`` when there is none of this name.
    """
    try:
        return ZoneInfo(name[:_LONGEST])
    except (ZoneInfoNotFoundError, ValueError, OSError) as err:  # OSError: the name of a folder of zones
        message = sentence(
            "“%(zone)s” is not a time zone. Write one like Europe/Paris or America/New_York, or UTC.", zone=name[:40]
        )
        raise InvalidRequestError({"zone": message}) from err


def zone_for(zone: str, row: SeriesRow) -> ZoneInfo:
    """Return the time zone that the times of a series are to be written in; UTC where the exchange's is not known.

    :raises InvalidRequestError: with the field ``zone`` when there is none of this name.
    """
    return zone_named((row.facts.timezone or UTC) if zone == EXCHANGE else zone)


def moments_in(zone: ZoneInfo, *, is_dated: bool) -> Callable[[int], str]:
    """Return a function that writes ascending epoch seconds in a zone; dated bars have dates, UTC has its ``Z``."""
    return moments(is_dated=is_dated) if is_dated or zone.key == UTC else ZonedLines(zone).moment


class ZonedLines:
    """Turns CSV lines with times in UTC into the same lines with local times: ``2024-03-01T09:30:00-05:00``.

    Dates and times of day are made once each, since many bars share them.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._days: dict[int, bytes] = {}
        self._offsets: dict[int, int | None] = {}
        self._seconds: dict[tuple[int, int], bytes] = {}

    def of(self, text: bytes, times: Sequence[int]) -> bytes:
        """Return the lines with their times in the zone.

        :param text: whole lines as ``export_csv`` writes them for instants.
        :param times: the epoch seconds of the same lines, ascending.
        """
        lines = text.split(b"\n")
        zoned = [
            self._stamp(time, offset) + lines[place][_UTC_LENGTH:]
            for first, end, offset in self._runs(times)
            for place, time in enumerate(times[first:end], start=first)
        ]
        zoned.append(b"")
        return b"\n".join(zoned)

    def moment(self, time: int) -> str:
        """Write epoch seconds, ascending from call to call, as ``2024-03-01T09:30:00-05:00``."""
        number = time // DAY
        if number not in self._offsets:
            self._offsets.clear()
            first, last = self._offset(number * DAY), self._offset((number + 1) * DAY - 1)
            self._offsets[number] = first if first == last else None
        offset = self._offsets[number]
        return self._stamp(time, self._offset(time) if offset is None else offset).decode()

    def _runs(self, times: Sequence[int]) -> Iterator[tuple[int, int, int]]:
        """Yield (first, end, offset) for stretches of times that have one offset from UTC.

        Clocks change at most once in a day of UTC, so a day whose ends agree needs no closer look.
        """
        first = 0
        while first < len(times):
            end = bisect_left(times, times[first] - times[first] % DAY + DAY, first)
            offset = self._offset(times[first])
            if self._offset(times[end - 1]) != offset:
                end = next(at for at in range(first, end) if self._offset(times[at]) != offset)
            yield first, end, offset
            first = end

    def _offset(self, time: int) -> int:
        offset = dt.datetime.fromtimestamp(time, self._zone).utcoffset() or dt.timedelta()
        return int(offset.total_seconds())

    def _stamp(self, time: int, offset: int) -> bytes:
        number, second = divmod(time + offset, DAY)
        day = self._days.get(number)
        if day is None:
            self._days.clear()  # ascending bars need one day at a time
            day = self._days[number] = (EPOCH_DATE + dt.timedelta(days=number)).isoformat().encode()
        clock = self._seconds.get((second, offset))
        if clock is None:
            clock = self._seconds[second, offset] = _clock(second, offset)
        return day + clock


def _clock(second: int, offset: int) -> bytes:
    sign, away = ("-", -offset) if offset < 0 else ("+", offset)
    local = f"T{second // 3600:02d}:{second % 3600 // 60:02d}:{second % 60:02d}"
    distance = f"{sign}{away // 3600:02d}:{away // 60 % 60:02d}"
    return (f"{local}{distance}:{away % 60:02d}" if away % 60 else local + distance).encode()
