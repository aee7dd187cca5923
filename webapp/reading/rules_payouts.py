"""Which payouts prices are adjusted for: those whose ex-date has come, where bars can tell of which price a part."""

from dataclasses import dataclass

from webapp.kernel.intervals import DAY

_LONGEST_CLOSURE = 10 * DAY
"""Exchanges close for longer holidays than a week (the Lunar New Year), and hardly ever for longer than this."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far stored bars reach beyond (or not up to) an ex-date; epoch seconds, dates at 00:00 UTC.

    ``is_reached`` tells whether a bar is stored that trades without the right; ``end`` is where the last bar ends.
    """

    is_reached: bool
    end: int


def is_applied(ex_date: int, reach: Reach, *, has_come: bool) -> bool:
    """Tell whether prices are adjusted for a payout by now.

    One that is only announced is not: it is in no price yet. One whose ex-date has come while the last bars are far
    from it is not, either: what the price was before it is not known, and a factor of an old price would be wrong.

    :param has_come: whether the ex-date has begun at the exchange.
    """
    return reach.is_reached or (has_come and ex_date - reach.end <= _LONGEST_CLOSURE)
