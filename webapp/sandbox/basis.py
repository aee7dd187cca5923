"""On which basis of splits prices are delivered at a moment: today's, as both sources do."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import prod

import numpy as np

from webapp.sandbox.actions import Action, ActionKind, Event
from webapp.sandbox.calendars import DAY
from webapp.sandbox.columns import Columns, Prices, Ticks
from webapp.sandbox.histories import History
from webapp.sandbox.noise import Floats

_DECIMALS = 10
"""Prices are rounded here after they were divided by splits. Rounding keeps their order, so the high of small
bars is the high of the large one after it as before it."""


@dataclass(frozen=True, slots=True)
class Basis:
    """Turns what the market counts in into what is delivered.

    :param history: the listing's life.
    :param actions: what has happened, that is whose ex-date's session has opened, by ex-date.
    :param ratio: of the injected splits that have come to pass to the listing's own that have not.
    """

    history: History
    actions: tuple[Action, ...]
    ratio: Fraction

    def prices(self, ticks: Ticks, factor: Floats) -> Prices:
        """Return bars as delivered; ``factor`` is each bar's product of the listing's own later splits."""
        listing = self.history.listing
        divisor = 10**listing.hint * factor * float(self.ratio)
        traded = (ticks.open, ticks.high, ticks.low, ticks.close)
        first, high, low, last = (np.round(column / divisor, _DECIMALS) for column in traded)
        # An unusual ratio may not divide the lot. One lot for all bars still lets their volumes add up.
        lot = max(round(listing.lot * self.ratio), 1)
        return Columns(ticks.start, first, high, low, last, ticks.volume * lot)


def _delivered(effective: list[Event]) -> Iterator[Action]:
    """Yield events on today's basis of splits, the last one first."""
    later = Fraction(1)
    injected = prod((event.value for event in effective if _rebases(event)), start=Fraction(1))
    for event in reversed(effective):
        time = event.day * DAY
        if event.kind is ActionKind.SPLIT:
            ratio = event.value
            yield Action(time, event.kind, float(ratio), ratio.numerator, ratio.denominator)
            later *= ratio
            injected /= ratio if _rebases(event) else 1
        else:
            # The listing's own payments know its own splits only: after an injected split they shrink with
            # it.
            divisor = later if event.injected else later * injected
            yield Action(time, event.kind, round(float(event.value / divisor), _DECIMALS))


def _rebases(event: Event) -> bool:
    return event.injected and event.kind is ActionKind.SPLIT


def basis_at(history: History, events: list[Event], now: float) -> Basis:
    """Return the basis at a moment."""
    opened = history.sessions.day[history.sessions.open <= now]
    today = int(opened[-1]) if len(opened) else -1
    splits = [event for event in events if event.kind is ActionKind.SPLIT]
    injected = prod((s.value for s in splits if s.injected and s.day <= today), start=Fraction(1))
    to_come = prod((s.value for s in splits if not s.injected and s.day > today), start=Fraction(1))
    effective = [event for event in events if event.day <= today]
    return Basis(history, tuple(_delivered(effective))[::-1], injected / to_come)
