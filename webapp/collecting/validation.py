"""The door of collecting: a request is checked here, once, and everything behind takes only what has come through.

A ``CollectRequest`` is what somebody typed; a ``ValidRequest`` is what a source can serve, at least in part. Only
``validate_request`` makes one, so that planning and submitting have nothing left to check.
"""

import datetime as dt
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.plans import aligned
from webapp.kernel.requests import CollectRequest, asked_span
from webapp.kernel.spans import Span
from webapp.sources.base import Offer, SeriesQuery
from webapp.sources.choices import grammar_of, problem_of, zone_of
from webapp.sources.registry import OFFERS, offer


@dataclass(frozen=True, slots=True)
class ValidRequest:
    """A request in the source's own names. ``validated_at`` (epoch seconds) is when it was true.

    ``symbols`` has each name once; ``merged`` says which of the symbols that were typed have the same name.
    """

    request: CollectRequest
    """What it was made of, in the source's names."""
    symbols: tuple[str, ...]
    variant: str
    validated_at: float
    merged: tuple[Sentence, ...] = ()

    @property
    def source(self) -> str:
        """The source's name."""
        return self.request.source

    @property
    def interval(self) -> Interval:
        """The bars' length."""
        return self.request.interval

    @property
    def options(self) -> dict[str, str]:
        """The source's options."""
        return self.request.options

    def span(self, symbol: str, facts: InstrumentFacts) -> Span:
        """Return the span of bars' starts asked of a symbol, over whole bars: dates are days of its exchange."""
        zone = zone_of(self.source, symbol, facts.timezone)
        return aligned(asked_span(self.request, self.validated_at, zone), self.interval)

    def series(self, symbol: str, facts: InstrumentFacts | None = None) -> SeriesQuery:
        """Return what the offer is asked about one of the symbols, with what is known of its instrument."""
        return SeriesQuery(symbol, self.interval, self.options, facts or InstrumentFacts())


def validate_request(request: CollectRequest, now: dt.datetime) -> ValidRequest:
    """Return the request in the source's own names, with its span, when the source can serve any of it.

    :raises InvalidRequestError: with a sentence for each field that is wrong.
    """
    typed = request.symbols
    request, problems = find_problems(request, now)
    if problems:
        raise InvalidRequestError(problems)
    return ValidRequest(
        request=request,
        symbols=tuple(dict.fromkeys(request.symbols)),
        variant=offer(request.source).variant(request.options),
        validated_at=now.timestamp(),
        merged=_describe_merged(typed, request.symbols),
    )


def find_problems(
    request: CollectRequest, now: dt.datetime, unread: AbstractSet[str] = frozenset()
) -> tuple[CollectRequest, dict[str, Sentence]]:
    """Return the request in the source's own names, and what is wrong with each field of it.

    :param unread: the fields that could not be read, and hold stand-ins: nothing is said of what depends on them.
    """
    at = now.timestamp()
    serving = OFFERS.get(request.source)
    if serving:
        request, problems = _find_source_problems(request, serving, unread)
    else:
        problems = {} if "source" in unread else _no_such_source(request)
        problems |= {} if "symbols" in unread or request.symbols else _no_symbols(request)
    if not unread & {"start", "end", "period"}:
        try:
            spans = {symbol: _span(request, symbol, at) for symbol in request.symbols or ("",)}
        except InvalidRequestError as err:
            problems |= err.fields
        else:
            if serving and not unread and not problems and (problem := _span_problem(request, serving, spans, at)):
                problems["period" if request.period else "start"] = problem
    return request, problems


def _find_source_problems(
    request: CollectRequest, serving: Offer, unread: AbstractSet[str]
) -> tuple[CollectRequest, dict[str, Sentence]]:
    """Return the request in the source's own names, and what the source does not take of it, but for its span."""
    problems: dict[str, Sentence] = {}
    if "interval" not in unread and request.interval not in serving.intervals:
        problems["interval"] = sentence(
            "%(source)s has no %(interval)s bars. It has: %(intervals)s.",
            source=serving.label,
            interval=request.interval.value,
            intervals=", ".join(serving.intervals),
        )
    if not unread & {"symbols", "options"}:
        try:
            request = serving.normalized(request)
        except InvalidRequestError as err:
            problems |= err.fields
    return request, problems


def _no_such_source(request: CollectRequest) -> dict[str, Sentence]:
    problem = problem_of(request.source)
    return {"source": problem} if problem else {}


def _no_symbols(request: CollectRequest) -> dict[str, Sentence]:
    problem = grammar_of(request.source).find_count_problem(request.symbols)
    return {"symbols": problem} if problem else {}


def _span(request: CollectRequest, symbol: str, at: float) -> Span:
    """Return what is asked of a symbol, by what it says itself of its exchange.

    :raises InvalidRequestError: see ``asked_span``.
    """
    return aligned(asked_span(request, at, zone_of(request.source, symbol, None)), request.interval)


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


def _span_problem(request: CollectRequest, serving: Offer, spans: Mapping[str, Span], now: float) -> Sentence | None:
    """Say what the source cannot serve of it: a period must fit whole, dates in part, and "max" is all there is.

    A period that reaches back by less than a day too far fits: sources count by days of UTC, and exchanges do not.
    """
    queries = [(SeriesQuery(symbol, request.interval, request.options), spans[symbol]) for symbol in request.symbols]
    if request.period and request.period != "max":
        refusals = [refusal for query, span in queries for refusal in serving.split_servable(query, span, now)[1]]
        return next((refusal.reason for refusal in refusals if refusal.span.seconds >= DAY), None)
    problems = [serving.span_problem(query, span, now) for query, span in queries]
    return problems[0] if all(problems) else None
