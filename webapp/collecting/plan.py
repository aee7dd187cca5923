"""What a request still needs, before anything is queued; and what a job still needs, chunk by chunk."""

import dataclasses
import datetime as dt
import logging
from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.collecting.rules_chunks import cut_chunks
from webapp.collecting.validation import ValidRequest
from webapp.context import Context
from webapp.coverage.calendar_files import CalendarError
from webapp.coverage.expected_bars import assumed_facts, expected_bars
from webapp.database.transactions import reading
from webapp.gateways import connections
from webapp.jobs import queries_jobs
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.closing import closed_until
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.plans import Covered, Plan, Refusal, SeriesPlan, due_looks, known_ends, missing
from webapp.kernel.spans import Span, subtract, total
from webapp.restating.overlaps import Overlaps, RequestLimits
from webapp.series import queries_action_looks, queries_bars, queries_coverage, queries_series
from webapp.series.queries_series import SeriesRow
from webapp.sources.base import Offer, SeriesQuery
from webapp.sources.registry import capabilities_of, offer

log = logging.getLogger(__name__)

_TRADING_DAYS = 252 / 365.25
_SESSION_SECONDS = 6.5 * 3600


@dataclass(frozen=True, slots=True)
class SeriesNeeds:
    """What is missing of a series and can be had: ``holes``, and the ``chunks`` that fill them. ``row``: if any yet.

    ``span`` is what was asked for, ``facts`` are what is known of the instrument, or else assumed.
    """

    row: SeriesRow | None
    span: Span
    facts: InstrumentFacts
    holes: list[Span]
    chunks: list[Span]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class StoredState:
    """What is stored of a series: ``row`` if there is any yet, what is known of its instrument, and its coverage."""

    row: SeriesRow | None
    facts: InstrumentFacts
    coverage: list[Covered]


def find_needs(connection: Connection, request: ValidRequest, symbol: str) -> SeriesNeeds:
    """Return what a request still needs for one of its symbols."""
    row = queries_series.find(connection, request.source, symbol, request.interval, request.variant_of(symbol))
    facts = queries_series.facts(connection, request.source, symbol)
    coverage = [] if row is None else queries_coverage.read(connection, row.id)
    return needs_of(connection, request, symbol, StoredState(row, facts, coverage))


def needs_of(connection: Connection, request: ValidRequest, symbol: str, stored: StoredState) -> SeriesNeeds:
    """Return the same where what is stored was read before; what needs nothing costs no query."""
    serving, now, row, facts = offer(request.source), request.validated_at, stored.row, stored.facts
    assumed = assumed_facts(request.source, symbol, facts, now)
    series, span = request.series(symbol, assumed), request.span(symbol, facts)
    servable, refusals = serving.split_servable(series, span, now)
    coverage = [] if request.request.refresh else stored.coverage
    holes = missing(servable, coverage, _closed(request.interval, facts, now, serving, servable), now)
    chunks = cut_chunks(holes, due_looks(coverage, now), lambda hole: _cut(serving, series, hole, facts))
    if row is not None and chunks:
        chunks = Overlaps(connection, row.id, known_ends(coverage), ()).widen(
            chunks, RequestLimits(serving, series, now)
        )
    return SeriesNeeds(row, span, assumed, holes, chunks, refusals)


def make_plan(context: Context, request: ValidRequest) -> Plan:
    """Say what a request needs: requests, time, rows, what is there already, and what cannot be had and why."""
    with reading() as connection:
        plans = tuple(_plan_series(connection, request, symbol) for symbol in request.symbols)
    requests = sum(plan.requests for plan in plans)
    return Plan(plans, seconds=_estimate_seconds(context, request, requests) if requests else 0.0)


def _plan_series(connection: Connection, request: ValidRequest, symbol: str) -> SeriesPlan:
    needs = find_needs(connection, request, symbol)
    return SeriesPlan(
        symbol=symbol,
        asked=needs.span,
        chunks=tuple(needs.chunks),
        refusals=needs.refusals,
        rows=estimate_rows(connection, request.series(symbol, needs.facts), request, needs.holes),
        stored_rows=0 if needs.row is None else queries_bars.count(connection, needs.row.id, needs.span),
        lists=int(bool(needs.chunks) and _is_list_due(connection, request, symbol)),
    )


