"""Closes that leap: moves far beyond a series' usual one, and which of the bars around a leap is the doubtful one.

The rule is pysystemtrade's spike check of daily price updates (``sysproduction/update_historical_prices.py``): a change
of more than eight times the usual one is not believed until a person has looked. What is usual changes with the times,
so it is the median absolute change of the bars around; the floors keep quiet series from flagging noise.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from operator import truediv
from statistics import median

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


def leaps(bars: Sequence[Bar], interval: Interval, explains: Explains) -> Leaps:
    """Return which of ascending bars leap; all closes must be positive.

    Of a spike the bars off the level are returned and not the one that is back on it. Where the first bars lie off the
    level of all later ones, they are returned. The overnight moves of intraday bars are compared with each other; over
    a hole of ten days (of three bars for longer ones) nothing is compared.

    Most of the time goes into finding the few moves that are worth a look at all, so that is all that is done for each.
    """
    least = _floor(interval) * _SPIKE_SHARE
    up, down = math.exp(least), math.exp(-least)
    closes = [bar[4] for bar in bars]
    ratios = map(truediv, islice(closes, 1, None), closes)
    candidates = [place for place, ratio in enumerate(ratios, 1) if not down <= ratio <= up]
    if not candidates:
        return Leaps(frozenset(), frozenset())
    times = [bar[0] for bar in bars]
    search = _Search(times, closes, _Usual(times, closes, interval), explains)
    search.look_at(candidates)
    return Leaps(frozenset(search.lasting), frozenset(search.spikes))


def _floor(interval: Interval) -> float:
    return next((floor for seconds, floor in _FLOORS if interval.seconds <= seconds), _LARGEST_FLOOR)


@dataclass(slots=True)
class _Usual:
    """How far the price usually moves from bar to bar, at each place; found when it is asked for."""

    times: Sequence[int]
    closes: Sequence[float]
    interval: Interval
    blocks: dict[int, float] = field(default_factory=dict)
    seams: float | None = None

    def limits(self, place: int) -> tuple[float, float]:
        """Return the largest move to a bar that may come back at once, and the largest that may stay (logs)."""
        block = place // _BLOCK
        if block not in self.blocks:
            self.blocks[block] = self._limit(block)
        floor = _floor(self.interval)
        back = max(self.blocks[block], floor * _SPIKE_SHARE)
        return back, max(back, floor, self._seam_limit() if self._is_seam(place) else 0.0)

    def hole(self, place: int) -> bool:
        """Tell whether a bar is too far from the one before it to be compared."""
        return self.times[place] - self.times[place - 1] > max(_HOLE, 3 * self.interval.seconds)

    def _limit(self, block: int) -> float:
        if len(self.closes) <= LEAST_HISTORY:
            return _WITHOUT_HISTORY
        end = min((block + 1) * _BLOCK, len(self.closes))
        moves = self._moves(range(max(1, min(block * _BLOCK, end - _BLOCK)), end))
        return TIMES_THE_USUAL * median(moves)

    def _moves(self, places: Sequence[int]) -> list[float]:
        return [abs(self.closes[place] / self.closes[place - 1] - 1) for place in places]

    def _is_seam(self, place: int) -> bool:
        if self.interval.is_dated:
            return False
        return self.times[place] - self.times[place - 1] > max(_SEAM, 1.5 * self.interval.seconds)

    def _seam_limit(self) -> float:
        if self.seams is None:
            length = max(_SEAM, 1.5 * self.interval.seconds)
            places = [place for place, (a, b) in enumerate(pairwise(self.times), 1) if b - a > length]
            usual = TIMES_THE_USUAL * median(self._moves(places)) if len(places) > LEAST_HISTORY else 0.0
            self.seams = max(usual, _floor(Interval.D1))
        return self.seams


@dataclass(slots=True)
class _Search:
    """The places of moves that are worth a look, and what comes of it."""

    times: Sequence[int]
    closes: Sequence[float]
    usual: _Usual
    explains: Explains
    lasting: set[int] = field(default_factory=set)
    spikes: set[int] = field(default_factory=set)

    def look_at(self, candidates: Sequence[int]) -> None:
        """Look at all candidates, oldest first."""
        done = 0
        for place in candidates:
            if place >= done and not self.usual.hole(place):
                done = self._look(place)

    def _look(self, place: int) -> int:
        """Look at one, and return the first place where another leap may be."""
        move, (least, limit) = self._move(place - 1, place), self.usual.limits(place)
        back = self._return(place, move, LONGEST_SPIKE if abs(move) > limit else 1) if abs(move) > least else None
        if not back and abs(move) <= limit:
            return place
        if self.explains(Leap(self.times[place - 1], self.times[place], self.closes[place - 1], move, limit)):
            return place
        first = self._first_after_hole(place)
        if back:
            self.spikes.update(self.times[place:back])
            return back + 1
        if first is not None:
            self.lasting.update(self.times[first:place])
        else:
            self.lasting.add(self.times[place])
        return place

    def _return(self, place: int, move: float, longest: int) -> int | None:
        """Return at which bar the price is back where it was before the leap, None when it is not soon."""
        for later in range(place + 1, min(place + longest + 1, len(self.times))):
            if self.usual.hole(later):
                return None
            if abs(self._move(place - 1, later)) <= _RETURNED * abs(move):
                return later
        return None

    def _first_after_hole(self, place: int) -> int | None:
        """Return the first of few bars before a leap, when many come after it: then those few are in doubt."""
        start = next((it for it in range(place - 1, 0, -1) if self.usual.hole(it) or place - it > LONGEST_SPIKE), 0)
        last = min(place + LEAST_HISTORY, len(self.times) - 1)
        is_cut = any(self.usual.hole(later) for later in range(place + 1, last + 1))
        if place - start > LONGEST_SPIKE or last - place < LEAST_HISTORY or is_cut:
            return None
        return start

    def _move(self, one: int, other: int) -> float:
        return math.log(self.closes[other] / self.closes[one])
