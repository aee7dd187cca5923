"""Bars as CSV text: its columns, times in ISO 8601 (UTC), prices as they are, whole volumes without a decimal point.

The text of a number is Python's ``repr``, the shortest that reads back as the same number. orjson writes the same one
eight times as fast, except with an exponent; so a page of bars is made into JSON, which is cut into lines, and a page
with very small or very large numbers is written the slow way.
"""

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Container, Iterator, Sequence
from typing import cast

import orjson

from webapp.exporting.names import safe_text
from webapp.kernel.bars import Bar, ShortBar
from webapp.kernel.instants import EPOCH_DATE
from webapp.kernel.intervals import DAY

_UNLIKE = (b"e", b"n", b",0.0000")
_UNLIKE_BELOW_ZERO = (b",-0.0000", b"-0.0]")
"""What shows that a number may be written otherwise by ``repr``: exponents, infinities, and a volume of minus zero."""
_LONG = 8
"""The values of a bar with average and count."""
_LONGEST = 9e18
"""Whole volumes beyond it are no 64-bit numbers."""


def header(*, has_wap: bool, has_partial: bool = False) -> bytes:
    """Return the first line: the names of the CSV columns."""
    names = b"time,open,high,low,close,volume" + (b",wap,count" if has_wap else b"")
    return names + (b",partial\n" if has_partial else b"\n")


def csv_cell(text: str) -> bytes:
    """Return a text of somebody else's as a cell: quoted where it must be, and never a spreadsheet's formula."""
    safe = safe_text(text)
    quoted = '"' + safe.replace('"', '""') + '"' if any(sign in safe for sign in ',"\r\n') else safe
    return quoted.encode()


def mark_partial(lines: bytes, times: Sequence[int], partial: Container[int]) -> bytes:
    """Return lines of bars with ``true`` or ``false`` at their ends: whether each is partial."""
    marks = (b",true\n" if time in partial else b",false\n" for time in times)
    return b"".join(line + mark for line, mark in zip(lines.splitlines(), marks, strict=True))


class Stamps(dict[int, bytes]):
    """Times of day as text, made once each, and the times of ascending bars made of them.

    Dated bars have dates (``2024-03-01``), others instants (``2024-03-01T14:30:00Z``).
    """

    def __init__(self, *, is_dated: bool) -> None:
        super().__init__()
        self._is_dated = is_dated

    def __missing__(self, second: int) -> bytes:
        """Write a second of the day; for dated bars nothing."""
        text = f"T{second // 3600:02d}:{second % 3600 // 60:02d}:{second % 60:02d}Z"
        self[second] = b"" if self._is_dated else text.encode()
        return self[second]

    def before(self, rows: Sequence[bytes], times: Sequence[int], cut: int) -> Iterator[bytes]:
        """Yield lines, a day's at once: each row without its first ``cut`` bytes, after its time; they ascend."""
        first = 0
        while first < len(rows):
            number = times[first] // DAY
            midnight, date = number * DAY, _date(number)
            end = bisect_left(times, midnight + DAY, first)
            lines = [
                self[time - midnight] + row[cut:] for time, row in zip(times[first:end], rows[first:end], strict=True)
            ]
            yield date + (b"\n" + date).join(lines)
            first = end


def _date(number: int) -> bytes:
    return (EPOCH_DATE + dt.timedelta(days=number)).isoformat().encode()


def lines_of(bars: list[Bar] | list[ShortBar], stamps: Stamps) -> bytes:
    """Return bars, a line each, with average and count where they have them."""
    if len(bars[0]) == _LONG:
        return long_lines(cast("list[Bar]", bars), stamps)
    return short_lines(cast("list[ShortBar]", bars), stamps)


def short_lines(bars: list[ShortBar], stamps: Stamps) -> bytes:
    """Return bars without average and count, a line each."""
    text = orjson.dumps(bars)
    if _is_unlike(text):
        return _slow_lines([(*bar, None, None) for bar in bars], stamps, has_wap=False)
    rows = text[2:-2].removesuffix(b".0").split(b".0],[")
    if len(rows) != len(bars):  # not every volume is whole
        rows = text.replace(b".0]", b"]")[2:-2].split(b"],[")
    return _lines(rows, bars, stamps)


def long_lines(bars: list[Bar], stamps: Stamps) -> bytes:
    """Return bars with average and count, a line each."""
    text = orjson.dumps([(t, o, h, lo, c, _whole(v), w, n) for t, o, h, lo, c, v, w, n in bars])
    unknown = sum((bar[6] is None) + (bar[7] is None) for bar in bars)
    plain = text.replace(b"null", b"")
    if text.count(b"null") != unknown or _is_unlike(plain):
        return _slow_lines(bars, stamps, has_wap=True)
    return _lines(plain[2:-2].split(b"],["), bars, stamps)


def _is_unlike(text: bytes) -> bool:
    return any(sign in text for sign in _UNLIKE) or (b"-" in text and any(sign in text for sign in _UNLIKE_BELOW_ZERO))


def _lines(rows: list[bytes], bars: list[ShortBar] | list[Bar], stamps: Stamps) -> bytes:
    """Return rows (``time,open,…``) as lines, their times written as text."""
    times = [bar[0] for bar in bars]
    cut = len(str(times[0]))
    if len(str(times[-1])) != cut or times[0] < 0 < times[-1]:
        rows = [row[row.index(b",") :] for row in rows]
        cut = 0
    return b"\n".join(stamps.before(rows, times, cut)) + b"\n"


def _whole(volume: float) -> float | int:
    return int(volume) if volume.is_integer() and abs(volume) < _LONGEST else volume


def _slow_lines(bars: list[Bar], stamps: Stamps, *, has_wap: bool) -> bytes:
    times = [bar[0] for bar in bars]
    rows = [_row(bar, has_wap=has_wap).encode() for bar in bars]
    return b"\n".join(stamps.before(rows, times, 0)) + b"\n"


def _row(bar: Bar, *, has_wap: bool) -> str:
    _, open_, high, low, close, volume, wap, count = bar
    text = f",{open_!r},{high!r},{low!r},{close!r},{_number(volume)}"
    return f"{text},{'' if wap is None else repr(wap)},{'' if count is None else count}" if has_wap else text


def _number(volume: float) -> str:
    return str(int(volume)) if volume.is_integer() else repr(volume)


def moments(*, is_dated: bool) -> Callable[[int], str]:
    """Return a function that writes epoch seconds as ``2024-03-01T14:30:00Z``, or as ``2024-03-01`` for dated bars.

    Days and times of day are written once and kept: ``isoformat`` a row would take as long as all the rest.
    """
    days: dict[int, str] = {}
    stamps = Stamps(is_dated=False)

    def day(number: int) -> str:
        if number not in days:
            days.clear()  # ascending bars need one day at a time
            days[number] = _date(number).decode()
        return days[number]

    def moment(time: int) -> str:
        number, second = divmod(time, DAY)
        return day(number) + stamps[second].decode()

    return (lambda time: day(time // DAY)) if is_dated else moment
