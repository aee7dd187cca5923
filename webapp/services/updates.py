"""Bringing series up to date: a job each for what is missing since the last bar, all in one batch."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.domain.gateways import GATEWAY_SOURCE
from webapp.domain.jobs import Priority
from webapp.domain.requests import CollectRequest
from webapp.errors import InvalidRequestError, Sentence
from webapp.services import gateways
from webapp.services.context import Context
from webapp.services.jobs import Submission, submit_together
from webapp.services.plan import checked
from webapp.sources.registry import offer
from webapp.store.series import SeriesRow

_WITHOUT_BARS = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Updated:
    """What became of it. ``submission`` is None when none could be updated; ``refused`` says why each could not."""

    submission: Submission | None
    refused: list[tuple[SeriesRow, Sentence]]


def update(context: Context, rows: Sequence[SeriesRow], origin: str) -> Updated:
    """Submit a job for each series that its source can bring up to date."""
    requests: list[CollectRequest] = []
    refused: list[tuple[SeriesRow, Sentence]] = []
    for row in rows:
        request = _request(context, row)
        try:
            checked(request, context.now().timestamp())
            if row.source == GATEWAY_SOURCE:
                gateways.chosen(context, request.options)
        except InvalidRequestError as err:
            refused.append((row, err.message))
        else:
            requests.append(request)
    return Updated(submit_together(context, requests, origin) if requests else None, refused)


def _request(context: Context, row: SeriesRow) -> CollectRequest:
    last = None if row.last_bar is None else dt.datetime.fromtimestamp(row.last_bar, dt.UTC)
    return CollectRequest(
        source=row.source,
        symbols=(row.symbol,),
        interval=row.interval,
        start=(last or context.now() - _WITHOUT_BARS).date(),
        options=offer(row.source).options_of(row.variant),
        priority=Priority.HIGH,
    )
