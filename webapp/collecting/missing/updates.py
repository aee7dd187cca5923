"""Bringing series up to date: a job each for what is missing since the last bar, all in one batch."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.collecting.submit import Submission, submit_together
from webapp.collecting.validation import ValidRequest, validate_request
from webapp.context import Context
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError, Sentence
from webapp.kernel.closing import local_date_label
from webapp.kernel.days import day_of
from webapp.kernel.job_states import Priority
from webapp.kernel.plans import due_looks
from webapp.kernel.requests import CollectRequest
from webapp.series import queries_coverage
from webapp.series.queries_series import SeriesRow
from webapp.sources.choices import zone_of
from webapp.sources.registry import offer

_WITHOUT_BARS = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Updated:
    """What became of it. ``submission`` is None when none could be updated; ``refused`` says why each could not."""

    submission: Submission | None
    refused: list[tuple[SeriesRow, Sentence]]


def update(context: Context, rows: Sequence[SeriesRow], origin: str) -> Updated:
    """Submit a job for each series that its source can bring up to date."""
    requests: list[ValidRequest] = []
    refused: list[tuple[SeriesRow, Sentence]] = []
    for row in rows:
        try:
            requests.append(validate_request(request_update(context, row), context.now()))
        except InvalidRequestError as err:
            refused.append((row, err.message))
    return Updated(submit_together(context, requests, origin) if requests else None, refused)


def request_update(context: Context, row: SeriesRow) -> CollectRequest:
    """Return a request for what came since the exchange's day of a series' last bar, without any since a month ago.

    It begins earlier where something is doubted whose next look is due, see ``coverage.rules_doubts``.
    """
    without = int((context.now() - _WITHOUT_BARS).timestamp())
    since = without if row.last_bar is None else _since(context, row, row.last_bar)
    zone = zone_of(row.source, row.symbol, row.facts.timezone)
    label = since if row.interval.is_dated or zone is None else local_date_label(since, zone)
    return CollectRequest(
        source=row.source,
        symbols=(row.symbol,),
        interval=row.interval,
        start=day_of(label),
        options=offer(row.source).options_of(row.variant),
        priority=Priority.HIGH,
    )


def _since(context: Context, row: SeriesRow, last_bar: int) -> int:
    """Return from when on an update asks: the last bar, or what is doubted before and due, if all between is known."""
    with reading() as connection:
        covered = queries_coverage.read(connection, row.id)
    start = since = last_bar
    looks = {span.start for span in due_looks(covered, context.now().timestamp())}
    for part in reversed(covered):
        if part.span.start > start:
            continue
        if part.span.end < start:
            break
        start = part.span.start
        since = start if start in looks else since
    return since
