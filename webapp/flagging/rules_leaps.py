"""Closes that leap: moves far beyond a series' usual one, and which of the bars around a leap is the doubtful one.

The rule is pysystemtrade's spike check of daily price updates (``sysproduction/update_historical_prices.py``): a change
of more than eight times the usual one is not believed until a person has looked. What is usual changes with the times,
so it is the median absolute change of the bars around; the floors keep quiet series from flagging noise.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import islice, pairwise
from operator import truediv
from statistics import median
from typing import NamedTuple

from webapp.kernel.bars import Bar
from webapp.kernel.intervals import DAY, HOUR, Interval

TIMES_THE_USUAL = 8.0
LEAST_HISTORY = 20
"""With fewer moves nothing is usual, and only a fivefold price is doubtful."""
LONGEST_SPIKE = 3
"""So many bars may lie beside the others before the price is back."""
_WITHOUT_HISTORY = math.log(5)
_BLOCK = 250
_RETURNED = 0.25
_SPIKE_SHARE = 2 / 3
_FLOORS = ((60, 0.03), (900, 0.05), (HOUR, 0.1), (DAY - 1, 0.13), (DAY, 0.15), (7 * DAY, 0.25))
_LARGEST_FLOOR = 0.4
_SEAM = 2 * HOUR
_HOLE = 10 * DAY


@dataclass(frozen=True, slots=True)
class Leap:
    """A move from the close of the bar at ``before`` to that at ``at`` (starts, epoch seconds): the ratio's log.

    ``close`` is the close before; ``limit`` is the largest move (log) that would have raised no doubt.
    """

    before: int
    at: int
    close: float
    move: float
    limit: float


Explains = Callable[[Leap], bool]
"""Whether something that is known explains a leap: an action, or the same leap at another source."""


@dataclass(frozen=True, slots=True)
class Leaps:
    """The starts of doubtful bars: those that leap and stay, and those that the price comes back from at once."""

    lasting: frozenset[int]
    spikes: frozenset[int]


@dataclass(frozen=True, slots=True)
class Spike:
    """The price leaps and is back at the bar at place ``back``: those before it are in doubt."""

    back: int


@dataclass(frozen=True, slots=True)
class Lasting:
    """The price leaps and stays: the bars from place ``first`` to ``end`` are in doubt, the last one not included."""

    first: int
    end: int


class Harmless(Enum):
    """What else a move may be; then no bar is in doubt."""

    EXPLAINED = "explained"
    USUAL = "usual"


def leaps(bars: Sequence[Bar], interval: Interval, explains: Explains) -> Leaps:
    """Return which of ascending bars leap; all closes must be positive.

    Of a spike the bars off the level are returned and not the one that is back on it. Where the first bars lie off the
    level of all later ones, they are returned. The overnight moves of intraday bars are compared with each other; over
    a hole of ten days (of three bars for longer ones) nothing is compared.
    """
    closes = [bar[4] for bar in bars]
    places = _large_moves(closes, interval)
    if not places:
        return Leaps(frozenset(), frozenset())
    times = [bar[0] for bar in bars]
    usual = _Usual(times, closes, interval)
    classifier = _Classifier(times, closes, usual, explains)
    lasting: set[int] = set()
    spikes: set[int] = set()
    since = 0
    for move in usual.moves(places):
        if move.place < since:  # the way back from a spike
            continue
        match classifier.classify(move):
            case Harmless():
                continue
            case Spike(back):
                spikes.update(times[move.place : back])
                since = back + 1
            case Lasting(first, end):
                lasting.update(times[first:end])
    return Leaps(frozenset(lasting), frozenset(spikes))


def _large_moves(closes: Sequence[float], interval: Interval) -> list[int]:
    """Return the places of closes that are worth a look: most of the time goes into finding these few."""
    threshold = _floor(interval) * _SPIKE_SHARE
    up, down = math.exp(threshold), math.exp(-threshold)
    ratios = map(truediv, islice(closes, 1, None), closes)
    return [place for place, ratio in enumerate(ratios, 1) if not down <= ratio <= up]


def _floor(interval: Interval) -> float:
    return next((floor for seconds, floor in _FLOORS if interval.seconds <= seconds), _LARGEST_FLOOR)


class _Move(NamedTuple):
    """A move (log) to the bar at a place from the one before; a tuple, as wild prices make many.

    ``limit`` is the largest that may stay, ``spike_limit`` the largest that may come back at once.
    """

    place: int
    size: float
    limit: float
    spike_limit: float


@dataclass(slots=True)
class _Usual:
    """How far the price usually moves from bar to bar, at each place; computed for the blocks that are asked for."""

    times: Sequence[int]
    closes: Sequence[float]
    interval: Interval
    blocks: dict[int, float] = field(default_factory=dict)
    seams: float | None = None
    floor: float = field(init=False)

    def __post_init__(self) -> None:
        """Keep what is asked for at each place."""
        self.floor = _floor(self.interval)

    def moves(self, places: Iterable[int]) -> Iterator[_Move]:
        """Yield the moves to bars that can be compared with the ones before them."""
        for place in places:
            if not self.is_hole(place):
                size = math.log(self.closes[place] / self.closes[place - 1])
                yield _Move(place, size, *self._limits(place))

    def _limits(self, place: int) -> tuple[float, float]:
        """Return the largest move to a bar that may stay, and the largest that may come back at once (logs)."""
        block = place // _BLOCK
        if block not in self.blocks:
            self.blocks[block] = self._limit(block)
        spike = max(self.blocks[block], self.floor * _SPIKE_SHARE)
        return max(spike, self.floor, self._seam_limit() if self._is_seam(place) else 0.0), spike

    def is_hole(self, place: int) -> bool:
        """Tell whether a bar is too far from the one before it to be compared."""
        return self.times[place] - self.times[place - 1] > max(_HOLE, 3 * self.interval.seconds)

    def _limit(self, block: int) -> float:
        if len(self.closes) <= LEAST_HISTORY:
            return _WITHOUT_HISTORY
        end = min((block + 1) * _BLOCK, len(self.closes))
        changes = self._changes(range(max(1, min(block * _BLOCK, end - _BLOCK)), end))
        return TIMES_THE_USUAL * median(changes)

    def _changes(self, places: Iterable[int]) -> list[float]:
        return [abs(self.closes[place] / self.closes[place - 1] - 1) for place in places]

    def _is_seam(self, place: int) -> bool:
        if self.interval.is_dated:
            return False
        return self.times[place] - self.times[place - 1] > max(_SEAM, 1.5 * self.interval.seconds)

    def _seam_limit(self) -> float:
        if self.seams is None:
            length = max(_SEAM, 1.5 * self.interval.seconds)
            places = [place for place, (a, b) in enumerate(pairwise(self.times), 1) if b - a > length]
            usual = TIMES_THE_USUAL * median(self._changes(places)) if len(places) > LEAST_HISTORY else 0.0
            self.seams = max(usual, _floor(Interval.D1))
        return self.seams


@dataclass(frozen=True, slots=True)
class _Classifier:
    """Tells what a move is, with the closes around it and what is known."""

    times: Sequence[int]
    closes: Sequence[float]
    usual: _Usual
    explains: Explains

    def classify(self, move: _Move) -> Spike | Lasting | Harmless:
        """Return what a move is; what explains a leap is asked only of one that is beyond the usual."""
        is_large = abs(move.size) > move.limit
        back = self._return(move, LONGEST_SPIKE if is_large else 1) if abs(move.size) > move.spike_limit else None
        if back is None and not is_large:
            return Harmless.USUAL
        if self.explains(self._leap(move)):
            return Harmless.EXPLAINED
        return Lasting(*self._doubtful(move.place)) if back is None else Spike(back)

    def _leap(self, move: _Move) -> Leap:
        before = move.place - 1
        return Leap(self.times[before], self.times[move.place], self.closes[before], move.size, move.limit)

    def _return(self, move: _Move, longest: int) -> int | None:
        """Return at which bar the price is back where it was before the move, None when it is not soon."""
        before = self.closes[move.place - 1]
        for later in range(move.place + 1, min(move.place + longest + 1, len(self.times))):
            if self.usual.is_hole(later):
                return None
            if abs(math.log(self.closes[later] / before)) <= _RETURNED * abs(move.size):
                return later
        return None

    def _doubtful(self, place: int) -> tuple[int, int]:
        """Return the places from and to which bars are in doubt: the leap's own, or the few before when many follow."""
        is_hole = self.usual.is_hole
        start = next((first for first in range(place - 1, 0, -1) if is_hole(first) or place - first > LONGEST_SPIKE), 0)
        last = min(place + LEAST_HISTORY, len(self.times) - 1)
        is_cut = any(is_hole(later) for later in range(place + 1, last + 1))
        if place - start > LONGEST_SPIKE or last - place < LEAST_HISTORY or is_cut:
            return place, place + 1
        return start, place
