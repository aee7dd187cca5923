"""Bars as CSV text: times in ISO 8601 (UTC), prices as they are, whole volumes without a decimal point."""

import datetime as dt
from collections.abc import Callable, Iterable

from webapp.domain.bars import Bar
from webapp.domain.intervals import DAY


def header(*, has_wap: bool) -> bytes:
    """Return the first line."""
    return b"time,open,high,low,close,volume,wap,count\n" if has_wap else b"time,open,high,low,close,volume\n"


def lines(bars: Iterable[Bar], moment: Callable[[int], str], *, has_wap: bool) -> bytes:
    """Return the bars, a line each; ``moment`` writes their times."""
    if has_wap:
        return "".join([_wide(bar, moment) for bar in bars]).encode()
    return "".join(
        [
            f"{moment(time)},{open_!r},{high!r},{low!r},{close!r},{_number(volume)}\n"
            for time, open_, high, low, close, volume, _, _ in bars
        ]
    ).encode()


def _wide(bar: Bar, moment: Callable[[int], str]) -> str:
    time, open_, high, low, close, volume, wap, count = bar
    average = "" if wap is None else repr(wap)
    trades = "" if count is None else count
    return f"{moment(time)},{open_!r},{high!r},{low!r},{close!r},{_number(volume)},{average},{trades}\n"


def _number(volume: float) -> str:
    return str(int(volume)) if volume.is_integer() else repr(volume)


def moments(*, is_dated: bool) -> Callable[[int], str]:
    """Return a function that writes epoch seconds as ``2024-03-01T14:30:00Z``, or as ``2024-03-01`` for dated bars.

    Days and times of day are written once and kept: ``isoformat`` a row would take as long as all the rest.
    """
    days: dict[int, str] = {}
    times: dict[int, str] = {}

    def day(number: int) -> str:
        if number not in days:
            days.clear()  # ascending bars need one day at a time
            days[number] = (dt.date(1970, 1, 1) + dt.timedelta(days=number)).isoformat()
        return days[number]

    def moment(time: int) -> str:
        number, second = divmod(time, DAY)
        if second not in times:
            times[second] = f"T{second // 3600:02d}:{second % 3600 // 60:02d}:{second % 60:02d}Z"
        return day(number) + times[second]

    return (lambda time: day(time // DAY)) if is_dated else moment
