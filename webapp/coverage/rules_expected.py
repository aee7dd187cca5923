"""What an exchange's calendar lets expect of a series, and what is known of it: cells of a heatmap, and gaps.

An expectation is the smallest thing that is judged: a session for intraday and daily bars, a week or a month for
longer ones. Coverage decides: what was answered is known, however few bars came; an instrument that trades rarely has
no gaps where nobody traded (docs/data.md#expected-sessions).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from webapp.kernel.intervals import DAY, Interval, next_start, period_start
from webapp.kernel.spans import Span, within

_SHORT = 0.9


@dataclass(frozen=True, slots=True)
class Session:
    """A trading session: its date (00:00 UTC, epoch seconds) and the spans in which it trades, lunch left out.

    ``midnight`` is the instant at which the exchange's day of that date begins.
    """

    label: int
    parts: tuple[Span, ...]
    midnight: int

    @property
    def seconds(self) -> int:
        """How long it trades."""
        return sum(part.seconds for part in self.parts)


@dataclass(frozen=True, slots=True)
class Expected:
    """What is judged at once: ``parts`` are spans of bar starts, ``bars`` how many are due in a busy market."""

    label: int
    parts: tuple[Span, ...]
    bars: int
    is_short: bool = False

    @property
    def start(self) -> int:
        """The start of its first bar."""
        return self.parts[0].start

    @property
    def end(self) -> int:
        """The end (exclusive) of bar starts."""
        return self.parts[-1].end


class CellState(StrEnum):
    """What is known of an expectation."""

    HAVE = "have"
    THIN = "thin"
    EMPTY = "empty"
    PARTLY = "partly"
    DOUBTED = "doubted"
    FAILED = "failed"
    MISSING = "missing"
    NOT_YET = "not_yet"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class KnownCoverage:
    """What is known of a series: normal lists of spans, all in bar starts.

    ``frame`` is what was ever asked for, ``failed`` where the last collection failed, ``closed`` ends what is final.
    """

    answered: Sequence[Span]
    """Where the source answered, with bars or without, and is believed."""
    failed: Sequence[Span]
    frame: Span
    closed: int
    doubted: Sequence[Span] = ()
    """Where the source answered what nobody believes yet."""
    empty: Sequence[Span] = ()
    """Where it answered that nothing is there."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A span in which something is expected and nothing is known, from the first to the last bar that is due."""

    span: Span
    sessions: int
    has_failed: bool


def bars_due(session: Session, interval: Interval, *, from_opening: bool) -> int:
    """Return how many bars of an intraday interval a busy session has.

    Bars stand on a grid from the opening (Yahoo: 09:30, 10:30, …) or on that of the exchange's clock (IBKR: 09:30,
    10:00, 11:00, …, the first one cut). The grid goes on through a lunch break; a bar is due when any of it trades.
    """
    anchor = session.parts[0].start if from_opening else session.midnight
    step = interval.seconds
    count, last = 0, -1
    for part in session.parts:
        first = max(last + 1, (part.start - anchor) // step)
        last = (part.end - 1 - anchor) // step
        count += last - first + 1
    return count


def expectations(sessions: Sequence[Session], interval: Interval, *, from_opening: bool) -> list[Expected]:
    """Return what sessions let expect of a series, oldest first."""
    if interval in (Interval.W1, Interval.MO1):
        starts = groupby(sessions, key=lambda session: period_start(session.label, interval))
        return [Expected(start, (Span(start, next_start(start, interval)),), 1) for start, _ in starts]
    usual = _usual(sessions)
    expected: list[Expected] = []
    for session in sessions:
        is_short = session.seconds < usual * _SHORT
        if interval is Interval.D1:
            expected.append(Expected(session.label, (Span(session.label, session.label + DAY),), 1, is_short))
        else:
            due = bars_due(session, interval, from_opening=from_opening)
            expected.append(Expected(session.label, session.parts, due, is_short))
    return expected


def _usual(sessions: Sequence[Session]) -> int:
    """Return the median length of sessions, which half days do not move."""
    lengths = sorted(session.seconds for session in sessions)
    return lengths[len(lengths) // 2] if lengths else 0


def known_seconds(spans: Sequence[Span], part: Span) -> int:
    """Return how much of a part lies in normal spans."""
    first = bisect_right(spans, part.start, key=lambda span: span.end)
    last = bisect_left(spans, part.end, key=lambda span: span.start)
    return sum(span.intersection(part).seconds for span in spans[first:last])


def state_of(expected: Expected, coverage: KnownCoverage, rows: int) -> CellState:
    """Return what is known of an expectation, of which ``rows`` bars are stored."""
    if expected.end > coverage.closed:
        return CellState.NOT_YET
    if expected.end <= coverage.frame.start or expected.start >= coverage.frame.end:
        return CellState.NOT_ASKED
    answered = sum(known_seconds(coverage.answered, part) for part in expected.parts)
    if answered == sum(part.seconds for part in expected.parts):
        if rows == 0:
            return CellState.EMPTY
        return CellState.HAVE if rows >= expected.bars else CellState.THIN
    return _state_of_unanswered(expected, coverage, is_begun=answered > 0)


def _state_of_unanswered(expected: Expected, coverage: KnownCoverage, *, is_begun: bool) -> CellState:
    if any(known_seconds(coverage.doubted, part) for part in expected.parts):
        return CellState.DOUBTED
    if any(known_seconds(coverage.failed, part) for part in expected.parts):
        return CellState.FAILED
    return CellState.PARTLY if is_begun else CellState.MISSING


def gaps(unknown: Iterable[Span], expected: Sequence[Expected], coverage: KnownCoverage) -> list[Gap]:
    """Return where something is expected and finished, and nothing is known, oldest first.

    What nobody trades in (nights, holidays) is neither a gap nor the edge of one.
    """
    found_gaps = []
    finished = [period for period in expected if period.end <= coverage.closed]
    for span in unknown:
        first = bisect_right(finished, span.start, key=lambda period: period.end)
        last = bisect_left(finished, span.end, key=lambda period: period.start)
        touched = [part for period in finished[first:last] for part in within(period.parts, span)]
        if touched:
            gap = Span(touched[0].start, touched[-1].end)
            sessions = sum(bool(within(period.parts, span)) for period in finished[first:last])
            found_gaps.append(Gap(gap, sessions, bool(known_seconds(coverage.failed, gap))))
    return found_gaps
