"""Bars as columns, added up exactly: in whole ticks inside the market, in prices where it shows itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from webapp.sandbox.noise import Ints

P = TypeVar("P", np.int64, np.float64)


class Bar(NamedTuple):
    """One bar as it is delivered: the start in UTC epoch seconds, prices, a whole volume.

    The start of a daily or longer bar is the exchange's date at 00:00 UTC: Monday's for a week, the first's
    for a month.
    """

    start: int
    open: float
    high: float
    low: float
    close: float
    volume: int


@dataclass(frozen=True, slots=True)
class Columns(Generic[P]):
    """Bars in ascending order of their start."""

    start: Ints
    open: NDArray[P]
    high: NDArray[P]
    low: NDArray[P]
    close: NDArray[P]
    volume: Ints

    def __len__(self) -> int:
        """Return how many bars there are."""
        return len(self.start)

    def columns(self) -> tuple[NDArray[Any], ...]:
        """Return the columns in their usual order."""
        return self.start, self.open, self.high, self.low, self.close, self.volume

    def part(self, chosen: slice | NDArray[np.bool_] | Ints) -> "Columns[P]":
        """Return some of the bars."""
        return Columns(*(column[chosen] for column in self.columns()))

    def replaced(self, position: int, bar: "Columns[P]") -> "Columns[P]":
        """Return a copy with one bar replaced by the only bar of another."""
        copies = [column.copy() for column in self.columns()]
        for column, value in zip(copies, bar.columns(), strict=True):
            column[position] = value[0]
        return Columns(*copies)

    def merged(self, groups: Ints, starts: Ints) -> "Columns[P]":
        """Add bars up: open first, high highest, low lowest, close last, volume in sum.

        :param groups: where each group of neighbours begins, in ascending order, the first at 0.
        :param starts: the start of each group's bar.
        """
        if not len(groups):
            return self
        last = np.append(groups[1:], len(self)) - 1
        return Columns(
            starts,
            self.open[groups],
            np.maximum.reduceat(self.high, groups),
            np.minimum.reduceat(self.low, groups),
            self.close[last],
            np.add.reduceat(self.volume, groups),
        )

    def bars(self) -> list[Bar]:
        """Return the bars as tuples of plain numbers."""
        return [Bar(*row) for row in zip(*(column.tolist() for column in self.columns()), strict=True)]


Ticks = Columns[np.int64]
"""Prices are whole ticks as traded on the day, that is before later splits; volumes are whole lots on the
basis of all splits that the listing knows."""

Prices = Columns[np.float64]
"""Prices and volumes as delivered."""


def groups_of(keys: Ints) -> Ints:
    """Return where each run of equal keys begins."""
    if not len(keys):
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))


def joined(pieces: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return arrays one after another; nothing for none."""
    return np.concatenate(pieces) if pieces else np.empty(0, dtype=np.int64)
