"""Bars as plain tuples, and larger bars made of smaller ones."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

Bar = tuple[int, float, float, float, float, float, float | None, int | None]
"""``(time, open, high, low, close, volume, wap, count)``: time is the bar's start, epoch seconds UTC (the exchange's
date at 00:00 UTC for daily and longer bars); prices as delivered; wap and count only where the source gives them."""


@dataclass(frozen=True, slots=True)
class Action:
    """A dividend, split or capital gain, by ex-date (exchange's date at 00:00 UTC, epoch seconds).

    ``value`` is money a share for dividends and capital gains, on the split basis the source delivered; for a split
    it is new shares per old share (4.0 for a 4:1).
    """

    kind: str
    time: int
    value: float


DIVIDEND = "dividend"
SPLIT = "split"
CAPITAL_GAIN = "capital_gain"


def aggregate(bars: Iterable[Bar], bucket: Callable[[int], int]) -> list[Bar]:
    """Merge ascending bars that fall into the same bucket: first open, highest, lowest, last close, summed volume.

    ``bucket`` maps a bar's time to its bucket's start. ``wap`` and ``count`` are dropped: no source that gives them
    needs this.
    """
    merged: list[Bar] = []
    for time, open_, high, low, close, volume, _, _ in bars:
        start = bucket(time)
        if merged and merged[-1][0] == start:
            _, first, top, bottom, _, so_far, _, _ = merged[-1]
            merged[-1] = (start, first, max(top, high), min(bottom, low), close, so_far + volume, None, None)
        else:
            merged.append((start, open_, high, low, close, volume, None, None))
    return merged
