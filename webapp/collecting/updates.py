"""Bringing series up to date: a job each for what is missing since the last bar, all in one batch."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.collecting.submit import Submission, submit_together
from webapp.collecting.validation import ValidRequest, validate_request
from webapp.context import Context
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError, Sentence
from webapp.kernel.job_states import Priority
from webapp.kernel.plans import due_looks
from webapp.kernel.requests import CollectRequest
from webapp.series import queries_coverage
from webapp.series.queries_series import SeriesRow
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
            requests.append(validate_request(_request(context, row), context.now()))
        except InvalidRequestError as err:
            refused.append((row, err.message))
    return Updated(submit_together(context, requests, origin) if requests else None, refused)


def _request(context: Context, row: SeriesRow) -> CollectRequest:
    last = None if row.last_bar is None else dt.datetime.fromtimestamp(_since(context, row, row.last_bar), dt.UTC)
    return CollectRequest(
        source=row.source,
        symbols=(row.symbol,),
        interval=row.interval,
        start=(last or context.now() - _WITHOUT_BARS).date(),
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
