"""When a source changes its history: noticed by bars that were asked for twice, proved, carried out and written down.

All stored bars of a series stand on one basis of splits. Before a chunk is written, the bars that it shares with the
stored ones are compared. Where it shares none and there is reason for doubt (the series was last written long ago, a
split came to pass since, prices leap at the seam), a few stored bars are asked for again; and before history is
re-based, a second answer must show the same. ``rules_assessment.assess`` decides all of it, twice: here, before the
transaction, as long as it says to ask again, and in ``rebasing`` inside of it, on rows that are read under the lock.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.bars import Action, Bar
from webapp.kernel.spans import Span
from webapp.reading import adjusting
from webapp.restating.overlaps import RequestLimits
from webapp.restating.rules_assessment import BeforeWriting, Evidence, Recheck, assess
from webapp.restating.rules_basis import LEAST_BARS
from webapp.series import queries_actions, queries_bar_pages, queries_bars, queries_series
from webapp.series.queries_series import SeriesRow
from webapp.sources.base import Answer, SeriesQuery
from webapp.sources.registry import offer

_COUNTS_TO_RECHECK = (20, 5, LEAST_BARS)
"""So many stored bars are asked for again, or fewer when one request does not serve them all."""


def next_verification_span(
    connection: Connection, job: JobRow, span: Span, answers: Sequence[Answer], now: dt.datetime
) -> Span | None:
    """Return which stored bars to ask for again before the chunk is written, or None when enough is known.

    :param answers: the chunk's answer first, then those to earlier questions of this kind.
    """
    row = queries_series.get(connection, job.series_id)
    if row is None:
        return None
    limits = RequestLimits(
        offer(row.source), SeriesQuery(row.symbol, row.interval, job.options, row.facts), now.timestamp()
    )
    stored = StoredSeries(connection, row, limits)
    decision = assess(Evidence(row, stored, tuple(answers), BeforeWriting(span, now)))
    return decision.span if isinstance(decision, Recheck) else None


@dataclass(frozen=True, slots=True)
class StoredSeries:
    """What the database holds of a series (``rules_assessment.Stored``).

    ``limits`` tells what its source serves in one request; None where nothing more is asked.
    """

    connection: Connection
    row: SeriesRow
    limits: RequestLimits | None = None

    def bars_beside(self, delivered: Sequence[Bar]) -> list[Bar]:
        """Return the stored bars of the same span of time; costs nothing when it lies outside of all that is stored."""
        row = self.row
        if not delivered or row.first_bar is None or row.last_bar is None:
            return []
        first, last = delivered[0][0], delivered[-1][0]
        if last < row.first_bar or first > row.last_bar:
            return []
        return queries_bars.read(self.connection, row.id, Span(first, last + 1))

    def close_before(self, time: int) -> tuple[int, float] | None:
        """Return start and close of the last bar that starts before an instant."""
        return queries_bar_pages.last_close(self.connection, self.row.id, time)

    def first_bar_in(self, span: Span) -> Bar | None:
        """Return the first bar that starts in a span."""
        return next(iter(queries_bar_pages.page(self.connection, self.row.id, span, 1)), None)

    def missing_splits(self, delivered: Sequence[Action]) -> list[Action]:
        """Return the splits, stored or just delivered, that came to pass after the series was last written."""
        stored = queries_actions.read(self.connection, self.row.instrument_id)
        latest = {(action.kind, action.time): action for action in (*stored, *delivered)}
        return adjusting.missing_splits(self.connection, self.row, latest.values())

    def span_to_recheck_before(self, time: int) -> Span | None:
        """Return the span of the last stored bars before an instant that one request serves, None without any."""
        return self._span_of(queries_bars.last_times(self.connection, self.row.id, time, _COUNTS_TO_RECHECK[0]))

    def span_to_recheck_after(self, time: int) -> Span | None:
        """Return the span of the first stored bars from an instant on that one request serves, None without any."""
        return self._span_of(queries_bars.first_times(self.connection, self.row.id, time, _COUNTS_TO_RECHECK[0]))

    def _span_of(self, times: list[int]) -> Span | None:
        if self.limits is None or len(times) < min(LEAST_BARS, self.row.rows):
            return None
        return self.limits.span_of(times, _COUNTS_TO_RECHECK)
