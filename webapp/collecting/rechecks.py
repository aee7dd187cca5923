"""Jobs that ask a source for a series' last bars again, because another series of the instrument was re-based."""

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
    """Make a job for each series, as one batch, and return the ids of those that are new; commit, then send them.

    A series that its source no longer serves is left as it is: reading applies the splits that are known.
    """
    planned = [job for row in rows if (job := _plan_job(connection, row, now)) is not None]
    if not planned:
        return []
    batch_id = queries_batches.new_batch(connection, _ORIGIN, now)
    inserted = [insert_job(connection, batch_id, job, now) for job in planned]
    new_ids = [job_id for job_id, is_new in inserted if is_new]
    for job_id in new_ids:
        queries_events.append_event(connection, job_id, "submitted", now, actor=_ORIGIN)
    return new_ids


def _plan_job(connection: Connection, row: SeriesRow, now: dt.datetime) -> PlannedJob | None:
    times = queries_bars.last_times(connection, row.id, int(now.timestamp()), _BARS)
    if not times:
        return None
    start, end = moments_of(Span(times[-1], bar_end(times[0], row.interval)), row.interval)
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
