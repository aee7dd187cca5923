"""Yahoo's chart answer, turned into bars, actions and facts; nothing is invented and nothing is dropped in silence."""

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from webapp.errors import Sentence, sentence
from webapp.kernel.adjusted_closes import ActionList, AdjustedClose, Quarter
from webapp.kernel.bars import Bar, aggregate
from webapp.kernel.closing import closed_until
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, MINUTE, Interval, period_start
from webapp.kernel.spans import Span
from webapp.sources.base import Answer, ChunkRequest
from webapp.sources.kit.labels import closed_part, format_label
from webapp.sources.yahoo.events import describe_impossible, parse_events
from webapp.sources.yahoo.rows import COLUMNS, Chart, read_rows
from webapp.sources.yahoo.stamps import Stamps

_ALMOST_MIDNIGHT = DAY - 10 * MINUTE
_LONG_ENOUGH_TO_TRADE = 5 * DAY
_QUARTER = 15 * MINUTE
_LONG_SILENCE = 30 * DAY


class GarbledError(Exception):
    """The body is no chart answer: cut, not JSON, or of a wrong shape."""


class UndatedError(Exception):
    """The answer does not say in which time zone the instrument is traded, or names one that there is not."""

    def __init__(self, timezone: str | None) -> None:
        super().__init__(f"time zone {timezone!r}")
        self.timezone = timezone


def read_chart(body: bytes) -> Chart | str:
    """Return the result of a chart answer, or Yahoo's own words when it answered with an error.

    :raises GarbledError: when it is neither.
    """
    try:
        chart = _parse_json(body)["chart"]
        if chart.get("error"):
            return str(chart["error"].get("description") or chart["error"].get("code"))
        result = chart["result"][0]
        times = result.get("timestamp") or []
        quote = result["indicators"]["quote"][0] if times else {}
        columns = {name: quote[name] for name in COLUMNS} if times else {name: [] for name in COLUMNS}
        adjusted = result["indicators"]["adjclose"][0]["adjclose"] if result["indicators"].get("adjclose") else []
        if any(len(column) != len(times) for column in (*columns.values(), adjusted or times)):
            raise GarbledError("columns of unequal length")
        return Chart(result["meta"], times, columns, result.get("events") or {}, adjusted)
    except (ValueError, RecursionError, KeyError, IndexError, TypeError, AttributeError) as err:
        raise GarbledError(str(err)) from err


def _parse_json(body: bytes) -> Any:  # noqa: ANN401 -- JSON
    """Return what a body says. ``NaN`` and ``Infinity``, which are no JSON, count as ``null``: one spoils not the rest.

    :raises ValueError: for what is no JSON otherwise.
    :raises RecursionError: for what is nested too deeply.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return json.loads(body, parse_constant=lambda _: None)


def facts_of(meta: Mapping[str, Any]) -> InstrumentFacts:
    """Return what the answer's ``meta`` says of the instrument."""
    opens, closes = _session(meta)
    return InstrumentFacts(
        name=meta.get("longName") or meta.get("shortName"),
        kind=meta.get("instrumentType"),
        currency=meta.get("currency"),
        exchange=meta.get("fullExchangeName") or meta.get("exchangeName"),
        timezone=meta.get("exchangeTimezoneName"),
        session_open=opens,
        session_close=closes,
        first_trade=meta.get("firstTradeDate"),
        last_trade=meta.get("regularMarketTime"),
        price_decimals=meta.get("priceHint"),
    )


