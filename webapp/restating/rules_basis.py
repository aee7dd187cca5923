"""What bars that were asked for twice tell of their source: nothing new, another basis, or single corrections.

A source that delivers on today's basis of splits changes all of its history on the day of one. The few bars that every
update asks for again show it: their stored and their delivered prices differ by one factor
(docs/data.md#changed-history).
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from statistics import median

from webapp.kernel.bars import Bar

LEAST_BARS = 3
"""So many bars must show a factor; fewer may be wrong together."""
LEAST_CHANGE = 5e-3
"""A smaller factor is no split: 21:20 is 5 %, and corrections of a few hundredths happen."""
TOLERANCE = 1e-4
"""How far (relatively) a price may lie beside the common factor, over what rounding does."""
_AGREEMENT = 2 / 3  # the last bar or two may have been corrected as well
_NOISE = 1e-6  # float32's is 6e-8, and a division doubles it
_SAME_FACTOR = 1e-3
_SPLIT_PARTS = 12
_SAMPLE = 25

Pair = tuple[Bar, Bar]
"""A bar as stored and as delivered now."""


class Basis(StrEnum):
    """What answers say together of the basis that stored bars stand on."""

    SAME = "same"
    MOVED = "moved"
    UNPROVEN = "unproven"
    UNCONFIRMED = "unconfirmed"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True)
class BasisComparison:
    """What the bars of one answer show beside the stored ones of the same times.

    ``ratio`` is stored over delivered prices: 1.0 on the same basis, 4.0 after a 4:1 split; None when it cannot be
    told: too few bars in common, or no common factor. ``median_ratio`` is that of however few, None without any.
    ``is_volume_too`` tells whether the volumes moved by the inverse.
    """

    shared: tuple[int, ...] = ()
    ratio: float | None = None
    median_ratio: float | None = None
    is_volume_too: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """A bar whose stored values (on the new basis) were not what came now: open, high, low, close, volume each."""

    time: int
    old: tuple[float, ...]
    new: tuple[float, ...]
    is_price: bool = True
    """Whether a price differs, and not the volume alone."""


def _volume(bar: Bar) -> float:
    return bar[5]


def prices(bar: Bar) -> tuple[float, float, float, float]:
    """Return open, high, low and close."""
    return bar[1:5]


def pairs(stored: Iterable[Bar], delivered: Iterable[Bar]) -> list[Pair]:
    """Return the bars that both have, by their time."""
    now: Mapping[int, Bar] = {bar[0]: bar for bar in delivered}
    return [(bar, now[bar[0]]) for bar in stored if bar[0] in now]


def compare(shared: Sequence[Pair], least_change: float = LEAST_CHANGE) -> BasisComparison:
    """Return what bars in common show; prices that are not positive have no ratio and are left out."""
    usable = [pair for pair in shared if min(*prices(pair[0]), *prices(pair[1])) > 0]
    times = tuple(old[0] for old, _ in shared)
    if not usable:
        return BasisComparison(times)
    median_ratio = median(a / b for old, new in usable for a, b in zip(prices(old), prices(new), strict=True))
    if abs(median_ratio - 1) <= least_change:
        return BasisComparison(times, 1.0 if len(usable) >= LEAST_BARS else None, median_ratio)
    step = _step(old for old, _ in usable), _step(new for _, new in usable)
    agreeing = [pair for pair in usable if _agrees(pair, median_ratio, step)]
    if len(agreeing) < max(LEAST_BARS, _AGREEMENT * len(usable)):
        return BasisComparison(times, None, median_ratio)
    ratio = sum(sum(prices(old)) for old, _ in agreeing) / sum(sum(prices(new)) for _, new in agreeing)
    return BasisComparison(times, ratio, median_ratio, _is_volume_too(agreeing, ratio))


def decide_basis(ratios: Iterable[float | None]) -> tuple[Basis, float]:
    """Return what answers say together, and by how much the basis moved: never on the word of one alone."""
    proven = [ratio for ratio in ratios if ratio is not None]
    if not proven:
        return Basis.UNPROVEN, 1.0
    if any(abs(ratio / proven[0] - 1) > _SAME_FACTOR for ratio in proven):
        return Basis.CONTRADICTED, 1.0
    if all(ratio == 1.0 for ratio in proven):
        return Basis.SAME, 1.0
    return (Basis.MOVED if len(proven) > 1 else Basis.UNCONFIRMED), proven[0]


def snap_ratio(ratio: float, splits: Iterable[float] = ()) -> float:
    """Return the ratio that was meant: a known split's, or one of small whole numbers, where it is that but for noise.

    Prices that are rounded to cents show 4.0003 for 4.
    """
    for value in splits:
        if value > 0 and abs(ratio / value - 1) <= _SAME_FACTOR:
            return value
    above = max(ratio, 1 / ratio)
    whole = Fraction(above).limit_denominator(_SPLIT_PARTS)
    if abs(above / whole - 1) > TOLERANCE:
        return ratio
    return float(whole) if ratio >= 1 else float(1 / whole)


def differences(shared: Iterable[Pair], ratio: float, *, is_volume_too: bool) -> list[Difference]:
    """Return the bars that came with other values than stored, besides what the ratio explains."""
    changed = []
    noise = _NOISE if ratio == 1.0 else _SAME_FACTOR  # what was divided was rounded before
    for old, new in shared:
        volume = _volume(old) * (ratio if is_volume_too else 1.0)
        was = (*(price / ratio for price in prices(old)), volume)
        now = (*prices(new), _volume(new))
        is_price = _differs(was[:4], now[:4], noise)
        if is_price or _differs(was[4:], now[4:], noise):
            changed.append(Difference(new[0], was, now, is_price))
    return changed


def _step(bars: Iterable[Bar]) -> float:
    """Return the step that prices are rounded to: 0.01 for cents, next to nothing for unrounded ones."""
    sample = list(bars)
    edges = sample[:_SAMPLE] + sample[-_SAMPLE:]
    exponents = (Decimal(repr(price)).normalize().as_tuple().exponent for bar in edges for price in prices(bar))
    return float(10.0 ** min(int(exponent) for exponent in exponents))


def _agrees(pair: Pair, ratio: float, step: tuple[float, float]) -> bool:
    old, new = pair
    rounding = (step[0] + ratio * step[1]) / 2
    both = zip(prices(old), prices(new), strict=True)
    return all(abs(a - ratio * b) <= TOLERANCE * a + rounding * (1 + TOLERANCE) for a, b in both)


def _is_volume_too(agreeing: Iterable[Pair], ratio: float) -> bool:
    moved = [_volume(new) / _volume(old) for old, new in agreeing if _volume(old) > 0 and _volume(new) > 0]
    if not moved:
        return False
    middle = median(moved)
    return abs(math.log(middle / ratio)) < abs(math.log(middle))


def _differs(old: Sequence[float], new: Sequence[float], noise: float) -> bool:
    return any(abs(a - b) > noise * max(abs(a), abs(b)) for a, b in zip(old, new, strict=True))
