"""The gaps of a series as a chart draws them: how wide each one is, and which trading days it touches."""

from dataclasses import dataclass

from webapp.context import Context
from webapp.coverage import gaps
from webapp.coverage.gaps import CoverageReport
from webapp.coverage.rules_expected import Gap
from webapp.kernel.intervals import DAY
from webapp.kernel.spans import Span
from webapp.reading.clocks import exchange_clock
from webapp.series.queries_series import SeriesRow

MOST = 200
"""How many gaps are drawn at most; the longest ones are."""
_NEAR = 2 * DAY
"""A session that ends in the evening may have the date of another day; it is never farther from its bars."""


@dataclass(frozen=True, slots=True)
class DrawnGap:
    """A gap from ``start`` to ``end`` (epoch seconds; labels for dated bars), the end exclusive.

    ``sessions`` are counted; for weekly and monthly bars they are weeks and months. ``seconds`` is about how long was
    traded in it, nights and weekends left out; ``first_day`` and ``last_day`` are the dates (00:00 UTC) it touches.
    """

    start: int
    end: int
    sessions: int
    seconds: int
    first_day: int
    last_day: int
    has_failed: bool


def drawn_gaps(context: Context, row: SeriesRow) -> list[DrawnGap]:
    """Return the longest gaps of a series, oldest first.

    :raises CalendarError: when the exchange's calendar is not there yet and cannot be made.
    """
    report = gaps.report(context, row)
    longest = sorted(gaps.all_gaps(report), key=lambda gap: gap.sessions, reverse=True)[:MOST]
    return sorted((_drawn(report, gap) for gap in longest), key=lambda drawn: drawn.start)


def _drawn(report: CoverageReport, gap: Gap) -> DrawnGap:
    span, last = gap.span, gap.span.end - 1
    if report.row.interval.is_dated:
        days = Span(span.start, last // DAY * DAY)
        seconds = gap.sessions * DAY
    else:
        clock = exchange_clock(report.row)
        days = Span(clock.label(span.start), clock.label(last))
        seconds = min(span.seconds, gap.sessions * _session_seconds(report, days.end))
    return DrawnGap(span.start, span.end, gap.sessions, seconds, days.start, days.end, gap.has_failed)


def _session_seconds(report: CoverageReport, label: int) -> int:
    """Return how long the session of a date trades; a gap's sessions are taken to be like its last one."""
    sessions = report.calendar.sessions(Span(label - _NEAR, label + DAY))
    return sessions[-1].seconds if sessions else DAY
