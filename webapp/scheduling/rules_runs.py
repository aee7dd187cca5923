"""When a schedule is due: pure rules over sessions of exchanges' calendars (docs/schedules.md#when-it-runs)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

from webapp.coverage.rules_expected import Session
from webapp.kernel.intervals import DAY, MINUTE, Interval, period_start
from webapp.kernel.spans import Span
from webapp.scheduling import rules_cron
from webapp.scheduling.rules_timing import MOST_MINUTES, Timing, TimingKind

_BEFORE = (MOST_MINUTES * MINUTE) + 4 * DAY
"""A session whose date lies further back can be due no more: its delay, and what its close is later than its date."""
_AFTER = 2 * DAY
_PERIOD = 40 * DAY
"""Whether a session is the last of its week or month is seen within so many days."""
_AHEAD = 14 * DAY
_FARTHEST = 500 * DAY
RECENT = 14 * DAY
"""Runs that were due longer ago than this are told of only where nothing was due since."""


@dataclass(frozen=True, slots=True)
class Market:
    """An exchange as a schedule needs it: its calendar's code, its sessions, and when their bars are final.

    ``sessions(span)`` returns those whose dates (00:00 UTC) lie in a span, oldest first; ``final_at(session)`` is the
    instant (epoch seconds) from which on the source no longer changes the bars of a session.
    """

    code: str
    sessions: Callable[[Span], Sequence[Session]]
    final_at: Callable[[Session], int]


@dataclass(frozen=True, slots=True)
class Timetable:
    """All that decides when a schedule is due."""

    timing: Timing
    interval: Interval
    markets: tuple[Market, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class DueRun:
    """An instant (epoch seconds) at which a schedule is due, and for which exchange: none for a cron line."""

    due: int
    exchange: str = ""


def next_runs(timetable: Timetable, after: int, count: int) -> list[DueRun]:
    """Return the first runs that are due later than an instant (epoch seconds), ascending; fewer when there are none.

    :raises CalendarError: when an exchange's calendar is not there yet and cannot be made.
    """
    if timetable.timing.kind is TimingKind.CRON:
        return list(islice(_cron_runs(timetable.timing, after), count))
    runs: list[DueRun] = []
    start = after
    while len(runs) < count and start < after + _FARTHEST and timetable.markets:
        runs += _market_runs(timetable, Span(start, start + _AHEAD))
        start += _AHEAD
    return runs[:count]


def runs_between(timetable: Timetable, after: int, until: int) -> list[DueRun]:
    """Return the runs due later than ``after`` and not later than ``until``, ascending.

    Of a long time only the last two weeks are told, unless nothing was due in them.

    :raises CalendarError: see ``next_runs``.
    """
    recent = max(after, until - RECENT)
    return _all_between(timetable, Span(recent, until)) or _all_between(timetable, Span(after, recent))


def _all_between(timetable: Timetable, span: Span) -> list[DueRun]:
    """Return the runs due later than a span's start and not later than its end."""
    if not span:
        return []
    if timetable.timing.kind is not TimingKind.CRON:
        return _market_runs(timetable, span)
    runs: list[DueRun] = []
    for run in _cron_runs(timetable.timing, span.start):
        if run.due > span.end:
            break
        runs.append(run)
    return runs


def _cron_runs(timing: Timing, after: int) -> Iterator[DueRun]:
    return (DueRun(instant) for instant in rules_cron.instants(timing.cron, timing.zone, after))


def _market_runs(timetable: Timetable, span: Span) -> list[DueRun]:
    due = {
        DueRun(instant, market.code)
        for market in timetable.markets
        for instant in _market_instants(timetable, market, span)
        if span.start < instant <= span.end
    }
    return sorted(due)


def _market_instants(timetable: Timetable, market: Market, span: Span) -> Iterator[int]:
    is_long = timetable.interval in (Interval.W1, Interval.MO1)
    later = _PERIOD if is_long else _AFTER
    sessions = market.sessions(Span(span.start - _BEFORE, span.end + later))
    if timetable.timing.kind is TimingKind.SESSION:
        for session in sessions:
            yield from _within(session, timetable.timing.minutes * MINUTE, market.final_at(session))
        return
    delay = timetable.timing.minutes * MINUTE
    for session in _last_of_periods(sessions, timetable.interval) if is_long else sessions:
        yield max(session.parts[-1].end + delay, market.final_at(session))


def _within(session: Session, step: int, final_at: int) -> Iterator[int]:
    """Yield the instants every so many seconds from the opening while it trades, and when its last bar is final."""
    opening, close = session.parts[0].start, session.parts[-1].end
    for instant in range(opening + step, close, step):
        if any(part.start < instant <= part.end for part in session.parts):
            yield instant
    yield max(close, final_at)


def _last_of_periods(sessions: Iterable[Session], interval: Interval) -> list[Session]:
    """Return the last session of each week or month, of all but the last one, of which nobody sees the end."""
    periods = groupby(sessions, key=lambda session: period_start(session.label, interval))
    return [list(group)[-1] for _, group in periods][:-1]
