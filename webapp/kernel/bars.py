"""Bars as plain tuples, and larger bars made of smaller ones."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

Bar = tuple[int, float, float, float, float, float, float | None, int | None]
"""``(time, open, high, low, close, volume, wap, count)``: time is the bar's start, epoch seconds UTC (the exchange's
date at 00:00 UTC for daily and longer bars); prices as delivered; wap and count only where the source gives them."""


ShortBar = tuple[int, float, float, float, float, float]
"""A bar without what only some sources give: ``(time, open, high, low, close, volume)``."""


@dataclass(frozen=True, slots=True)
class Action:
    """A dividend, split or capital gain, by ex-date (exchange's date at 00:00 UTC, epoch seconds).

    ``value`` is money a share for dividends and capital gains, on the split basis the source delivered; for a split
    it is new shares per old share (4.0 for a 4:1).
    """

    kind: str
    time: int
    value: float
    currency: str | None = None
    """What a payout is paid in, as the source writes it; None where it does not say: then it is that of the prices."""


DIVIDEND = "dividend"
SPLIT = "split"
CAPITAL_GAIN = "capital_gain"


def aggregate(bars: Iterable[Bar], bucket: Callable[[int], int]) -> list[Bar]:
    """Merge ascending bars that fall into the same bucket: first open, highest, lowest, last close, summed volume.

    ``bucket`` maps a bar's time to its bucket's start. The merged ``wap`` is weighted by volume, ``count`` is summed;
    each is None when a bar has none.
    """
    return list(aggregated(bars, bucket))


def aggregated(bars: Iterable[Bar], bucket: Callable[[int], int]) -> Iterator[Bar]:
    """Yield what ``aggregate`` returns, with no more than the bars of one bucket in memory."""
    return (_merged(start, list(group)) for start, group in groupby(bars, lambda bar: bucket(bar[0])))


def _merged(start: int, group: list[Bar]) -> Bar:
    volume = sum(bar[5] for bar in group)
    counts = [bar[7] for bar in group if bar[7] is not None]
    return (
        start,
        group[0][1],
        max(bar[2] for bar in group),
        min(bar[3] for bar in group),
        group[-1][4],
        volume,
        _weighted(group, volume),
        sum(counts) if len(counts) == len(group) else None,
    )


def _weighted(group: list[Bar], volume: float) -> float | None:
    """Return the average price by volume; without any volume, that of the last bar."""
    if group[-1][6] is None or not volume:
        return group[-1][6]
    money = [bar[6] * bar[5] for bar in group if bar[6] is not None]
    return sum(money) / volume if len(money) == len(group) else None
