"""Closes beside the same closes as a source adjusts them: what its adjusted prices say of payouts."""

from dataclasses import dataclass

from webapp.kernel.bars import Action


@dataclass(frozen=True, slots=True)
class AdjustedClose:
    """A day's close, and the source's own close without later payouts, both positive and on one basis of splits.

    ``time`` is the exchange's date at 00:00 UTC.
    """

    time: int
    close: float
    adjusted: float

    @property
    def factor(self) -> float:
        """What the source multiplies the close by: the product of all payouts after it."""
        return self.adjusted / self.close


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of a year, as coarse as a list of actions tells of prices.

    ``last`` has the first day of the quarter as its time, and the close of its last day.
    """

    low: float
    high: float
    last: AdjustedClose


@dataclass(frozen=True, slots=True)
class ActionList:
    """What a source says at once of all of an instrument's life: its actions, by ex-date, and its quarters, ascending.

    Such a list is not complete: an action that it tells is one, an action that it lacks may be one all the same.
    """

    actions: tuple[Action, ...]
    quarters: tuple[Quarter, ...] = ()
