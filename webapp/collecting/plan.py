"""What a request still needs, before anything is queued; and what a job still needs, chunk by chunk."""

from sqlalchemy import Connection

from webapp.context import Context
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.gateways import connections
from webapp.jobs import queries_jobs
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.closing import closed_until
from webapp.kernel.gateways import GATEWAY_SOURCE
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.plans import Plan, SeriesPlan, aligned, known_ends, missing
from webapp.kernel.requests import CollectRequest, asked_span
from webapp.kernel.spans import Span, subtract, total
from webapp.restating.overlaps import Overlaps, RequestLimits
from webapp.series import queries_bars, queries_coverage, queries_series
from webapp.sources.base import Offer, Wanted
from webapp.sources.registry import offer

_TRADING_DAYS = 252 / 365.25
_SESSION_HOURS = 6.5


def checked(request: CollectRequest, now: float) -> tuple[CollectRequest, Span]:
    """Return the request in the source's own names, and the span asked for, when the source can serve any of it.

    :raises InvalidRequestError: with a sentence for each field that is wrong.
    """
    serving = offer(request.source)
    problems: dict[str, Sentence] = {}
    if request.interval not in serving.intervals:
        problems["interval"] = sentence(
            "%(source)s has no %(interval)s bars. It has: %(intervals)s.",
            source=serving.label,
            interval=request.interval.value,
            intervals=", ".join(serving.intervals),
        )
    try:
        request = serving.normalized(request)
    except InvalidRequestError as err:
        problems |= err.fields
    span = None
    try:
        span = aligned(asked_span(request, now), request.interval)
    except InvalidRequestError as err:
        problems |= err.fields
    if span and not problems and (problem := _span_problem(request, serving, span, now)):
        problems["period" if request.period else "start"] = problem
    if problems or span is None:
        raise InvalidRequestError(problems)
    return request, span


def _span_problem(request: CollectRequest, serving: Offer, span: Span, now: float) -> Sentence | None:
    """Say what the source cannot serve of it: a period must fit whole, dates in part, and "max" is all there is."""
    wanted = [Wanted(symbol, request.interval, request.options) for symbol in request.symbols]
    if request.period and request.period != "max":
        refusals = [refusal for one in wanted for refusal in serving.servable(one, span, now)[1]]
        return refusals[0].reason if refusals else None
    problems = [serving.span_problem(one, span, now) for one in wanted]
    return problems[0] if all(problems) else None


def make_plan(context: Context, request: CollectRequest) -> Plan:
    """Say what a request needs: requests, time, rows, what is there already, and what cannot be had and why.

    :raises InvalidRequestError: with a sentence for each field that is wrong.
    """
    now = context.now().timestamp()
    request, span = checked(request, now)
    with reading() as connection:
        planned = tuple(_series_plan(connection, request, symbol, span, now) for symbol in request.symbols)
    requests = sum(len(one.chunks) for one in planned)
    return Plan(planned, seconds=_seconds(context, request, requests) if requests else 0.0)


def _seconds(context: Context, request: CollectRequest, requests: int) -> float:
    """Return about how long so many requests take, with what others have used of a shared budget."""
    wanted = Wanted(request.symbols[0], request.interval, request.options)
    pace = dict(context.paces.get(request.source, {}))
    state = connections.state_of(context, request.options) if request.source == GATEWAY_SOURCE else None
    if state and state.pacing:
        pace["used"] = state.pacing.used
        if state.pacing.free_at:
            pace["free"] = max(0.0, (state.pacing.free_at - context.now()).total_seconds())
    return offer(request.source).seconds(wanted, requests, pace)


def _series_plan(connection: Connection, request: CollectRequest, symbol: str, span: Span, now: float) -> SeriesPlan:
    serving = offer(request.source)
    row = queries_series.find(connection, request.source, symbol, request.interval, serving.variant(request.options))
    facts = queries_series.facts(connection, request.source, symbol)
    wanted = Wanted(symbol, request.interval, request.options, facts)
    servable, refusals = serving.servable(wanted, span, now)
    known = [] if row is None or request.refresh else queries_coverage.read(connection, row.id)
    holes = missing(servable, known, _closed(request.interval, facts, now, serving, servable), now)
    chunks = [chunk for hole in holes for chunk in serving.cut(wanted, hole)]
    if row is not None:
        chunks = Overlaps(connection, row.id, known_ends(known), ()).widen(chunks, RequestLimits(serving, wanted, now))
    return SeriesPlan(
        symbol=symbol,
        asked=span,
        chunks=tuple(chunks),
        refusals=refusals,
        rows=estimated_rows(request.interval, total(holes), facts),
        stored_rows=0 if row is None else queries_bars.count(connection, row.id, span),
    )


def estimated_rows(interval: Interval, seconds: int, facts: InstrumentFacts) -> int:
    """Return about how many bars lie in so many seconds of calendar time, by the usual hours of such an instrument."""
    if facts.first_trade is None:
        seconds = min(seconds, 40 * 365 * DAY)
    around_the_clock = facts.kind == "CRYPTOCURRENCY"
    days = seconds / DAY * (1.0 if around_the_clock else _TRADING_DAYS)
    if interval.is_dated:
        return round(days * DAY / interval.seconds) if interval is Interval.D1 else round(seconds / interval.seconds)
    hours = 24.0 if around_the_clock or facts.kind == "CURRENCY" else _SESSION_HOURS
    return round(days * hours * 3600 / interval.seconds)


def chunks_left(connection: Connection, job: JobRow, serving: Offer, now: float) -> list[Span]:
    """Return the chunks that a job still needs, in the source's order: oldest first, or newest first.

    Each skips what it has committed itself, so that nothing is asked twice; one that does not refresh also skips all
    that is known, whoever collected it. It collects what was closed when it was
    submitted, so that it does not chase the clock.
    """
    facts = queries_series.facts(connection, job.source, job.symbol)
    wanted = Wanted(job.symbol, job.interval, job.options, facts)
    servable, _ = serving.servable(wanted, job.span, now)
    closed = _closed(job.interval, facts, job.created_at.timestamp(), serving, servable)
    done = queries_jobs.chunks(connection, job.id)
    if job.refresh:
        frame = Span(servable.start, min(servable.end, closed))
        holes, ends = subtract([frame] if frame else [], done), set[int]()
    else:
        known = queries_coverage.read(connection, job.series_id)
        holes, ends = subtract(missing(servable, known, closed, now), done), known_ends(known)
    chunks = [chunk for hole in holes for chunk in serving.cut(wanted, hole)]
    overlaps = Overlaps(connection, job.series_id, ends - {span.end for span in done}, [span.start for span in done])
    widened = overlaps.widen(chunks, RequestLimits(serving, wanted, now))
    return widened[::-1] if serving.newest_first else widened


def _closed(interval: Interval, facts: InstrumentFacts, at: float, serving: Offer, span: Span) -> int:
    """Return the end of what is closed; before the exchange is known, all is asked for and the answer tells."""
    if interval.is_dated and facts.timezone is None:
        return span.end
    return closed_until(interval, facts, at, serving.settling)
