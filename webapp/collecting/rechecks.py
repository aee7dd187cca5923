"""Jobs that ask a source for a series' bars again, because other bars of the instrument were re-based."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Connection

from webapp.collecting.plan import find_needs
from webapp.collecting.submit import PlannedJob, insert_job
from webapp.collecting.validation import validate_request
from webapp.errors import InvalidRequestError
from webapp.jobs import queries_batches, queries_events
from webapp.kernel.days import moments_of
from webapp.kernel.intervals import bar_end
from webapp.kernel.job_states import Priority
from webapp.kernel.requests import CollectRequest
from webapp.kernel.spans import Span
from webapp.series import queries_bars
from webapp.series.queries_series import SeriesRow
from webapp.sources.choices import options_of

_BARS = 10
_ORIGIN = "split"


def insert_rechecks(connection: Connection, rows: Sequence[SeriesRow], now: dt.datetime) -> list[int]:
    """Make a job for the last bars of each series, as one batch, and return the ids of those that are new.

    Commit, then send them.
    """
    spans = [(row, span) for row in rows if (span := _find_last_bars(connection, row, now)) is not None]
    return insert_rechecks_of(connection, spans, now)


def insert_rechecks_of(connection: Connection, spans: Sequence[tuple[SeriesRow, Span]], now: dt.datetime) -> list[int]:
    """Make a job for a span of each series, as one batch, and return the ids of those that are new; commit, then send.

    A series that its source no longer serves is left as it is: reading applies the splits that are known.
    """
    planned = [job for row, span in spans if (job := _plan_job(connection, row, span, now)) is not None]
    if not planned:
        return []
    batch_id = queries_batches.new_batch(connection, _ORIGIN, now)
    inserted = [insert_job(connection, batch_id, job, now) for job in planned]
    new_ids = [job_id for job_id, is_new in inserted if is_new]
    for job_id in new_ids:
        queries_events.append_event(connection, job_id, "submitted", now, actor=_ORIGIN)
    return new_ids


def _find_last_bars(connection: Connection, row: SeriesRow, now: dt.datetime) -> Span | None:
    times = queries_bars.last_times(connection, row.id, int(now.timestamp()), _BARS)
    return Span(times[-1], bar_end(times[0], row.interval)) if times else None


def _plan_job(connection: Connection, row: SeriesRow, span: Span, now: dt.datetime) -> PlannedJob | None:
    start, end = moments_of(span, row.interval)
    request = CollectRequest(
        source=row.source,
        symbols=(row.symbol,),
        interval=row.interval,
        start=start,
        end=end,
        options=options_of(row.source, row.variant),
        priority=Priority.HIGH,
        refresh=True,
    )
    try:
        valid = validate_request(request, now)
    except InvalidRequestError:
        return None
    needs = find_needs(connection, valid, row.symbol)
    return PlannedJob(valid, row.symbol, needs.span, len(needs.chunks))
