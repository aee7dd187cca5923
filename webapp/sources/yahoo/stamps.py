"""Which trading date a stamp of Yahoo's means: by the exchange's clock, and by the days on which it may trade.

Three kinds of stamps are seen on rows of a day: the session's opening or its local midnight; that midnight an hour or
two too early, by a wrong change of clocks (yfinance #1048, #1100); and, on the row of the day that Yahoo still works
on, the moment of the last trade (``regularMarketTime``), which may lie after midnight.
"""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from webapp.kernel.closing import local_date_label
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, EPOCH_MONDAY, HOUR, WEEK
from webapp.kernel.rest_days import is_rest_day, last_working_day

_EARLY_MIDNIGHT = 22 * HOUR
_SUNDAY = 6 * DAY
_STALE = 5 * DAY
"""The last row of a share that is traded no more keeps the stamp of its last trade: by then nothing will change it."""


@dataclass(frozen=True, slots=True)
class Stamps:
    """How the days of one instrument are stamped."""

    zone: ZoneInfo
    facts: InstrumentFacts

    def date_of(self, stamp: int) -> int:
        """Return the trading date (00:00 UTC, epoch seconds) that the stamp of a row or of an event means."""
        date, clock = local_date_label(stamp, self.zone), self._clock(stamp)
        if clock >= _EARLY_MIDNIGHT and clock % HOUR == 0 and not is_rest_day(date + DAY, self.facts):
            return date + DAY
        return self._trading_date(date, clock)

    def date_of_last_trade(self, stamp: int) -> int:
        """Return the trading date of the row that is stamped with the last trade: the session it lies in or after."""
        date, clock = local_date_label(stamp, self.zone), self._clock(stamp)
        if clock < self._opening:
            return last_working_day(date - DAY, self.facts)
        return self._trading_date(date, clock)

    def is_last_trade(self, stamp: int, now: float) -> bool:
        """Tell whether a row has the stamp of the last trade, so that it may still change (``now``: epoch seconds)."""
        return stamp == self.facts.last_trade and now - stamp < _STALE

    def is_in_session(self, stamp: int) -> bool:
        """Tell whether a stamp lies after the opening of its own local day, as any does of what trades all day."""
        return self._clock(stamp) >= self._opening

    def _trading_date(self, date: int, clock: int) -> int:
        """Return the date, or the working day that a weekend's stamp belongs to.

        Trading around the clock ends on Friday night and begins on Sunday evening. Where a session opens, what comes
        before it on a weekend is of the Friday; a session on a Saturday itself is believed, as Tokyo had until 1989.
        """
        if not is_rest_day(date, self.facts) or (self._opening and (clock >= self._opening or clock == 0)):
            return date
        is_sunday = (date - EPOCH_MONDAY) % WEEK == _SUNDAY
        return date + DAY if is_sunday and not self._opening else last_working_day(date, self.facts)

    @property
    def _opening(self) -> int:
        """Seconds after local midnight at which the session opens; 0 for what trades around the clock."""
        return self.facts.session_open or 0

    def _clock(self, stamp: int) -> int:
        """Return the seconds of the local wall clock after midnight."""
        local = dt.datetime.fromtimestamp(stamp, self.zone)
        return local.hour * HOUR + local.minute * 60 + local.second
