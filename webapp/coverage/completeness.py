"""What the catalogue says of series and costs a coverage report: counted after a job or by the clock, by no page."""

import datetime as dt
import logging
import time
from collections.abc import Sequence

from webapp.context import Context
from webapp.coverage import gaps
from webapp.coverage import queries_completeness as store
from webapp.coverage.deadlines import find_deadline
from webapp.coverage.gaps import CoverageReport
from webapp.coverage.queries_completeness import Figures
from webapp.coverage.rules_expected import known_seconds
from webapp.coverage.rules_freshness import closings
from webapp.database.transactions import reading, writing
from webapp.errors import MoissonError
from webapp.kernel.intervals import DAY, WEEK, Interval
from webapp.kernel.spans import Span
from webapp.series import queries_series
from webapp.series.queries_series import SeriesRow
from webapp.sources.registry import offer

log = logging.getLogger(__name__)

MOST_BEHIND = 10
"""So many sessions are looked ahead; a series that is further behind is “more than” that many behind."""
_AHEAD = {Interval.W1: 12 * WEEK, Interval.MO1: 13 * 31 * DAY}
_USUALLY_AHEAD = 25 * DAY
_TRUSTED = dt.timedelta(days=1)
_RETRY = dt.timedelta(hours=1)
_QUIET = dt.timedelta(seconds=30)
_AT_ONCE = 50


def count(context: Context, row: SeriesRow) -> Figures:
    """Count a series: its sessions, those that are missing, and when the next ones close.

    Without its calendar there is nothing to say but that; it is tried again after an hour.
    """
    now = context.now()
    with reading() as connection:
        candles = store.candles_kept(connection, row.id)
    try:
        report = gaps.report(context, row)
        next_ones = _closings(report)
        sessions, confirmed = _count_sessions(report)
        deadline = find_deadline(report)
    except (MoissonError, OSError, ValueError):  # the files of calendars are read here; a clock must survive a bad one
        log.exception("series %s could not be surveyed", row.id)
        return Figures(row.id, now, now + _RETRY, None, None, [], candles)
    missing = min(sessions, sum(found_gap.gap.sessions for found_gap in report.gaps))
    ahead = [dt.datetime.fromtimestamp(closing, dt.UTC) for closing in next_ones if closing > now.timestamp()]
    return Figures(
        row.id,
        counted_at=now,
        recount_at=min([now + _TRUSTED, *ahead[:1]]),
        sessions=sessions,
        missing=missing,
        closings=next_ones,
        candles=candles,
        confirmed=confirmed,
        vanishes_at=deadline,
    )


def catch_up(context: Context, seconds: float = 0.5) -> int:
    """Count series that are due, for about so long at most, and return how many."""
    now, until = context.now(), time.monotonic() + seconds
    with reading() as connection:
        due = store.due(connection, now, now - _QUIET, _AT_ONCE)
    for place, series_id in enumerate(due, start=1):
        recount(context, series_id)
        if time.monotonic() > until:
            return place
    return len(due)


def recount(context: Context, series_id: int) -> None:
    """Count a series that holds bars, and keep its figures."""
    with reading() as connection:
        row = queries_series.get(connection, series_id)
    if row is None or not row.rows:
        return
    counted = count(context, row)
    with writing() as connection:
        store.save(connection, counted)


def _count_sessions(report: CoverageReport) -> tuple[int, int]:
    """Return how many sessions, weeks or months are finished in what was ever asked for, and are confirmed empty."""
    frame, around = report.coverage.frame, 5 * WEEK
    expected = gaps.expected_sessions(report, Span(frame.start - around, frame.end + around)) if frame else []
    closed, empty = report.coverage.closed, report.coverage.empty
    finished = [
        session
        for session in expected
        if session.end <= closed and session.end > frame.start and session.start < frame.end
    ]
    return len(finished), sum(_lies_in(session.parts, empty) for session in finished) if empty else 0


def _lies_in(parts: Sequence[Span], spans: Sequence[Span]) -> bool:
    return all(known_seconds(spans, part) == part.seconds for part in parts)


def _closings(report: CoverageReport) -> list[int]:
    """Return when the first sessions after the last answer close; of one that was answered in part, too."""
    row, answered = report.row, report.coverage.answered
    if not answered:
        return []
    after = answered[-1].end
    ahead = _AHEAD.get(row.interval, _USUALLY_AHEAD)
    expected = gaps.expected_sessions(report, Span(after - 5 * WEEK, after + ahead))
    missing = [session for session in expected if session.end > after][: MOST_BEHIND + 1]
    return closings(row.interval, row.facts, missing, offer(row.source).finality_delay)
