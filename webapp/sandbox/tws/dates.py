"""How TWS writes the times of bars, which depends on the request and on a setting of TWS."""

import datetime as dt
from enum import StrEnum
from zoneinfo import ZoneInfo

from webapp.sandbox.tws.details import ZONES

OPERATOR = "US/Eastern"
_SECONDS = {"S": 1, "D": 86_400, "W": 7 * 86_400, "M": 30 * 86_400, "Y": 365 * 86_400}


class DateStyle(StrEnum):
    """The setting: in which zone times are written when the request does not ask for epoch seconds."""

    OPERATOR = "operator"
    INSTRUMENT = "instrument"
    UTC = "utc"
    OLD = "old"
    """Two spaces and no zone, as before server version 174."""


def bar_time(start: int, *, is_dated: bool, date_format: int, style: DateStyle, timezone: str) -> str:
    """Return the time of a bar as it is written."""
    if is_dated:
        return dt.datetime.fromtimestamp(start, dt.UTC).strftime("%Y%m%d")
    if date_format == 2:  # noqa: PLR2004 (the number of the format)
        return str(start)
    if style is DateStyle.UTC:
        return dt.datetime.fromtimestamp(start, dt.UTC).strftime("%Y%m%d-%H:%M:%S")
    name = ZONES.get(timezone, "UTC") if style is DateStyle.INSTRUMENT else OPERATOR
    local = dt.datetime.fromtimestamp(start, ZoneInfo(name))
    day = "%m%d" if date_format == 3 else "%Y%m%d"  # noqa: PLR2004 (the number of the format)
    if style is DateStyle.OLD:
        return local.strftime(f"{day}  %H:%M:%S")
    return f"{local.strftime(f'{day} %H:%M:%S')} {name}"


def span_texts(end: float, count: int, unit: str, style: DateStyle, timezone: str) -> tuple[str, str]:
    """Return the start and the end that an answer names: reckoned on the calendar, so not those of its bars."""
    start = end - count * _SECONDS[unit]
    first, last = (
        bar_time(int(time), is_dated=False, date_format=1, style=style, timezone=timezone) for time in (start, end)
    )
    return first, last


def head_time(start: int, date_format: int) -> str:
    """Return a head timestamp as it is written: always in UTC."""
    if date_format == 2:  # noqa: PLR2004 (the number of the format)
        return str(start)
    return dt.datetime.fromtimestamp(start, dt.UTC).strftime("%Y%m%d-%H:%M:%S")