def _is_list_due(connection: Connection, request: ValidRequest, symbol: str) -> bool:
    """Tell whether the source will be asked for all actions of the instrument, too."""
    if not capabilities_of(request.source).has_action_list:
        return False
    at = dt.datetime.fromtimestamp(request.validated_at, dt.UTC)
    return queries_action_looks.is_due(connection, request.source, symbol, at)


def _estimate_seconds(context: Context, request: ValidRequest, requests: int) -> float:
    """Return about how long so many requests take, with what others have used of a shared budget."""
    pace = dict(context.paces.get(request.source, {}))
    has_gateways = capabilities_of(request.source).has_gateways
    state = connections.state_of(context, request.options) if has_gateways else None
    if state and state.pacing:
        pace["used"] = state.pacing.used
        if state.pacing.free_at:
            pace["free"] = max(0.0, (state.pacing.free_at - context.now()).total_seconds())
    return offer(request.source).seconds(request.series(request.symbols[0]), requests, pace)


def estimate_rows(connection: Connection, series: SeriesQuery, request: ValidRequest, holes: list[Span]) -> int:
    """Return about how many bars will come, by the exchange's calendar; without that, by an average share's year."""
    interval = series.interval
    try:
        return expected_bars(connection, series, request.source, holes, request.validated_at)
    except CalendarError:
        log.warning("bars are counted without a calendar", exc_info=True)
    sessions = total(holes) / DAY * _TRADING_DAYS
    return round(sessions * (DAY if interval.is_dated else _SESSION_SECONDS) / interval.seconds)


def _cut(serving: Offer, series: SeriesQuery, hole: Span, facts: InstrumentFacts) -> list[Span]:
    """Return the chunks that fill a hole. ``series`` has what is assumed of the instrument, ``facts`` is what is known.

    Hours that are only assumed never leave everything out: the source must be asked once.
    """
    chunks = serving.cut(series, hole)
    if chunks or facts.timezone is not None:
        return chunks
    return serving.cut(dataclasses.replace(series, facts=facts), hole)


def chunks_left(connection: Connection, job: JobRow, serving: Offer, now: float) -> list[Span]:
    """Return the chunks that a job still needs, in the source's order: oldest first, or newest first.

    Each skips what it has committed itself, so that nothing is asked twice; one that does not refresh also skips all
    that is covered, whoever collected it. It collects what was closed when it was
    submitted, so that it does not chase the clock.
    """
    facts = queries_series.facts(connection, job.source, job.symbol)
    assumed = assumed_facts(job.source, job.symbol, facts, now)
    series = SeriesQuery(job.symbol, job.interval, job.options, assumed)
    servable, _ = serving.split_servable(series, job.span, now)
    closed = _closed(job.interval, facts, job.created_at.timestamp(), serving, servable)
    done = queries_jobs.chunks(connection, job.id)
    if job.refresh:
        frame = Span(servable.start, min(servable.end, closed))
        holes, ends, looks = subtract([frame] if frame else [], done), set[int](), list[Span]()
    else:
        coverage = queries_coverage.read(connection, job.series_id)
        holes, ends = subtract(missing(servable, coverage, closed, now), done), known_ends(coverage)
        looks = due_looks(coverage, now)
    chunks = cut_chunks(holes, looks, lambda hole: _cut(serving, series, hole, facts), len(done))
    overlaps = Overlaps(connection, job.series_id, ends - {span.end for span in done}, [span.start for span in done])
    widened = overlaps.widen(chunks, RequestLimits(serving, series, now))
    return widened[::-1] if serving.newest_first else widened


def _closed(interval: Interval, facts: InstrumentFacts, at: float, serving: Offer, span: Span) -> int:
    """Return the end of what is closed; before the exchange is known, all is asked for and the answer tells."""
    if interval.is_dated and facts.timezone is None:
        return span.end
    return closed_until(interval, facts, at, serving.finality_delay)
