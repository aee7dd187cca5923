"""When a promise of freshness is broken (docs/schedules.md#promises)."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.kernel.intervals import MINUTE


@dataclass(frozen=True, slots=True)
class Promise:
    """So many ``minutes`` after a close its bars are to be there; it holds from ``since`` on (epoch seconds)."""

    schedule_id: int
    minutes: int
    since: int

    def deadline(self, final_at: int, delay: int) -> int:
        """Return until when the bars of a session are to be there.

        :param final_at: from when on the source has them, ``delay`` seconds after the close; never sooner.
        """
        return final_at + max(0, self.minutes * MINUTE - delay)


def late_since(promise: Promise, closings: Sequence[int], delay: int, now: float) -> int | None:
    """Return since when a series is late by now (epoch seconds), or None.

    :param closings: the instants from which on the source has the sessions that are not stored, ascending, the first
        few of them; ``delay`` is how many seconds that is after each close.

    What closed before the promise was made is to be there with the first session that closes after it.
    """
    if not closings:
        return None
    deadline = promise.deadline(max(closings[0], _first_after(promise.since, closings)), delay)
    return deadline if deadline <= now else None


def _first_after(since: int, closings: Sequence[int]) -> int:
    """Return the first closing after a promise; the promise itself, of a series that is too far behind to know."""
    return next((closing for closing in closings if closing >= since), since)
