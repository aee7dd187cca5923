"""What a request still needs, before anything is queued; and what a job still needs, chunk by chunk."""

from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.collecting.rules_chunks import cut_chunks
from webapp.collecting.validation import ValidRequest
from webapp.context import Context
from webapp.database.transactions import reading
from webapp.gateways import connections
from webapp.jobs import queries_jobs
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.closing import closed_until
from webapp.kernel.instruments import InstrumentFacts, InstrumentKind
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.plans import Plan, Refusal, SeriesPlan, due_looks, known_ends, missing
from webapp.kernel.spans import Span, subtract, total
from webapp.restating.overlaps import Overlaps, RequestLimits
from webapp.series import queries_bars, queries_coverage, queries_series
from webapp.series.queries_series import SeriesRow
from webapp.sources.base import Offer, SeriesQuery
from webapp.sources.registry import capabilities_of, offer

_TRADING_DAYS = 252 / 365.25
_SESSION_HOURS = 6.5


@dataclass(frozen=True, slots=True)
class SeriesNeeds:
    """What is missing of a series and can be had: ``holes``, and the ``chunks`` that fill them. ``row``: if any yet."""

    row: SeriesRow | None
    facts: InstrumentFacts
    holes: list[Span]
    chunks: list[Span]
    refusals: tuple[Refusal, ...]


def find_needs(connection: Connection, request: ValidRequest, symbol: str) -> SeriesNeeds:
    """Return what a request still needs for one of its symbols."""
    serving, now = offer(request.source), request.validated_at
    row = queries_series.find(connection, request.source, symbol, request.interval, request.variant)
    facts = queries_series.facts(connection, request.source, symbol)
    series = request.series(symbol, facts)
    servable, refusals = serving.split_servable(series, request.span, now)
    coverage = [] if row is None or request.refresh else queries_coverage.read(connection, row.id)
    holes = missing(servable, coverage, _closed(request.interval, facts, now, serving, servable), now)
    chunks = cut_chunks(holes, due_looks(coverage, now), lambda hole: serving.cut(series, hole))
    if row is not None:
        chunks = Overlaps(connection, row.id, known_ends(coverage), ()).widen(
            chunks, RequestLimits(serving, series, now)
        )
    return SeriesNeeds(row, facts, holes, chunks, refusals)


def make_plan(context: Context, request: ValidRequest) -> Plan:
    """Say what a request needs: requests, time, rows, what is there already, and what cannot be had and why."""
    with reading() as connection:
        plans = tuple(_plan_series(connection, request, symbol) for symbol in request.symbols)
    requests = sum(len(plan.chunks) for plan in plans)
    return Plan(plans, seconds=_estimate_seconds(context, request, requests) if requests else 0.0)


def _plan_series(connection: Connection, request: ValidRequest, symbol: str) -> SeriesPlan:
    needs = find_needs(connection, request, symbol)
    return SeriesPlan(
        symbol=symbol,
        asked=request.span,
        chunks=tuple(needs.chunks),
        refusals=needs.refusals,
        rows=estimated_rows(request.interval, total(needs.holes), needs.facts),
        stored_rows=0 if needs.row is None else queries_bars.count(connection, needs.row.id, request.span),
    )


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


def estimated_rows(interval: Interval, seconds: int, facts: InstrumentFacts) -> int:
    """Return about how many bars lie in so many seconds of calendar time, by the usual hours of such an instrument."""
    if facts.first_trade is None:
        seconds = min(seconds, 40 * 365 * DAY)
    around_the_clock = facts.instrument_kind is InstrumentKind.CRYPTO
    days = seconds / DAY * (1.0 if around_the_clock else _TRADING_DAYS)
    if interval.is_dated:
        return round(days * DAY / interval.seconds) if interval is Interval.D1 else round(seconds / interval.seconds)
    hours = 24.0 if around_the_clock or facts.instrument_kind is InstrumentKind.CURRENCY else _SESSION_HOURS
    return round(days * hours * 3600 / interval.seconds)


def chunks_left(connection: Connection, job: JobRow, serving: Offer, now: float) -> list[Span]:
    """Return the chunks that a job still needs, in the source's order: oldest first, or newest first.

    Each skips what it has committed itself, so that nothing is asked twice; one that does not refresh also skips all
    that is covered, whoever collected it. It collects what was closed when it was
    submitted, so that it does not chase the clock.
    """
    facts = queries_series.facts(connection, job.source, job.symbol)
    series = SeriesQuery(job.symbol, job.interval, job.options, facts)
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
    chunks = cut_chunks(holes, looks, lambda hole: serving.cut(series, hole), len(done))
    overlaps = Overlaps(connection, job.series_id, ends - {span.end for span in done}, [span.start for span in done])
    widened = overlaps.widen(chunks, RequestLimits(serving, series, now))
    return widened[::-1] if serving.newest_first else widened


def _closed(interval: Interval, facts: InstrumentFacts, at: float, serving: Offer, span: Span) -> int:
    """Return the end of what is closed; before the exchange is known, all is asked for and the answer tells."""
    if interval.is_dated and facts.timezone is None:
        return span.end
    return closed_until(interval, facts, at, serving.finality_delay)
