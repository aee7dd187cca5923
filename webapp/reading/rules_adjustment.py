"""Adjustment on read: what splits, dividends and capital gains do to the prices before them (docs/data.md#adjustment).

Bars are stored as delivered, on the split basis of the day they were last written. Splits that came to pass since then
are ``pending`` and applied first. From there, on today's basis, ``splits`` changes nothing; ``none``
undoes the splits, so that a price is what was paid on the day; ``all`` also takes payouts out, each by the factor
``1 − payout / previous close``, both on today's split basis. That factor is Yahoo's own: it reproduces its
``adjclose`` to float32 accuracy, where ``C / (C + D)`` is off by some 1e-6 a dividend.

Volumes follow splits only, as at every source.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from webapp.kernel.bars import CAPITAL_GAIN, DIVIDEND, SPLIT, Action, Bar, ShortBar
from webapp.kernel.closing import local_instant
from webapp.kernel.intervals import Interval, period_start
from webapp.reading.rules_payouts import OmittedPayout

Row = TypeVar("Row", bound=tuple[Any, ...])


class Adjust(StrEnum):
    """Which prices are wanted."""

    NONE = "none"
    SPLITS = "splits"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Step:
    """Bars that start before ``time`` (epoch seconds) are multiplied by ``price`` and ``volume``."""

    time: int
    price: float
    volume: float


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Factors by time: a bar that starts at ``t`` has those at the place ``bisect_right(edges, t)``.

    ``edges`` ascend; ``prices`` and ``volumes`` have one entry more, the last of them 1.0. With NumPy:
    ``prices[searchsorted(edges, times, side="right")]``.
    """

    edges: tuple[int, ...] = ()
    prices: tuple[float, ...] = (1.0,)
    volumes: tuple[float, ...] = (1.0,)
    omitted: tuple[OmittedPayout, ...] = ()
    """The payouts that the factors leave out."""

    def place(self, time: int) -> int:
        """Return where in ``prices`` and ``volumes`` the factors of a bar that starts at ``time`` stand."""
        return bisect_right(self.edges, time)

    def apply(self, bars: Iterable[Bar]) -> Iterator[Bar]:
        """Yield the bars, adjusted. A whole volume stays whole: as-traded shares were."""
        if not self.edges:
            yield from bars
            return
        for bar in bars:
            place = self.place(bar[0])
            yield scale_bar(bar, self.prices[place], self.volumes[place])


def scale_bar(bar: Bar, price: float, volume: float) -> Bar:
    """Return the bar with its prices and its volume multiplied."""
    time, open_, high, low, close, traded, wap, count = bar
    if volume != 1.0:
        traded = float(round(traded * volume)) if traded.is_integer() else traded * volume
    wap = None if wap is None else wap * price
    return (time, open_ * price, high * price, low * price, close * price, traded, wap, count)


def of_steps(steps: Iterable[Step]) -> Adjustment:
    """Return the factors that steps amount to: each holds for all bars before it, so they multiply backwards."""
    edges: list[int] = []
    prices, volumes = [1.0], [1.0]
    for step in sorted(steps, key=lambda step: step.time, reverse=True):
        if edges and edges[-1] == step.time:
            prices[-1] *= step.price
            volumes[-1] *= step.volume
        else:
            edges.append(step.time)
            prices.append(prices[-1] * step.price)
            volumes.append(volumes[-1] * step.volume)
    return Adjustment(tuple(reversed(edges)), tuple(reversed(prices)), tuple(reversed(volumes)))


def first_ex_bar(ex_date: int, interval: Interval, zone: ZoneInfo) -> int:
    """Return the start of the first bar that trades without the right (epoch seconds).

    ``ex_date`` is a label (00:00 UTC of the exchange's date). A week or month with the ex-date inside closes
    without the right, and counts as after it.
    """
    return period_start(ex_date, interval) if interval.is_dated else local_instant(ex_date, 0, zone)


def make(
    adjust: Adjust,
    actions: Iterable[Action],
    *,
    first_bar: Callable[[int], int],
    close_before: Callable[[int], float | None],
    pending: Collection[Action] = (),
    remainders: Mapping[int, float] | None = None,
) -> Adjustment:
    """Return the factors that bars as delivered need.

    :param first_bar: from an ex-date (label) to the start of the first bar that trades ex, see ``first_ex_bar``.
    :param close_before: from an ex-date (label) to the last close before it, on today's split basis; None when no
        bar is known just before it.
    :param pending: the splits that the bars do not contain yet.
    :param remainders: by ex-dates, the parts of a price that payouts leave by the source's own adjusted prices, for
        those without a close before; without one, nothing is adjusted.
    """
    if adjust is Adjust.NONE:
        splits = (action for action in actions if action.kind == SPLIT and action.value > 0 and action not in pending)
        return of_steps(Step(first_bar(split.time), split.value, 1 / split.value) for split in splits)
    steps = [Step(first_bar(split.time), 1 / split.value, split.value) for split in pending]
    if adjust is Adjust.SPLITS:
        return of_steps(steps)
    for ex_date, payout in _payouts(actions).items():
        close = close_before(ex_date)
        if close is not None and 0 < payout < close:  # a payout of the whole price leaves nothing to scale
            steps.append(Step(first_bar(ex_date), 1 - payout / close, 1.0))
        elif close is None and remainders and ex_date in remainders:
            steps.append(Step(first_bar(ex_date), remainders[ex_date], 1.0))
    return of_steps(steps)


def _payouts(actions: Iterable[Action]) -> dict[int, float]:
    """Return money a share by ex-date: a dividend and a capital gain of one day leave the price together."""
    payouts: defaultdict[int, float] = defaultdict(float)
    for action in actions:
        if action.kind in (DIVIDEND, CAPITAL_GAIN):
            payouts[action.time] += action.value
    return payouts


def parts(rows: list[Row], factors: Adjustment) -> Iterator[tuple[list[Row], float, float]]:
    """Yield ascending rows, whose times come first, with the factors of their prices and of their volume."""
    first = 0
    for place, (price, volume) in enumerate(zip(factors.prices, factors.volumes, strict=True)):
        is_last = place == len(factors.edges)
        end = len(rows) if is_last else bisect_left(rows, factors.edges[place], lo=first, key=lambda row: row[0])
        if first < end:
            yield rows[first:end], price, volume
        first = end


def scale(bars: list[ShortBar], price: float, volume: float) -> list[ShortBar]:
    """Return bars with their prices and volumes multiplied; a whole volume stays whole."""
    if volume == 1.0:
        return [(t, o * price, h * price, lo * price, c * price, v) for t, o, h, lo, c, v in bars]
    return [(t, o * price, h * price, lo * price, c * price, scale_volume(v, volume)) for t, o, h, lo, c, v in bars]


def scale_volume(traded: float, volume: float) -> float:
    """Return a volume multiplied; a whole one stays whole, as traded shares were."""
    return float(round(traded * volume)) if traded.is_integer() else traded * volume
