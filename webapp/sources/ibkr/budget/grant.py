"""A turn that was granted: when it is, whether it is still good, and giving it back."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from webapp.sources.base import SourceError
from webapp.sources.ibkr.budget.store import REDIS_CLOCK, BudgetStore, Reservation


@dataclass(frozen=True, slots=True)
class Timekeeping:
    """The clocks of a process and of Redis.

    ``steady`` does not jump, but stands still while some machines sleep; ``now`` (epoch seconds) goes on. ``lua`` is
    the expression of Redis's clock.
    """

    now: Callable[[], float] = time.time
    steady: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    lua: str = REDIS_CLOCK


@dataclass(frozen=True, slots=True)
class AcquireTiming:
    """When a turn is: ``wait`` seconds after it was granted.

    ``now`` (epoch seconds) and ``steady`` are of the moment before Redis was asked, ``answered`` (steady) of the one
    after. ``freshness`` is for how many seconds after its turn a request may be sent still.
    """

    now: float
    steady: float
    answered: float
    wait: float
    freshness: float


class Grant:
    """A reserved turn, and a place among the open requests until it is released or its lease ends.

    As a context manager it releases itself. ``confirm`` asks Redis and may wait for it; ``is_fresh`` never waits, and
    is what the thread of an event loop may ask. When either said no, nothing was sent, and releasing gives the turn
    back.
    """

    def __init__(self, store: BudgetStore, reservation: Reservation, timing: AcquireTiming, times: Timekeeping) -> None:
        self._store = store
        self._reservation = reservation
        self._timing = timing
        self._times = times
        self._is_unsent = False

    def remaining(self) -> float:
        """Return the seconds until the turn; 0 when it has come."""
        return max(0.0, self._timing.answered + self._timing.wait - self._times.steady())

    def confirm(self) -> bool:
        """Tell whether the workers' common memory still remembers and allows the turn; to be asked when it has come.

        Only a turn that was waited for needs that: meanwhile Redis may have lost its memory, or TWS complained.

        :raises SourceError: when Redis does not answer.
        """
        self._is_unsent = self._timing.wait > 0 and not self._store.confirm(self._reservation)
        return not self._is_unsent

    def is_fresh(self) -> bool:
        """Tell by this process's clocks whether it is the turn; to be asked immediately before sending.

        False when the turn is over (the machine slept, the process was held up) or not there yet.
        """
        timing, times = self._timing, self._times
        late = max(times.steady() - timing.steady, times.now() - timing.now) - timing.wait
        self._is_unsent = self.remaining() > timing.freshness / 4 or late > timing.freshness
        return not self._is_unsent

    def renew(self) -> None:
        """Count as open for another lease, from now on.

        :raises SourceError: when Redis does not answer.
        """
        self._store.renew(self._reservation)

    def release(self) -> None:
        """Give the place back. Without Redis it comes back by itself, when its lease ends."""
        with suppress(SourceError):
            self._store.release(self._reservation, is_unsent=self._is_unsent)

    def __enter__(self) -> Self:
        """Return the grant, whose turn is yet to come."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release it, whatever happened."""
        self.release()
