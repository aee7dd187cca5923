"""What sources will delete soon: by when it must be asked for, what can still be had in time, and asking for it."""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

from webapp.collecting.missing.updates import Updated, request_update
from webapp.collecting.plan import make_plan
from webapp.collecting.submit import submit_together
from webapp.collecting.validation import ValidRequest, validate_request
from webapp.context import Context
from webapp.coverage import queries_vanishing
from webapp.coverage.gaps import report
from webapp.coverage.queries_vanishing import VanishingSeries
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError, Sentence
from webapp.jobs.records import instant
from webapp.kernel.closing import local_date_label
from webapp.kernel.days import day_of
from webapp.kernel.requests import CollectRequest
from webapp.series.queries_series import SeriesRow
from webapp.sources.choices import zone_of

SOON = dt.timedelta(days=14)
"""What vanishes within this time is listed, where nobody asks for another."""


@dataclass(frozen=True, slots=True)
class Vanishing:
    """What a source will delete of a series, and when what is missing could be there at today's pace.

    ``vanishes_at`` and ``done_at`` are epoch seconds; ``requests`` is how many are needed. ``refusal`` says why it
    cannot be asked for.
    """

    series: SeriesRow
    vanishes_at: int
    requests: int
    done_at: float
    refusal: Sentence | None = None

    def is_lost(self, now: float) -> bool:
        """Tell whether bars are being lost already."""
        return self.vanishes_at <= now

    @property
    def is_in_time(self) -> bool:
        """Whether all that is still there can be had before the source deletes it."""
        return self.refusal is None and self.done_at <= self.vanishes_at


class VanishingRecord(TypedDict):
    """What a source will delete, in the form of ``GET /api/v1/vanishing``; instants are ISO 8601, UTC."""

    series_id: int
    source: str
    symbol: str
    interval: str
    variant: str
    vanishes_at: str
    is_lost: bool
    requests: int
    done_at: str
    is_in_time: bool
    reason: str | None


def record(vanishing: Vanishing, now: float, say: Callable[[Sentence], str] = str) -> VanishingRecord:
    """Return a record for programs, its reason in the words of ``say``."""
    row = vanishing.series
    return VanishingRecord(
        series_id=row.id,
        source=row.source,
        symbol=row.symbol,
        interval=row.interval.value,
        variant=row.variant,
        vanishes_at=instant(vanishing.vanishes_at),
        is_lost=vanishing.is_lost(now),
        requests=vanishing.requests,
        done_at=instant(int(vanishing.done_at)),
        is_in_time=vanishing.is_in_time,
        reason=say(vanishing.refusal) if vanishing.refusal else None,
    )


def find_vanishing(context: Context, within: dt.timedelta = SOON, limit: int = 100) -> list[Vanishing]:
    """Return what vanishes within some time, by the deadline, with what it takes to have it, one after another."""
    now = context.now().timestamp()
    with reading() as connection:
        listed = queries_vanishing.page(connection, now + within.total_seconds(), limit=limit)
    return _plan_in_turn(context, listed)


def collect_vanishing(context: Context, series_ids: Collection[int], origin: str) -> Updated:
    """Submit one batch for what is missing of series, a job each, in the order of their deadlines.

    Jobs of one priority are delivered in the order in which they were made.
    """
    with reading() as connection:
        listed = queries_vanishing.read(connection, series_ids)
    requests: list[ValidRequest] = []
    refused: list[tuple[SeriesRow, Sentence]] = []
    for vanishing in listed:
        try:
            requests.append(validate_request(_request(context, vanishing.series), context.now()))
        except InvalidRequestError as err:
            refused.append((vanishing.series, err.message))
    return Updated(submit_together(context, requests, origin) if requests else None, refused)


def _plan_in_turn(context: Context, listed: Sequence[VanishingSeries]) -> list[Vanishing]:
    """Say of each when it would be there if all were asked for now, one after another at each source."""
    busy_until: dict[str, float] = {}
    planned = []
    for vanishing in listed:
        row, at = vanishing.series, context.now().timestamp()
        begins = busy_until.get(row.source, at)
        try:
            plan = make_plan(context, validate_request(_request(context, row), context.now()))
        except InvalidRequestError as err:
            planned.append(Vanishing(row, vanishing.vanishes_at, 0, begins, err.message))
            continue
        busy_until[row.source] = begins + plan.seconds
        planned.append(Vanishing(row, vanishing.vanishes_at, plan.requests, begins + plan.seconds))
    return planned


def _request(context: Context, row: SeriesRow) -> CollectRequest:
    """Return a request for all that is missing of a series and can be had, to now."""
    update = request_update(context, row)
    fillable = report(context, row).fillable
    if not fillable:
        return update
    zone = zone_of(row.source, row.symbol, row.facts.timezone)
    first = fillable[-1].span.start
    label = first if row.interval.is_dated or zone is None else local_date_label(first, zone)
    return replace(update, start=min(day_of(label), update.start) if update.start else day_of(label))
