"""What a source's adjusted closes say of the payouts of each day, beside what our actions say.

From one day to the next, the factor of adjusted closes changes by what is paid on the later one: it leaves the part
``1 − D / close before`` (``reading.rules_adjustment``). So every daily answer tells twice what was paid, once by its
events and once by its prices, and each can be checked by the other.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from webapp.kernel.adjusted_closes import AdjustedClose
from webapp.kernel.bars import SPLIT, Action
from webapp.kernel.currencies import parse_unit
from webapp.kernel.spans import Span

TOLERANCE = 1e-4
"""How far (relatively) two factors may differ: prices and payouts are rounded, and a hundredth of a percent is none."""
MOST_DISCREPANCIES = 20
"""So many of one answer are told singly; more are told as one."""


@dataclass(frozen=True, slots=True)
class PayoutStep:
    """Two days in a row: the close of the first, and what remains of a price from one to the other by the source.

    ``span`` has their dates at 00:00 UTC; a payout belongs to it whose ex-date is after its start and not after its
    end.
    """

    span: Span
    close: float
    theirs: float
    payouts: tuple[Action, ...] = ()

    def remainder(self, payouts: Iterable[Action]) -> float:
        """Return what payouts leave of a price; one of the whole price leaves nothing to scale, and counts as none."""
        amount = sum(payout.value for payout in payouts)
        return 1 - amount / self.close if 0 < amount < self.close else 1.0

    def agrees(self, ours: float) -> bool:
        """Tell whether the source's prices say the same."""
        return abs(self.theirs / ours - 1) <= TOLERANCE


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """That prices before the end of ``span`` differ by ``size`` (relatively) from what our actions make of them."""

    span: Span
    size: float


def list_steps(closes: Sequence[AdjustedClose], actions: Iterable[Action]) -> Iterator[PayoutStep]:
    """Yield the steps that say anything: those with a payout of ours, or with one by the source's prices."""
    by_day: defaultdict[int, list[Action]] = defaultdict(list)
    for action in actions:
        if action.kind != SPLIT:
            by_day[action.time].append(action)
    days = sorted(by_day)
    place = 0
    for before, after in pairwise(closes):
        while place < len(days) and days[place] <= before.time:
            place += 1
        payouts: list[Action] = []
        while place < len(days) and days[place] <= after.time:
            payouts += by_day[days[place]]
            place += 1
        theirs = before.factor / after.factor
        if payouts or abs(theirs - 1) > TOLERANCE:
            yield PayoutStep(Span(before.time, after.time), before.close, theirs, tuple(payouts))


def find_discrepancies(
    closes: Sequence[AdjustedClose], actions: Iterable[Action], currency: str | None = None
) -> list[Discrepancy]:
    """Return where the source's adjusted closes are not what our actions make of its closes.

    Nothing is said of steps with a payout in another currency than the prices: at what rate it was taken is not known.

    :param currency: that of the prices, as the source writes it.
    """
    discrepancies = [
        Discrepancy(step.span, step.theirs / step.remainder(step.payouts) - 1)
        for step in list_steps(closes, actions)
        if not step.agrees(step.remainder(step.payouts)) and not _is_foreign(step.payouts, currency)
    ]
    if len(discrepancies) <= MOST_DISCREPANCIES:
        return discrepancies
    whole = Span(discrepancies[0].span.start, discrepancies[-1].span.end)
    return [Discrepancy(whole, math.prod(1 + discrepancy.size for discrepancy in discrepancies) - 1)]


def _is_foreign(payouts: Iterable[Action], currency: str | None) -> bool:
    """Tell whether any payout names another unit of money than the prices have."""
    priced = parse_unit(currency)
    return any(payout.currency and parse_unit(payout.currency) != priced for payout in payouts)
