"""Which bars look wrong (docs/data.md#suspicious-bars): small rules, each with a name, over what a source delivered.

A suspicious bar is stored as it came; a person decides what becomes of it. Nothing here knows who reads it: the rules
get ascending bars and return times with the names of the rules that they break. Plain Python and no NumPy: making
columns of tuples takes NumPy longer than the rules take here, and neither web nor worker need it otherwise.
"""

from collections.abc import Sequence
from enum import StrEnum

from webapp.flagging.rules_leaps import Explains, leaps
from webapp.kernel.bars import Bar
from webapp.kernel.flag_states import FlagState
from webapp.kernel.intervals import Interval

SAME = 1e-4
"""Prices that differ by less (relatively) are one value: float32, and the rounding of what a split has divided."""
_FAR_OFF = 2.0
_USUALLY_NEGATIVE = 0.1
_LEAST_BARS = 20


class SuspicionRule(StrEnum):
    """What may be wrong with a bar; kept in the database by these names."""

    NOT_POSITIVE = "not_positive"
    INCONSISTENT = "inconsistent"
    INCOMPLETE = "incomplete"
    FAR_OFF = "far_off"
    LEAP = "leap"
    SPIKE = "spike"
    SPLIT_SEAM = "split_seam"


class Reply(StrEnum):
    """What came of asking a source again when it did not settle the matter: the same values, or no bar at all."""

    SAME = "same"
    NOTHING = "nothing"


UNDECIDED = (FlagState.OPEN, FlagState.ASKED)


def suspicions(bars: Sequence[Bar], interval: Interval, explains: Explains) -> dict[int, tuple[SuspicionRule, ...]]:
    """Return the starts of ascending bars that look wrong, with the rules they break.

    :param explains: asked of each leap before it is held against a bar.
    """
    odd = _odd(bars)
    broken: dict[int, list[SuspicionRule]] = {}
    for rule, times in (
        (SuspicionRule.NOT_POSITIVE, not_positive(odd, len(bars))),
        (SuspicionRule.INCONSISTENT, inconsistent(odd)),
        (SuspicionRule.FAR_OFF, far_off(odd)),
    ):
        for time in times:
            broken.setdefault(time, []).append(rule)
    priced = bars if not odd else [bar for bar in bars if bar[4] > 0]
    leaping = leaps(priced, interval, explains)
    for time in leaping.spikes:
        broken.setdefault(time, []).append(SuspicionRule.SPIKE)
    for time in leaping.lasting:
        broken.setdefault(time, []).append(SuspicionRule.LEAP)
    return {time: tuple(rules) for time, rules in sorted(broken.items())}


def _odd(bars: Sequence[Bar]) -> list[Bar]:
    """Return the bars that one of the rules over single bars could mean, in one quick pass: nearly none is."""
    odd = []
    for bar in bars:
        _, opening, high, low, close, _, _, _ = bar
        if not (0 < low <= opening <= high <= low + low and low <= close <= high):
            odd.append(bar)
    return odd


def not_positive(bars: Sequence[Bar], among: int) -> list[int]:
    """Return bars with a price of zero or less (docs/data.md#suspicious-bars), which may be some out of ``among``.

    Prices of some instruments are negative rightly (crude oil of May 2020 on 20 April 2020): such a bar is for a person
    to accept. Where a tenth of the bars is like that, it is the instrument's nature (a spread, a yield), and none is
    returned.
    """
    times = [bar[0] for bar in bars if bar[1] <= 0 or bar[2] <= 0 or bar[3] <= 0 or bar[4] <= 0]
    is_usual = among >= _LEAST_BARS and len(times) > _USUALLY_NEGATIVE * among
    return [] if is_usual else times


def inconsistent(bars: Sequence[Bar]) -> list[int]:
    """Return bars whose high lies below the low, or whose open or close lies outside of both.

    That is what open, high, low and close mean in any exchange's data specification. Yahoo delivers float32 and
    rounds each price for itself, so a ten-thousandth of the price is let pass.
    """
    return [bar[0] for bar in bars if not bar[3] <= bar[1] <= bar[2] >= bar[4] >= bar[3] and _contradicts(bar)]


def far_off(bars: Sequence[Bar]) -> list[int]:
    """Return bars whose high is more than twice both open and close, or whose low is less than half of both.

    A single wrong trade shows there, and the closes know nothing of it: the high or low of one bar, "100x off" errors
    in yfinance's price repair (``repair=True``) are of this kind.
    """
    return [
        bar[0]
        for bar in bars
        if bar[3] > 0
        and (
            (bar[2] > _FAR_OFF * bar[1] and bar[2] > _FAR_OFF * bar[4])
            or (_FAR_OFF * bar[3] < bar[1] and _FAR_OFF * bar[3] < bar[4])
        )
    ]


def is_same(first: Bar, second: Bar) -> bool:
    """Tell whether two bars have the same open, high, low and close; volumes are corrected too often to tell."""
    both = zip(first[1:5], second[1:5], strict=True)
    return all(abs(a - b) <= SAME * max(abs(a), abs(b)) for a, b in both)


def _contradicts(bar: Bar) -> bool:
    _, opening, high, low, close, *_ = bar
    noise = SAME * max(abs(opening), abs(high), abs(low), abs(close))
    return low > high + noise or max(opening, close) > high + noise or min(opening, close) < low - noise
