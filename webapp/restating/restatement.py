"""When a source changes its history: noticed by bars that were asked for twice, proved, carried out and written down.

All stored bars of a series stand on one basis of splits. Before a chunk is written, the bars that it shares with the
stored ones are compared. Where it shares none and there is reason for doubt (the series was last written long ago, a
split came to pass since, prices leap at the seam), a few stored bars are asked for again; and before history is
re-based, a second answer must show the same.
"""

import datetime as dt
import math
from collections.abc import Sequence

from sqlalchemy import Connection

from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.bars import Action, Bar
from webapp.kernel.intervals import DAY
from webapp.kernel.spans import Span
from webapp.reading import adjusting
from webapp.restating.overlaps import Fitting
from webapp.restating.rules_restatement import LEAST_BARS, LEAST_CHANGE, Basis, Comparison, compare, judge, pairs
from webapp.series import queries_actions, queries_bar_pages, queries_bars, queries_series
from webapp.series.queries_series import SeriesRow
from webapp.sources.base import Answer, Wanted
from webapp.sources.registry import COLLECTING, offer

MOST_QUESTIONS = 3
_WITNESSES = (20, 5, LEAST_BARS)
_FRESH = dt.timedelta(hours=1)
_NEIGHBOURS = 7 * DAY
_LEAP = math.log(1.2)
_LEAST_CHANGE_OF_ADJUSTED = 5e-4


def next_question(
    connection: Connection, job: JobRow, span: Span, answers: Sequence[Answer], now: dt.datetime
) -> Span | None:
    """Return which stored bars to ask for again before the chunk is written, or None when enough is known.

    :param answers: the chunk's answer first, then those to earlier questions of this kind.
    """
    row = queries_series.get(connection, job.series_id)
    if row is None or not row.rows or not answers[0].bars or len(answers) >= MOST_QUESTIONS:
        return None
    seen = [comparison(connection, row, answer.bars) for answer in answers]
    basis, _ = judge(one.ratio for one in seen)
    fits = Fitting(offer(row.source), Wanted(row.symbol, row.interval, job.options, row.facts), now.timestamp())
    if basis is Basis.UNCONFIRMED:
        shared = next(one.shared for one in seen if one.ratio is not None)
        return _witnesses(connection, row, shared[min(len(shared), 5) - 1] + 1, fits)
    if basis is Basis.UNPROVEN and len(answers) == 1 and _is_doubtful(connection, row, answers[0], seen[0], now):
        before = _witnesses(connection, row, min(span.start, answers[0].bars[0][0]), fits)
        return before or _later_witnesses(connection, row, span.end, fits)
    return None


def to_write(row: SeriesRow, answers: Sequence[Answer]) -> Sequence[Bar]:
    """Return the bars that a chunk brings, ascending.

    The stored bars of a series that are too few to show a factor are written anew, as they were asked for again.
    """
    if row.rows >= LEAST_BARS or len(answers) == 1:
        return answers[0].bars
    several = {bar[0]: bar for answer in reversed(answers) for bar in answer.bars}
    return [several[time] for time in sorted(several)]


def comparison(connection: Connection, row: SeriesRow, delivered: Sequence[Bar]) -> Comparison:
    """Return what delivered bars show beside the stored ones; nothing for a file of one's own, which is as it is."""
    if row.source not in COLLECTING:
        return Comparison()
    least = _LEAST_CHANGE_OF_ADJUSTED if row.variant.startswith("ADJUSTED") else LEAST_CHANGE
    return compare(pairs(stored_beside(connection, row, delivered), delivered), least)


def stored_beside(connection: Connection, row: SeriesRow, delivered: Sequence[Bar]) -> list[Bar]:
    """Return the stored bars of the same span of time; costs nothing when that lies outside of all that is stored."""
    if not delivered or row.first_bar is None or row.last_bar is None:
        return []
    first, last = delivered[0][0], delivered[-1][0]
    if last < row.first_bar or first > row.last_bar:
        return []
    return queries_bars.read(connection, row.id, Span(first, last + 1))


def missing_splits(connection: Connection, row: SeriesRow, told: Sequence[Action] = ()) -> list[Action]:
    """Return the splits, stored or just told, that came to pass after the series was last written."""
    known = {(one.kind, one.time): one for one in (*queries_actions.read(connection, row.instrument_id), *told)}
    return adjusting.missing_splits(connection, row, known.values())


def _is_doubtful(connection: Connection, row: SeriesRow, answer: Answer, seen: Comparison, now: dt.datetime) -> bool:
    """Tell whether stored and delivered bars may stand on two bases, although no bar shows it."""
    if row.updated_at is None or now - row.updated_at > _FRESH:
        return True
    if seen.looks is not None and abs(seen.looks - 1) > LEAST_CHANGE:
        return True
    return _leaps(connection, row, answer.bars) or bool(missing_splits(connection, row, answer.actions))


def _leaps(connection: Connection, row: SeriesRow, delivered: Sequence[Bar]) -> bool:
    """Tell whether prices leap from the last stored bar before to the first delivered one, or at the other end.

    Where no stored bar is near at either end, nobody can tell, and that is reason enough for doubt: a later chunk that
    shows another basis would move these bars too, which are on it already.
    """
    first, last = delivered[0], delivered[-1]
    seams = []
    before = queries_bar_pages.last_close(connection, row.id, first[0])
    if before and first[0] - before[0] <= _NEIGHBOURS:
        seams.append((before[1], first[1]))
    after = queries_bar_pages.page(connection, row.id, Span(last[0] + 1, last[0] + _NEIGHBOURS), 1)
    seams += [(last[4], bar[1]) for bar in after]
    return not seams or any(a > 0 and b > 0 and abs(math.log(a / b)) > _LEAP for a, b in seams)


def _witnesses(connection: Connection, row: SeriesRow, before: int, fits: Fitting) -> Span | None:
    times = queries_bars.last_times(connection, row.id, before, _WITNESSES[0])
    return fits.span_of(times, _WITNESSES) if len(times) >= min(LEAST_BARS, row.rows) else None


def _later_witnesses(connection: Connection, row: SeriesRow, since: int, fits: Fitting) -> Span | None:
    times = queries_bars.first_times(connection, row.id, since, _WITNESSES[0])
    return fits.span_of(times, _WITNESSES) if len(times) >= min(LEAST_BARS, row.rows) else None
