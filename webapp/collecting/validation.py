"""The door of collecting: a request is checked here, once, and everything behind takes only what has come through.

A ``CollectRequest`` is what somebody typed; a ``ValidRequest`` is what a source can serve, at least in part. Only
``validate_request`` makes one, so that planning and submitting have nothing left to check.
"""

import datetime as dt
from dataclasses import dataclass

from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import Priority
from webapp.kernel.plans import aligned
from webapp.kernel.requests import CollectRequest, asked_span
from webapp.kernel.spans import Span
from webapp.sources.base import Offer, SeriesQuery
from webapp.sources.registry import offer


@dataclass(frozen=True, slots=True)
class ValidRequest:
    """A request in the source's own names, over whole bars. ``validated_at`` (epoch seconds) is when it was true.

    ``symbols`` has each name once; ``merged`` says which of the symbols that were typed have the same name.
    """

    source: str
    symbols: tuple[str, ...]
    interval: Interval
    variant: str
    span: Span
    options: dict[str, str]
    priority: Priority
    refresh: bool
    validated_at: float
    merged: tuple[Sentence, ...] = ()

    def series(self, symbol: str, facts: InstrumentFacts | None = None) -> SeriesQuery:
        """Return what the offer is asked about one of the symbols, with what is known of its instrument."""
        return SeriesQuery(symbol, self.interval, self.options, facts or InstrumentFacts())


def validate_request(request: CollectRequest, now: dt.datetime) -> ValidRequest:
    """Return the request in the source's own names, with its span, when the source can serve any of it.

    :raises InvalidRequestError: with a sentence for each field that is wrong.
    """
    at = now.timestamp()
    serving = offer(request.source)
    problems: dict[str, Sentence] = {}
    typed = request.symbols
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
        span = aligned(asked_span(request, at), request.interval)
    except InvalidRequestError as err:
        problems |= err.fields
    if span and not problems and (problem := _span_problem(request, serving, span, at)):
        problems["period" if request.period else "start"] = problem
    if problems or span is None:
        raise InvalidRequestError(problems)
    return ValidRequest(
        source=request.source,
        symbols=tuple(dict.fromkeys(request.symbols)),
        interval=request.interval,
        variant=serving.variant(request.options),
        span=span,
        options=request.options,
        priority=request.priority,
        refresh=request.refresh,
        validated_at=at,
        merged=_describe_merged(typed, request.symbols),
    )


def _describe_merged(typed: tuple[str, ...], names: tuple[str, ...]) -> tuple[Sentence, ...]:
    """Say which of the symbols that were typed have one name: each of these is collected once."""
    symbols: dict[str, list[str]] = {}
    for symbol, name in zip(typed, names, strict=False):  # as many as were typed, unless a source breaks its contract
        symbols.setdefault(name, []).append(symbol)
    return tuple(
        sentence("%(symbols)s are one instrument, %(name)s: it is collected once.", symbols=", ".join(many), name=name)
        for name, many in symbols.items()
        if len(many) > 1
    )


def _span_problem(request: CollectRequest, serving: Offer, span: Span, now: float) -> Sentence | None:
    """Say what the source cannot serve of it: a period must fit whole, dates in part, and "max" is all there is."""
    queries = [SeriesQuery(symbol, request.interval, request.options) for symbol in request.symbols]
    if request.period and request.period != "max":
        refusals = [refusal for query in queries for refusal in serving.split_servable(query, span, now)[1]]
        return refusals[0].reason if refusals else None
    problems = [serving.span_problem(query, span, now) for query in queries]
    return problems[0] if all(problems) else None
