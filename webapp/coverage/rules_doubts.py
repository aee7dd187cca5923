"""What of an answer is implausible: silence while an instrument was traded, rows that came blank. Pure.

Nothing of it becomes knowledge at once (docs/data.md#nothing-and-failed): it is doubted, asked for again after growing
delays (``kernel.plans.LOOK_DELAYS``), and believed once the source has said it often enough, or a person has.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from webapp.coverage.rules_expected import Session
from webapp.kernel.bars import Bar
from webapp.kernel.instruments import InstrumentFacts, InstrumentKind
from webapp.kernel.intervals import DAY, EPOCH_MONDAY, WEEK, Interval, bar_end, period_start
from webapp.kernel.spans import Span, union

LEAST_SESSIONS = 3
"""So many sessions without a bar are implausible of what was traded before and after: fewer are a holiday that the
calendar lacks, a halt, or a quiet instrument."""
_WITHOUT_A_PAUSE = frozenset(
    {
        InstrumentKind.SHARE,
        InstrumentKind.ETF,
        InstrumentKind.FUND,
        InstrumentKind.SHARE_OR_FUND,
        InstrumentKind.INDEX,
        InstrumentKind.CURRENCY,
        InstrumentKind.CRYPTO,
    }
)
"""Kinds that have a bar of each session; options, bonds and distant futures go without a trade for weeks."""
_WORKING_DAYS, _SATURDAY = 5, 5


def find_silences(bars: Sequence[Bar], answered: Span, interval: Interval, facts: InstrumentFacts) -> list[Span]:
    """Return the spans of an answer without a bar that are long enough to be looked up in the calendar.

    An empty answer is one; within an answer, only days are expected to follow each other.
    """
    if facts.instrument_kind not in _WITHOUT_A_PAUSE:
        return []
    if not bars:
        return [answered] if answered.seconds >= LEAST_SESSIONS * DAY else []
    if interval is not Interval.D1:
        return []
    edges = [answered.start - DAY, *(bar[0] for bar in bars), answered.end]
    long = ((early, late) for early, late in pairwise(edges) if late - early > LEAST_SESSIONS * DAY)
    return [Span(early + DAY, late) for early, late in long if _weekdays(early + DAY, late) >= LEAST_SESSIONS]


def _weekdays(start: int, end: int) -> int:
    """Return how many weekdays lie between two dates (00:00 UTC), the end left out."""
    weeks, rest = divmod(end - start, WEEK)
    first = (start - EPOCH_MONDAY) % WEEK // DAY
    return weeks * _WORKING_DAYS + sum((first + day) % 7 < _SATURDAY for day in range(rest // DAY))


def is_implausible(sessions: Iterable[Session], life: Span) -> bool:
    """Tell whether silence over sessions contradicts that the instrument was traded before and after.

    :param life: the dates (00:00 UTC) of its first and last trade, as far as they are known.
    """
    return sum(life.start < session.label < life.end for session in sessions) >= LEAST_SESSIONS


def real_holes(holes: Sequence[Span], sessions: Sequence[Session], interval: Interval) -> list[Span]:
    """Return the holes in which something is traded by the calendar, as whole bars of the series.

    A source has blank rows of holidays, too. Those of shorter bars are one hole a session: an instrument that hardly
    trades has hundreds of them.
    """
    if interval.is_dated:
        labels = {session.label for session in sessions}
        periods = (period_start(hole.start, interval) for hole in holes if hole.start - hole.start % DAY in labels)
        return union(Span(start, bar_end(start, interval)) for start in periods)
    return union(_hulls(holes, sessions))


def _hulls(holes: Sequence[Span], sessions: Sequence[Session]) -> Iterator[Span]:
    """Yield, for each session, the span from the first hole in it to the end of the last one."""
    parts = [part for session in sessions for part in session.parts]
    place = 0
    for part in parts:
        while place < len(holes) and holes[place].end <= part.start:
            place += 1
        inside = place
        while inside < len(holes) and holes[inside].start < part.end:
            inside += 1
        if inside > place:
            yield Span(holes[place].start, holes[inside - 1].end)
        place = max(place, inside - 1)
