"""What a request for history asks, checked in the order in which the gateway checks it.

The texts of error 321 are those of real logs and of a re-implementation of the gateway (deepentropy/ibx).
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from webapp.sandbox.tws.book import Described
from webapp.sandbox.tws.derived import QUOTES, VOLATILITIES
from webapp.sandbox.tws.papers import Paper
from webapp.sandbox.tws.refusals import RefusalError, hmds, invalid

SIZES = {
    **{f"{count} secs": count for count in (1, 5, 10, 15, 30)},
    "1 min": 60,
    **{f"{count} mins": 60 * count for count in (2, 3, 5, 10, 15, 20, 30)},
    "1 hour": 3600,
    **{f"{count} hours": 3600 * count for count in (2, 3, 4, 8)},
    "1 day": 86_400,
    **dict.fromkeys(("1W", "1 week"), 7 * 86_400),
    **dict.fromkeys(("1M", "1 month"), 30 * 86_400),
}
DAILY = 86_400
_DURATION = re.compile(r"(\d+) ([SDWMY])")
_UTC_END = re.compile(r"\d{8}-\d{2}:\d{2}:\d{2}")
_ZONED_END = re.compile(r"(\d{8} \d{2}:\d{2}:\d{2})(?: (\S+))?")
_MOST = {"S": (86_400, ""), "D": (365, "365 days must be made in years"), "W": (52, "52 weeks must be made in years")}
_MOST |= {"M": (12, "12 months must be made in years"), "Y": (68, "68 years are not allowed")}
_SHOWN = {"TRADES", "ADJUSTED_LAST", "AGGTRADES", *QUOTES, *VOLATILITIES, "FEE_RATE", "SCHEDULE"}
_SHOWN |= {"YIELD_BID", "YIELD_ASK", "YIELD_BID_ASK", "YIELD_LAST"}
_SHORTEST_SECONDS, _LONGEST_OF_SECONDS = 30, 2000


@dataclass(frozen=True, slots=True)
class HistoryAsked:
    """A request for bars. ``end`` is in UTC epoch seconds, None for now."""

    number: int
    described: Described
    end_text: str
    size: str
    duration: str
    is_regular: bool
    what: str
    date_format: int

    @classmethod
    def read(cls, fields: Sequence[str]) -> "HistoryAsked":
        """Read message 20."""
        described = Described.read(fields[2:14], include_expired=fields[14] == "1")
        end, size, duration, regular, what, date_format = fields[15:21]
        return cls(int(fields[1]), described, end, size, duration, regular == "1", what, int(date_format or 1))

    @property
    def step(self) -> int:
        """Seconds of a bar."""
        return SIZES.get(self.size, 0)

    @property
    def is_small(self) -> bool:
        """Whether the strict pacing rules hold for it."""
        return 0 < self.step <= 30  # noqa: PLR2004 (seconds)

    @property
    def count_and_unit(self) -> tuple[int, str]:
        """The duration, read."""
        match = _DURATION.fullmatch(self.duration)
        return (int(match[1]), match[2]) if match else (0, "")

    def end(self, now: float) -> float:
        """Return the end in UTC epoch seconds.

        :raises RefusalError: it is no date, or its zone is none.
        """
        if not self.end_text:
            return now
        try:
            return _moment(self.end_text)
        except (ValueError, ZoneInfoNotFoundError) as err:
            text = "End Date/Time: The date, time, or time-zone entered is invalid."
            raise RefusalError(10314, text) from err


def _moment(text: str) -> float:
    zone = ZoneInfo("UTC")
    if _UTC_END.fullmatch(text):
        text = text.replace("-", " ")
    elif match := _ZONED_END.fullmatch(text):
        text, zone = match[1], ZoneInfo(match[2] or "America/New_York")
    return dt.datetime.strptime(text, "%Y%m%d %H:%M:%S").replace(tzinfo=zone).timestamp()


def check(request: HistoryAsked, paper: Paper, now: float) -> None:
    """Raise what the gateway refuses, in its order: end, duration, ADJUSTED_LAST, size, what to show, date format.

    :raises RefusalError: with the code and the text.
    """
    request.end(now)
    if paper.sec_type == "CONTFUT" and request.end_text:
        raise RefusalError(10339, "Setting end date/time for continuous future security type is not allowed.")
    _check_duration(request)
    _check_adjusted(request)
    if not request.step:
        raise invalid(f"Historical data bar size setting is invalid. Legal ones are: {', '.join(SIZES)}.")
    if request.step == 1 and request.count_and_unit[1] != "S":
        raise hmds("invalid step: 1")
    _check_shown(request, paper)
    if request.date_format not in (1, 2, 3):
        raise invalid(f"Date formatting selection of {request.date_format} rejected.")


def _check_shown(request: HistoryAsked, paper: Paper) -> None:
    if request.what not in _SHOWN:
        raise invalid("What to show field is missing or incorrect.")
    if request.what == "SCHEDULE":
        if request.step != DAILY:
            raise RefusalError(10295, "Historical schedule requests support only a bar size of 1 day.")
    elif request.what not in shown(paper):
        usual = shown(paper)[0]
        raise RefusalError(10299, f"Expected what to show is {usual}, please use that instead of {request.what}.")


def _check_adjusted(request: HistoryAsked) -> None:
    if request.what == "ADJUSTED_LAST" and request.end_text:
        raise invalid("End Date not supported with adjusted last")
    if request.what == "ADJUSTED_LAST" and request.step > DAILY:
        raise invalid("Multi day bar size not supported with adjusted last")


def _check_duration(request: HistoryAsked) -> None:
    count, unit = request.count_and_unit
    if not request.duration:
        raise invalid("Historical data request duration not specified.")
    if not unit:
        raise invalid(
            "When specifying a unit, historical data request duration format is integer{SPACE}unit (S|D|W|M|Y)."
        )
    most, words = _MOST[unit]
    if request.step == 1 and unit == "S":
        most = _LONGEST_OF_SECONDS
    if not count or (unit == "S" and count < _SHORTEST_SECONDS):
        raise invalid("Historical data requested duration is invalid.")
    if count > most and unit == "S":
        raise invalid(f"Historical data request for greater than {most} seconds rejected.")
    if count > most:
        raise invalid(f"Historical data requests for durations longer than {words}.")


def shown(paper: Paper) -> tuple[str, ...]:
    """Return what can be shown of a contract."""
    quotes = tuple(QUOTES)
    by_type = {
        "STK": ("TRADES", "ADJUSTED_LAST", *quotes, *VOLATILITIES),
        "IND": ("TRADES", *VOLATILITIES),
        "CASH": quotes,
        "CRYPTO": ("AGGTRADES", *quotes),
        "OPT": ("TRADES", "ADJUSTED_LAST", *quotes),
    }
    return by_type.get(paper.sec_type, ("TRADES", *quotes))
