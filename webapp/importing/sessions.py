"""Bars that lie where their exchange does not trade: a sign of a wrong time zone, or of another exchange."""

import logging
from bisect import bisect_right
from collections.abc import Collection

from webapp.coverage.calendar_files import CalendarError
from webapp.coverage.calendars import Calendar
from webapp.coverage.rules_exchanges import ALWAYS, zone_of
from webapp.coverage.rules_expected import Session
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.spans import Span

log = logging.getLogger(__name__)


def count_outside(starts: Collection[int], interval: Interval, code: str) -> int:
    """Return how many bars have no second within a session of a calendar; of days, those without a session.

    :param starts: when the bars start (epoch seconds UTC), or their dates.
    Weeks and months are not looked at, and nothing is where no calendar can be made.
    """
    if code in ("", ALWAYS) or interval.seconds > DAY or not starts:
        return 0
    facts = InstrumentFacts(timezone=zone_of(code) or "UTC")
    try:
        sessions = Calendar(code, facts).sessions(Span(min(starts) - 2 * DAY, max(starts) + 2 * DAY))
    except CalendarError:
        log.exception("bars of an import are not compared with sessions")
        return 0
    if interval.is_dated:
        labels = {session.label for session in sessions}
        return sum(start not in labels for start in starts)
    return _count_apart(starts, interval.seconds, sessions)


def _count_apart(starts: Collection[int], seconds: int, sessions: Collection[Session]) -> int:
    parts = sorted((part for session in sessions for part in session.parts), key=lambda part: part.start)
    opens = [part.start for part in parts]
    count = 0
    for start in starts:
        place = bisect_right(opens, start + seconds - 1) - 1
        count += place < 0 or parts[place].end <= start
    return count
