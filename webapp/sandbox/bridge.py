"""How a long bar is made of short ones: a path from its open to its close that touches its high and its low.

The same bridge lays minutes under a session and seconds under a minute, so that every interval adds up
exactly to the next, and any stretch can be had without what lies before it.
"""

import numpy as np
from numpy.typing import NDArray

from webapp.sandbox import noise
from webapp.sandbox.columns import Columns, Ticks
from webapp.sandbox.noise import Floats, Ints, Seeds

_STEPS, _WICKS_UP, _WICKS_DOWN, _SHARES = 1, 2, 3, 4
_ROOM = 0.85
"""How much of the distance between low and high the path itself takes; wicks take the rest."""


def bridge(bars: Ticks, states: Seeds, starts: Ints) -> Ticks:
    """Return the short bars under long ones.

    :param bars: the long bars, one a row.
    :param states: a seed for each row.
    :param starts: the starts of the short bars, as many for each row as there are columns.
    :returns: the short bars, row after row. In each row the first opens at the long bar's open, the last
    closes at its
        close, the highest high and the lowest low are its own, and the volumes add up to its volume.
    """
    count = starts.shape[1]
    addresses: Seeds = states[:, None] + np.arange(count).astype(np.uint64)
    closes = _path(bars, noise.triangular(_stream(addresses, _STEPS)))
    opens = np.concatenate((bars.open[:, None], closes[:, :-1]), axis=1)
    wick = (bars.high - bars.low)[:, None] / np.sqrt(count)
    above = np.rint(wick * noise.uniform(_stream(addresses, _WICKS_UP))).astype(np.int64)
    below = np.rint(wick * noise.uniform(_stream(addresses, _WICKS_DOWN))).astype(np.int64)
    highs = np.minimum(np.maximum(opens, closes) + above, bars.high[:, None])
    lows = np.maximum(np.minimum(opens, closes) - below, bars.low[:, None])
    rows = np.arange(len(bars))
    highs[rows, highs.argmax(axis=1)] = bars.high
    lows[rows, lows.argmin(axis=1)] = bars.low
    lots = _shares(bars.volume, noise.uniform(_stream(addresses, _SHARES)))
    return Columns(*(columns.ravel() for columns in (starts, opens, highs, lows, closes, lots)))


def _stream(addresses: NDArray[np.uint64], number: int) -> Seeds:
    return noise.mix(addresses ^ noise.mix(np.array([number], dtype=np.uint64)))


def _path(bars: Ticks, steps: Floats) -> Ints:
    """Return the closes: a random walk, pinned at both ends and stretched to the long bar's height."""
    count = steps.shape[1]
    share = np.arange(1, count + 1) / count
    walk = np.cumsum(steps, axis=1)
    swing = walk - walk[:, -1:] * share
    reach = np.maximum(np.ptp(swing, axis=1), 1e-9)
    height = _ROOM * (bars.high - bars.low) / reach
    straight = bars.open[:, None] + (bars.close - bars.open)[:, None] * share
    free: Ints = np.rint(straight + height[:, None] * swing).astype(np.int64)
    closes: Ints = np.clip(free, bars.low[:, None], bars.high[:, None])
    closes[:, -1] = bars.close
    return closes


def _shares(lots: Ints, dice: Floats) -> Ints:
    """Divide each row's volume, more of it to the two ends; whole lots that add up exactly."""
    count = dice.shape[1]
    middle = (np.arange(count) + 0.5) / count * 2 - 1
    weights = np.cumsum((0.3 + dice) * (1 + middle**2), axis=1)
    until: Ints = np.floor(lots[:, None] * (weights / weights[:, -1:])).astype(np.int64)
    until[:, -1] = lots
    return np.asarray(np.diff(until, axis=1, prepend=0), dtype=np.int64)
