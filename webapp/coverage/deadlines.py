"""By when a series must be asked, before its source deletes what is missing (docs/data.md#what-vanishes)."""

from webapp.coverage.gaps import CoverageReport
from webapp.kernel.intervals import DAY, HOUR
from webapp.kernel.spans import Span
from webapp.series.queries_series import SeriesRow
from webapp.sources.base import Offer, SeriesQuery
from webapp.sources.registry import offer

_HORIZON = 12 * 366 * DAY
"""Seconds: what is still served then counts as kept for good. Futures are listed up to ten years ahead, and go two
years after their end."""
_EXACT_TO = HOUR


def find_deadline(report: CoverageReport) -> int | None:
    """Return until when (epoch seconds) the source serves the oldest bar that it has and this series lacks.

    That is the first bar of a gap that can be filled, or the one after the last answer. An instant that has passed
    says that bars are being lost each day; None, that the source deletes nothing, or that nothing was ever answered.

    :raises InvalidRequestError: when the source is not there any more.
    """
    answered = report.coverage.answered
    if not answered:
        return None
    missing = [each.gap.span.start for each in report.gaps if each.refusal is None]
    return served_until(report.row, min([*missing, answered[-1].end]), report.reported_at)


def served_until(row: SeriesRow, time: int, now: float) -> int | None:
    """Return until when (epoch seconds, to the hour) a source serves the bar that starts at ``time``; None for good.

    The source's own limits decide; they move with the time of day, so that they are asked of one day after another.

    :raises InvalidRequestError: when the source is not there any more.
    """
    serving = offer(row.source)
    query = SeriesQuery(row.symbol, row.interval, serving.options_of(row.variant), row.facts)
    low, high = time, max(time, int(now)) + _HORIZON
    if _is_served(serving, query, time, high):
        return None
    while high - low > _EXACT_TO:
        middle = (low + high) // 2
        low, high = (middle, high) if _is_served(serving, query, time, middle) else (low, middle)
    return low


def _is_served(serving: Offer, query: SeriesQuery, time: int, at: int) -> bool:
    servable, _ = serving.split_servable(query, Span(time, time + query.interval.seconds), at)
    return bool(servable) and servable.start <= time
