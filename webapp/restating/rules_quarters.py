"""A source's list of all actions as a checksum: what its adjusted closes say of each quarter, beside our actions.

From one quarter's last close to the next, the factor of adjusted prices changes by what was paid in between. Ours for
the same quarter cannot be told exactly without its days, but lies between two bounds: a payout of D leaves the part
``1 − D / close before``, and that close lies between the lowest and the highest price around. Where the source's lies
outside, an action is missing or wrong, and the days must decide.

A source may put a payout into the quarter beside (yfinance #1273 tells so of weeks and months), so that two quarters
next to each other that are right together are right.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from webapp.kernel.adjusted_closes import Quarter
from webapp.kernel.bars import SPLIT, Action
from webapp.kernel.spans import Span

TOLERANCE = 2e-4
"""How far (relatively) the two factors of a quarter may differ: several payouts, each rounded."""
_SAME_VALUE = 1e-3
_HALVINGS = 100
_ROUNDING = 1e-6  # payouts come with six decimals, which is little beside 0.000536


@dataclass(frozen=True, slots=True)
class QuarterFactors:
    """What remains of a price after the payouts of a quarter: by the source, and by our actions at least and most.

    ``span`` holds the quarter's dates at 00:00 UTC.
    """

    span: Span
    theirs: float
    least: float
    most: float
    payouts: tuple[Action, ...] = ()
    """Those of ours that were paid in it."""

    @property
    def excess(self) -> float:
        """By how much (logarithm) the source's factor lies beyond our bounds; 0.0 when it lies within."""
        low, high = self.least * (1 - TOLERANCE), self.most * (1 + TOLERANCE)
        return math.log(self.theirs / min(max(self.theirs, low), high))

    @property
    def key(self) -> str:
        """The quarter's name where it is kept how often its days were looked at."""
        return str(self.span.start)

    @property
    def compared(self) -> list[float]:
        """What was compared; as long as it stays the same, the days are looked at ever more rarely."""
        return [self.theirs, self.least, self.most]


def compare_quarters(quarters: Sequence[Quarter], actions: Iterable[Action], end: int) -> list[QuarterFactors]:
    """Return the factors of all quarters but the first, which has no close before it.

    :param end: ends the last quarter (a date at 00:00 UTC).
    """
    payouts = [action for action in actions if action.kind != SPLIT]
    ends = [quarter.last.time for quarter in quarters[2:]] + [end]
    factors = []
    for (before, quarter), until in zip(pairwise(quarters), ends, strict=False):
        span = Span(quarter.last.time, until)
        inside = tuple(payout for payout in payouts if span.start <= payout.time < span.end)
        low = min(quarter.low, before.last.close)
        high = max(quarter.high, before.last.close)
        theirs = before.last.factor / quarter.last.factor
        factors.append(QuarterFactors(span, theirs, _remainder(inside, low), _remainder(inside, high), inside))
    return factors


def _remainder(payouts: Iterable[Action], close: float) -> float:
    """Return what remains of a price; a payout of the whole price leaves nothing to scale, and is not taken out."""
    return math.prod(1 - payout.value / close for payout in payouts if 0 < payout.value < close)


def find_doubtful(factors: Sequence[QuarterFactors]) -> list[QuarterFactors]:
    """Return the quarters that differ, without neighbours that are right together."""
    shifted = set(_find_shifted(factors))
    return [quarter for quarter in factors if quarter.excess and quarter.key not in shifted]


def _find_shifted(factors: Sequence[QuarterFactors]) -> Iterator[str]:
    for earlier, later in pairwise(factors):
        both = QuarterFactors(
            Span(earlier.span.start, later.span.end),
            earlier.theirs * later.theirs,
            earlier.least * later.least,
            earlier.most * later.most,
        )
        if earlier.excess and later.excess and not both.excess:
            yield from (earlier.key, later.key)


def find_remainders(factors: Iterable[QuarterFactors]) -> dict[tuple[str, int], float]:
    """Return what each payout leaves of a price, by kind and ex-date, where the source's closes agree with ours.

    Of several payouts in a quarter each is taken at one and the same price, so that together they leave exactly what
    the source's adjusted closes say. That is right for bars outside of the quarter, which have no close before it.
    """
    remainders: dict[tuple[str, int], float] = {}
    for quarter in factors:
        if quarter.payouts and not quarter.excess and quarter.theirs < 1:
            price = _find_price(quarter)
            remainders |= {(payout.kind, payout.time): 1 - payout.value / price for payout in quarter.payouts}
    return remainders


def _find_price(quarter: QuarterFactors) -> float:
    """Return the one price at which all payouts of a quarter leave what the source says: by halves, as it ascends."""
    amounts: defaultdict[int, float] = defaultdict(float)
    for payout in quarter.payouts:
        amounts[payout.time] += payout.value
    low, high = max(amounts.values()), sum(amounts.values()) / (1 - quarter.theirs)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if math.prod(1 - amount / middle for amount in amounts.values()) < quarter.theirs:
            low = middle
        else:
            high = middle
    return high


def is_same_value(ours: float, theirs: float) -> bool:
    """Tell whether two values of an action are the same but for rounding."""
    return abs(ours - theirs) <= max(_SAME_VALUE * abs(theirs), _ROUNDING)
