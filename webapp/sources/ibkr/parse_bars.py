"""From the bars that TWS sent to an answer: read, merged, cut to the chunk, and only what is closed."""

import dataclasses
import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.errors import Sentence, sentence
from webapp.kernel.bars import Bar, aggregate
from webapp.kernel.closing import closed_until
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import Interval, period_start
from webapp.sources.base import Answer, ChunkRequest
from webapp.sources.ibkr.connection.receiver import RawBar
from webapp.sources.ibkr.messages.wire_errors import GarbledError

_DATE_DIGITS = 8


@dataclass(frozen=True, slots=True)
class AnswerMoment:
    """When an answer is judged (epoch seconds), and how many seconds after its end a bar may still change."""

    now: float
    finality_delay: int


def build_answer(
    rows: Sequence[RawBar], request: ChunkRequest, facts: InstrumentFacts, close: int | None, moment: AnswerMoment
) -> Answer:
    """Return the answer that TWS's bars are.

    :param close: when the session ends whose bars these are (seconds after midnight): that of all hours may be later
        than the regular one.
    :raises GarbledError: when a bar cannot be read.
    """
    now, finality_delay = moment.now, moment.finality_delay
    bars = parse_bars(rows, request.interval)
    if request.interval in (Interval.W1, Interval.MO1):
        bars = aggregate(bars, lambda time: period_start(time, request.interval))
    hours = dataclasses.replace(facts, session_close=close)
    end = min(request.span.end, closed_until(request.interval, hours, now, finality_delay))
    inside = [bar for bar in bars if request.span.start <= bar[0] < end]
    if not request.interval.is_dated:
        still_open = [bar[0] for bar in inside if bar[0] + request.interval.seconds > now - finality_delay]
        end = min([end, *still_open])
        inside = [bar for bar in inside if bar[0] < end]
    note = None if inside else explain_empty(request, facts)
    return Answer(inside, [], facts, max(end, request.span.start), note=note)


def parse_bars(rows: Sequence[RawBar], interval: Interval) -> list[Bar]:
    """Return bars ascending, each time once.

    :raises GarbledError: for a date or a price that is none: such an answer is not believed at all.
    """
    by_time = {}
    for row in rows:
        prices = (row.open, row.high, row.low, row.close)
        if not all(map(math.isfinite, (*prices, row.volume))):
            raise GarbledError(f"a price of the bar {row.date[:30]}")
        time = _parse_time(row.date, is_dated=interval.is_dated)
        wap = row.wap if math.isfinite(row.wap) and row.wap >= 0 else None
        count = row.count if row.count >= 0 else None
        by_time[time] = (time, *prices, max(0.0, row.volume), wap, count)
    return [by_time[time] for time in sorted(by_time)]


def _parse_time(text: str, *, is_dated: bool) -> int:
    """Read ``yyyymmdd`` as a date and anything longer as epoch seconds, as formatDate 2 promises.

    :raises GarbledError: for anything else.
    """
    is_date = len(text) == _DATE_DIGITS
    if not text.isascii() or not text.isdigit() or is_date is not is_dated:
        raise GarbledError(f"the date “{text[:30]}”")
    if not is_dated:
        return int(text)
    try:
        return int(dt.datetime.strptime(text, "%Y%m%d").replace(tzinfo=dt.UTC).timestamp())
    except ValueError as err:
        raise GarbledError(f"the date “{text[:30]}”") from err


def explain_empty(request: ChunkRequest, facts: InstrumentFacts) -> Sentence:
    """Say why there is nothing, as far as it is known."""
    if facts.first_trade is not None and facts.first_trade >= request.span.end:
        return sentence(
            "IBKR's data of %(symbol)s begin on %(day)s; there is nothing before. Choose a later start.",
            symbol=request.symbol,
            day=dt.datetime.fromtimestamp(facts.first_trade, dt.UTC).strftime("%Y-%m-%d"),
        )
    return sentence(
        "Interactive Brokers answered that it has no data of %(symbol)s in that span.", symbol=request.symbol
    )