def _session(meta: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Return the regular session as seconds after local midnight; one that ends just before midnight is a whole day."""
    regular = (meta.get("currentTradingPeriod") or {}).get("regular")
    if not regular:
        return None, None
    opens = (regular["start"] + regular.get("gmtoffset", 0)) % DAY
    closes = opens + regular["end"] - regular["start"]
    return opens, DAY if _ALMOST_MIDNIGHT <= closes < DAY else closes


def answer_of(chart: Chart, request: ChunkRequest, now: float, finality_delay: int) -> Answer:
    """Return what a chart says of the requested chunk.

    :raises UndatedError: when the exchange's time zone is not told, so that no bar could be dated.
    """
    facts = facts_of(chart.meta)
    stamps = Stamps(_zone(facts), facts)
    rows = read_rows(chart, request, stamps, now)
    bars = _merged(rows.bars, request, facts, chart.meta)
    bars, known_until = closed_part(bars, _before(rows.preliminary, request), facts, now, finality_delay)
    holes = _find_holes(rows.blanks, request, known_until)
    blank_rows = len(holes) + (not bars and _should_have_traded(request.span, facts))
    is_over = rows.preliminary is not None and (
        known_until <= rows.preliminary < closed_until(Interval.D1, facts, now, finality_delay)
    )
    note = _wait(request, rows.preliminary) if is_over else _note(bars, request, facts)
    events = parse_events(chart.events, stamps)
    left_out = describe_impossible(events.impossible)
    incomplete = rows.partial.intersection(bar[0] for bar in bars) if rows.partial else rows.partial
    answer = Answer(bars, events.actions, facts, known_until, blank_rows, note, left_out=left_out)
    closes = tuple(close for close in _adjusted_closes(chart, request, stamps) if close.time < known_until)
    return dataclasses.replace(answer, holes=holes, incomplete=incomplete, adjusted_closes=closes)


def _before(preliminary: int | None, request: ChunkRequest) -> ChunkRequest:
    """Return the request for what lies before the period of a preliminary row; nothing else of it can be final."""
    if preliminary is None:
        return request
    end = max(request.span.start, min(request.span.end, period_start(preliminary, request.interval)))
    return dataclasses.replace(request, span=Span(request.span.start, end))


def _find_holes(blanks: Sequence[int], request: ChunkRequest, known_until: int) -> list[Span]:
    """Return the spans of the rows that lack something: days of a week or month, quarters of half an hour."""
    short = _QUARTER if request.interval is Interval.M30 else request.interval.seconds
    step = DAY if request.interval.is_dated else short
    answered = Span(request.span.start, known_until)
    holes = (Span(start, start + step).intersection(answered) for start in blanks)
    return [hole for hole in holes if hole]


def _zone(facts: InstrumentFacts) -> ZoneInfo:
    try:
        return ZoneInfo(facts.timezone or "")
    except (ZoneInfoNotFoundError, ValueError, OSError) as err:  # OSError: the name of a folder of zones, as "America"
        raise UndatedError(facts.timezone) from err


def _adjusted_closes(chart: Chart, request: ChunkRequest, stamps: Stamps) -> Iterator[AdjustedClose]:
    """Yield the days of the span that have a close and an adjusted one, each once; within a day Yahoo adjusts none."""
    if not request.interval.is_dated:
        return
    latest = request.span.start - 1
    for time, close, adjusted in zip(chart.times, chart.columns["close"], chart.adjusted, strict=False):
        day = stamps.date_of(time)
        if latest < day < request.span.end and close and adjusted and close > 0 and adjusted > 0:
            yield AdjustedClose(day, close, adjusted)
            latest = day


def _merged(rows: list[Bar], request: ChunkRequest, facts: InstrumentFacts, meta: Mapping[str, Any]) -> list[Bar]:
    """Make the bars that Yahoo is not asked for: weeks and months from days, half-hours from quarters."""
    if request.interval in (Interval.W1, Interval.MO1):
        return aggregate(rows, lambda time: period_start(time, request.interval))
    if request.interval is Interval.M30:
        step = Interval.M30.seconds
        shift = int(meta.get("gmtoffset") or 0) - (facts.session_open or 0)
        return aggregate(rows, lambda time: time - (time + shift) % step)
    return rows


def _should_have_traded(span: Span, facts: InstrumentFacts) -> bool:
    """Tell whether an empty answer is hard to believe: a long span in the middle of the instrument's life."""
    if span.seconds < _LONG_ENOUGH_TO_TRADE or facts.first_trade is None or facts.last_trade is None:
        return False
    return facts.first_trade < span.start and facts.last_trade > span.end


def _wait(request: ChunkRequest, date: int | None) -> Sentence:
    """Say that the last bar is left out although its session is over."""
    return sentence(
        "Yahoo's bar of %(day)s of %(symbol)s is preliminary: it may change for some hours after the close, and is "
        "collected with the next look after that.",
        symbol=request.symbol,
        day=format_label(date or 0),
    )


def _note(bars: Sequence[Bar], request: ChunkRequest, facts: InstrumentFacts) -> Sentence | None:
    return _lateness(request, facts) if bars else _emptiness(request, facts)


def _emptiness(request: ChunkRequest, facts: InstrumentFacts) -> Sentence:
    if facts.last_trade is not None and facts.last_trade < request.span.start - _LONG_SILENCE:
        return sentence(
            "%(symbol)s has not traded since %(day)s: it was probably delisted, and Yahoo has nothing for that span.",
            symbol=request.symbol,
            day=format_label(facts.last_trade),
        )
    if facts.first_trade is not None and facts.first_trade >= request.span.end:
        return before_listing(request.symbol, facts.first_trade)
    return sentence("Yahoo answered that %(symbol)s did not trade in that span.", symbol=request.symbol)


def _lateness(request: ChunkRequest, facts: InstrumentFacts) -> Sentence | None:
    """Say that an instrument stopped trading inside the span, rather than leave a reader to wonder."""
    if facts.last_trade is None or facts.last_trade > request.span.end - _LONG_SILENCE:
        return None
    return sentence(
        "%(symbol)s last traded on %(day)s; it was probably delisted then.",
        symbol=request.symbol,
        day=format_label(facts.last_trade),
    )


def action_list_of(chart: Chart) -> ActionList:
    """Return what a chart of quarters says of an instrument's actions, and of their share in its prices.

    :raises UndatedError: when the exchange's time zone is not told, so that nothing could be dated.
    """
    facts = facts_of(chart.meta)
    stamps = Stamps(_zone(facts), facts)
    return ActionList(parse_events(chart.events, stamps).actions, tuple(_quarters(chart, stamps)))


def _quarters(chart: Chart, stamps: Stamps) -> Iterator[Quarter]:
    """Yield the quarters that have all prices, each once; the running one may come twice."""
    before = None
    columns = (chart.columns["low"], chart.columns["high"], chart.columns["close"], chart.adjusted)
    for time, low, high, close, adjusted in zip(chart.times, *columns, strict=False):
        start = stamps.date_of(time)
        if start != before and low and high and close and adjusted and min(low, high, close, adjusted) > 0:
            yield Quarter(low, high, AdjustedClose(start, close, adjusted))
            before = start


def before_listing(symbol: str, first_trade: int | None = None) -> Sentence:
    """Return the note for a span that lies before the first trade."""
    if first_trade is None:
        return sentence(
            "%(symbol)s was not listed yet in that span; Yahoo has nothing that old. Choose a later start.",
            symbol=symbol,
        )
    return sentence(
        "%(symbol)s was first traded on %(day)s; there is nothing before. Choose a later start.",
        symbol=symbol,
        day=format_label(first_trade),
    )
