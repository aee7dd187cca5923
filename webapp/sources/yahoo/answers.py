"""Yahoo's chart answer, turned into bars, actions and facts; nothing is invented and nothing is dropped in silence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from webapp.errors import Sentence, sentence
from webapp.kernel.adjusted_closes import ActionList, AdjustedClose, Quarter
from webapp.kernel.bars import CAPITAL_GAIN, DIVIDEND, SPLIT, Action, Bar, aggregate
from webapp.kernel.closing import local_date_label
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, HOUR, MINUTE, Interval, period_start
from webapp.kernel.spans import Span
from webapp.sources.base import Answer, ChunkRequest
from webapp.sources.kit.labels import closed_part, format_label

_EVENTS = {"dividends": DIVIDEND, "capitalGains": CAPITAL_GAIN}
_ALMOST_MIDNIGHT = DAY - 10 * MINUTE
_EARLY_STAMP = 2 * HOUR  # Yahoo stamps some days an hour or two before their local midnight (yfinance #1048, #1100)
_LONG_ENOUGH_TO_TRADE = 5 * DAY
_LONG_SILENCE = 30 * DAY
_COLUMNS = ("open", "high", "low", "close", "volume")


class GarbledError(Exception):
    """The body is no chart answer: cut, not JSON, or of a wrong shape."""


@dataclass(frozen=True, slots=True)
class Chart:
    """The one result of a chart answer."""

    meta: Mapping[str, Any]
    times: list[int]
    columns: Mapping[str, list[float | None]]
    events: Mapping[str, Any]
    adjusted: list[float | None]
    """The closes without later payouts; empty within a day, where Yahoo has none."""


def read_chart(body: bytes) -> Chart | str:
    """Return the result of a chart answer, or Yahoo's own words when it answered with an error.

    :raises GarbledError: when it is neither.
    """
    try:
        chart = orjson.loads(body)["chart"]
        if chart.get("error"):
            return str(chart["error"].get("description") or chart["error"].get("code"))
        result = chart["result"][0]
        times = result.get("timestamp") or []
        quote = result["indicators"]["quote"][0] if times else {}
        columns = {name: quote[name] for name in _COLUMNS} if times else {name: [] for name in _COLUMNS}
        adjusted = result["indicators"]["adjclose"][0]["adjclose"] if result["indicators"].get("adjclose") else []
        if any(len(column) != len(times) for column in (*columns.values(), adjusted or times)):
            raise GarbledError("columns of unequal length")
        return Chart(result["meta"], times, columns, result.get("events") or {}, adjusted)
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError, AttributeError) as err:
        raise GarbledError(str(err)) from err


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

    :raises GarbledError: when the exchange's time zone is unknown, so that no bar could be dated.
    """
    facts = facts_of(chart.meta)
    zone = _zone(facts)
    rows, blanks = _rows(chart, request, zone)
    bars = _merged(rows, request, facts, chart.meta)
    bars, known_until = closed_part(bars, request, facts, now, finality_delay)
    blanks = [time for time in blanks if request.span.start <= time < known_until]
    blank_rows = len(blanks) + (not bars and _should_have_traded(request.span, facts))
    note = _lateness(request, facts) if bars else _emptiness(request, facts)
    closes = [close for close in _adjusted_closes(chart, request, zone) if close.time < known_until]
    return Answer(
        bars, list(_actions(chart, zone)), facts, known_until, blank_rows, note, adjusted_closes=tuple(closes)
    )


def _zone(facts: InstrumentFacts) -> ZoneInfo:
    try:
        return ZoneInfo(facts.timezone or "")
    except (ZoneInfoNotFoundError, ValueError) as err:
        raise GarbledError(f"time zone {facts.timezone!r}") from err


def _rows(chart: Chart, request: ChunkRequest, zone: ZoneInfo) -> tuple[list[Bar], list[int]]:
    """Return the rows that have all prices, each time once and ascending, and the times of those that have not."""
    complete: dict[int, Bar] = {}
    blanks: set[int] = set()
    for time, *prices, volume in zip(chart.times, *(chart.columns[name] for name in _COLUMNS), strict=True):
        if not request.interval.is_dated and time % MINUTE:
            continue  # the live row: stamped with the moment of the last trade
        start = _label(time, zone) if request.interval.is_dated else time
        if start in complete:
            continue  # the last row comes twice while a market is open; the first is the bar
        if None in prices or volume is None:
            blanks.add(start)
        if None not in prices:
            complete[start] = (start, *prices, volume or 0, None, None)
    return [complete[start] for start in sorted(complete)], sorted(blanks)


def _adjusted_closes(chart: Chart, request: ChunkRequest, zone: ZoneInfo) -> Iterator[AdjustedClose]:
    """Yield the days of the span that have a close and an adjusted one, each once; within a day Yahoo adjusts none."""
    if not request.interval.is_dated:
        return
    latest = request.span.start - 1
    for time, close, adjusted in zip(chart.times, chart.columns["close"], chart.adjusted, strict=False):
        day = _label(time, zone)
        if latest < day < request.span.end and close and adjusted and close > 0 and adjusted > 0:
            yield AdjustedClose(day, close, adjusted)
            latest = day


def _label(time: int, zone: ZoneInfo) -> int:
    """Return the trading date that a stamp means: an hour or two before midnight, Yahoo means the coming day."""
    return local_date_label(time + _EARLY_STAMP, zone)


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

    :raises GarbledError: when the exchange's time zone is unknown, so that nothing could be dated.
    """
    zone = _zone(facts_of(chart.meta))
    return ActionList(tuple(_actions(chart, zone)), tuple(_quarters(chart, zone)))


def _quarters(chart: Chart, zone: ZoneInfo) -> Iterator[Quarter]:
    """Yield the quarters that have all prices, each once; the running one may come twice."""
    before = None
    columns = (chart.columns["low"], chart.columns["high"], chart.columns["close"], chart.adjusted)
    for time, low, high, close, adjusted in zip(chart.times, *columns, strict=False):
        start = _label(time, zone)
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


def _actions(chart: Chart, zone: ZoneInfo) -> Iterator[Action]:
    for name, kind in _EVENTS.items():
        for event in (chart.events.get(name) or {}).values():
            yield Action(kind, _label(event["date"], zone), float(event["amount"]))
    for event in (chart.events.get("splits") or {}).values():
        yield Action(SPLIT, _label(event["date"], zone), event["numerator"] / event["denominator"])
