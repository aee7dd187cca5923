"""What is known of one listing at one moment."""

from dataclasses import dataclass

import numpy as np

from webapp.sandbox import intraday
from webapp.sandbox.actions import Action, ActionKind
from webapp.sandbox.basis import Basis
from webapp.sandbox.calendars import DAY, weekday
from webapp.sandbox.columns import Prices, Ticks, groups_of
from webapp.sandbox.histories import History
from webapp.sandbox.intraday import MINUTE
from webapp.sandbox.listings import Listing
from webapp.sandbox.noise import Floats, Ints

STEPS = {
    **{f"{count}s": count for count in (1, 5, 10, 15, 30)},
    **{f"{count}m": count * MINUTE for count in (1, 2, 3, 5, 10, 15, 20, 30, 60, 90)},
    **{f"{count}h": count * 60 * MINUTE for count in (1, 2, 3, 4, 8)},
}
"""The intraday intervals and their seconds."""

_BLOCK = 32
"""Sessions whose minutes are laid at once."""

PERIODS = ("1d", "1wk", "1mo", "3mo")


class UnknownIntervalError(ValueError):
    """The market has no bars of this interval."""


@dataclass(frozen=True, slots=True)
class View:
    """One listing at one moment; nothing in it changes.

    :param now: the moment, in UTC epoch seconds.
    :param history: the listing's whole life, what is still to come too.
    """

    now: float
    history: History
    basis: Basis

    @property
    def listing(self) -> Listing:
        """Return whose view this is."""
        return self.history.listing

    @property
    def begun(self) -> int:
        """Return how many sessions have a price: those that opened, of a fund those that closed."""
        sessions = self.history.sessions
        return int(np.searchsorted(sessions.close if self.listing.daily_only else sessions.open, self.now))

    @property
    def running(self) -> bool:
        """Return whether a session is running now."""
        begun = self.begun
        return begun > 0 and bool(self.history.sessions.close[begun - 1] > self.now)

    def prices(self, interval: str, start: float, end: float, *, extended: bool = False, final: bool = False) -> Prices:
        """Return the bars that start in ``[start, end)``.

        :param interval: see ``STEPS`` and ``PERIODS``.
        :param start: in UTC epoch seconds; for daily and longer bars compared with the date at 00:00 UTC.
        :param extended: with the hours before the opening and after the close.
        :param final: without bars that may still change.
        :raises UnknownIntervalError: there is no such interval.
        """
        if interval in STEPS:
            return self._intraday(STEPS[interval], start, end, extended=extended, final=final)
        if interval not in PERIODS:
            message = f"The offline market has no bars of {interval}."
            raise UnknownIntervalError(message)
        bars = self._periods(interval, final=final)
        low, high = np.searchsorted(bars.start, (start, end))
        return bars.part(slice(int(low), int(high)))

    def daily(self) -> Prices:
        """Return a bar for each session that has begun, the last one as far as it has come."""
        begun = self.history.part(slice(self.begun))
        ticks = begun.daily
        if self.running:
            today = intraday.until(begun, intraday.minutes(begun.part(slice(-1, None))), self.now).bars
            ticks = ticks.replaced(-1, today.merged(np.zeros(1, dtype=np.int64), ticks.start[-1:]))
        return self.basis.prices(_dated(ticks), begun.factor)

    @property
    def actions(self) -> tuple[Action, ...]:
        """Return all that has happened, by ex-date, on today's basis of splits."""
        return self.basis.actions

    def adjusted(self, daily: Prices) -> Floats:
        """Return the closes of ``daily()`` without dividends and capital gains.

        Each is multiplied by ``1 - amount / close before`` for every ex-date after it; payments of one day
        are taken together.
        """
        factors = np.ones(len(daily) + 1)
        for action in self.actions:
            index = int(np.searchsorted(daily.start, action.time))
            if action.kind is not ActionKind.SPLIT and 0 < index < len(daily):
                factors[index] -= action.value / daily.close[index - 1]
        return np.asarray(daily.close * np.cumprod(factors[::-1])[::-1][1:])

    def _intraday(self, step: int, start: float, end: float, *, extended: bool, final: bool) -> Prices:
        whole = self._touched(start, end, extended=extended)
        # In blocks, because two years of minutes at once would take a hundred megabytes, and longer.
        blocks = [whole.part(slice(low, low + _BLOCK)) for low in range(0, len(whole.sessions), _BLOCK)]
        pieces = [self._added_up(block, step, (start, end), extended=extended) for block in blocks]
        laid = intraday.one_after_another(pieces)
        if final:
            laid = laid.part(np.minimum(laid.bars.start + step, laid.end) <= self.now)
        return self.basis.prices(laid.bars, laid.factor)

    def _added_up(self, block: History, step: int, span: tuple[float, float], *, extended: bool) -> intraday.Laid:
        start, end = span
        laid = intraday.minutes(block, extended=extended)
        if step < MINUTE:
            # Seconds lie under whole minutes: how a running minute ends decides how it began.
            begin = laid.bars.start
            laid = intraday.seconds(block, laid.part((begin + MINUTE > start) & (begin < min(end, self.now))))
            laid = laid.part(laid.bars.start < self.now)
        else:
            laid = intraday.until(block, laid, self.now)
        laid = intraday.added_up(laid, step)
        return laid.part((laid.bars.start >= start) & (laid.bars.start < end))

    def _touched(self, start: float, end: float, *, extended: bool) -> History:
        """Return the history of the sessions that a span of time touches, as far as they have begun."""
        sessions = self.history.sessions
        before, after = (intraday.BEFORE, intraday.AFTER) if extended else (0, 0)
        low = int(np.searchsorted(sessions.close + after, start, side="right"))
        high = int(np.searchsorted(sessions.open - before, min(end, self.now)))
        return self.history.part(slice(low, low if self.listing.daily_only else max(low, high)))

    def _periods(self, interval: str, *, final: bool) -> Prices:
        bars = self.daily()
        labels = period_of(interval, self.history.sessions.day)
        groups = groups_of(labels[: len(bars)])
        merged = bars.merged(groups, labels[groups] * DAY)
        if final and len(merged):
            closed = self.history.sessions.close[: len(bars)][-1] <= self.now
            ended = len(labels) == len(bars) or labels[len(bars)] != labels[len(bars) - 1]
            merged = merged.part(slice(None if closed and ended else -1))
        return merged


def period_of(interval: str, days: Ints) -> Ints:
    """Return the day that labels the period of each day: itself, a Monday, or the first of a month."""
    if interval == "1d":
        return days
    if interval == "1wk":
        return days - weekday(days)
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    if interval == "3mo":
        months = months // 3 * 3
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def _dated(ticks: Ticks) -> Ticks:
    """Return daily bars whose start is the date at 00:00 UTC instead of the day's number."""
    return ticks.merged(np.arange(len(ticks)), ticks.start * DAY)
