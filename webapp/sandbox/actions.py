"""Dividends, splits and capital gains: those that a listing plans, and those that a test brings about."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np

from webapp.sandbox import prices
from webapp.sandbox.calendars import date_of, day_number
from webapp.sandbox.histories import History
from webapp.sandbox.listings import Payments


class ActionKind(StrEnum):
    """What happened to an instrument."""

    DIVIDEND = "dividend"
    SPLIT = "split"
    CAPITAL_GAIN = "capital_gain"


_ORDER = {ActionKind.SPLIT: 0, ActionKind.DIVIDEND: 1, ActionKind.CAPITAL_GAIN: 2}
"""On one day a split comes first: what is paid on that day is paid on the new shares."""


@dataclass(frozen=True, slots=True)
class Event:
    """An action as planned.

    :param day: the number of its ex-date, a session.
    :param value: of a split the new shares for each old one; else the amount paid a share on the day.
    :param injected: whether it came at run time. The market's own prices already know the listing's splits;
        an injected one re-bases all of them.
    """

    day: int
    kind: ActionKind
    value: Fraction
    injected: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """An action as delivered, on today's basis of splits.

    :param time: the ex-date at 00:00 UTC, in epoch seconds.
    :param value: the amount a share; of a split, ``numerator / denominator``.
    """

    time: int
    kind: ActionKind
    value: float
    numerator: int = 0
    denominator: int = 0


class Ledger:
    """All events of all listings; safe for threads."""

    def __init__(self) -> None:
        self._injected: dict[str, list[Event]] = {}
        self._planned: dict[str, tuple[Event, ...]] = {}
        self._lock = threading.Lock()

    def inject(self, symbol: str, event: Event) -> None:
        """Bring an event about."""
        with self._lock:
            self._injected.setdefault(symbol, []).append(event)

    def clear(self, symbol: str | None = None) -> None:
        """Forget everything that was brought about, or what was brought about for one symbol."""
        with self._lock:
            if symbol is None:
                self._injected.clear()
            else:
                self._injected.pop(symbol, None)

    def events(self, history: History) -> list[Event]:
        """Return the events of a listing's whole life, those to come too, by ex-date."""
        symbol = history.listing.symbol
        with self._lock:
            planned = self._planned.get(symbol)
            if planned is None:
                planned = self._planned[symbol] = tuple(_planned(history))
            injected = self._injected.get(symbol, ())
            return sorted((*planned, *injected), key=lambda event: (event.day, _ORDER[event.kind]))


def session_from(history: History, day: int) -> int:
    """Return the number of the first session on or after a day.

    :raises ValueError: there is none.
    """
    days = history.sessions.day
    index = int(np.searchsorted(days, day))
    if index == len(days):
        message = f"{history.listing.symbol} has no session on or after {date_of(day)}."
        raise ValueError(message)
    return int(days[index])


def _planned(history: History) -> Iterator[Event]:
    listing = history.listing
    for day, ratio in listing.splits:
        yield Event(day_number(day), ActionKind.SPLIT, ratio)
    for kind, payments in (
        (ActionKind.DIVIDEND, listing.dividends),
        (ActionKind.CAPITAL_GAIN, listing.gains),
    ):
        if payments is not None:
            yield from _payments(history, kind, payments)


def _payments(history: History, kind: ActionKind, payments: Payments) -> Iterator[Event]:
    """Yield regular payments, each a whole number of hundredths of a cent as paid."""
    days = history.sessions.day
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    due = months.astype("datetime64[D]") + (payments.day - 1)
    regular = np.isin(months.astype(np.int64) % 12 + 1, payments.months) & (dates >= due)
    regular &= months.astype(np.int64) // 12 + 1970 >= payments.since
    first = regular & ~np.concatenate(([True], regular[:-1] & (months[1:] == months[:-1])))
    trend = np.exp(prices.trend(history.listing, days[first])) * history.factor[first]
    amounts = np.rint(trend * payments.rate / len(payments.months) * 10_000).astype(np.int64)
    for day, amount in zip(days[first].tolist(), amounts.tolist(), strict=True):
        yield Event(day, kind, Fraction(max(amount, 1), 10_000))
