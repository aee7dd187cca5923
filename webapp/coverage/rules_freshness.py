"""How far a series is behind its market: from when on its source has each session that is not stored."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from webapp.coverage.rules_expected import Expected
from webapp.kernel.closing import local_instant
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.rest_days import last_working_day


def closing_instant(interval: Interval, facts: InstrumentFacts, end: int, delay: int) -> int:
    """Return from which instant on the bars that start before ``end`` are final: ``closed_until``, turned round.

    ``delay`` is how many seconds after its end the source still changes a bar.
    """
    if not interval.is_dated:
        return -(-end // interval.seconds) * interval.seconds + delay
    zone = ZoneInfo(facts.timezone or "Etc/GMT+12")
    close = DAY if facts.session_close is None else facts.session_close
    last = end - DAY if interval is Interval.D1 else last_working_day(end - DAY, facts)
    return local_instant(last, close, zone) + delay


def closings(interval: Interval, facts: InstrumentFacts, expected: Iterable[Expected], delay: int) -> list[int]:
    """Return the closing instants of sessions, ascending."""
    return sorted(closing_instant(interval, facts, session.end, delay) for session in expected)


def sessions_behind(closed: Sequence[int], now: float) -> int:
    """Return how many of the sessions that are not stored have closed by now."""
    return bisect_right(closed, now)
