"""When bars are: labels of trading dates, local times as UTC, and the part of an answer that is closed."""

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from webapp.kernel.bars import Bar
from webapp.kernel.closing import closed_until
from webapp.kernel.instruments import InstrumentFacts
from webapp.sources.base import ChunkRequest


def label_date(day: dt.date) -> int:
    """Return the label of a trading date: its 00:00 UTC (epoch seconds)."""
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp())


def format_label(label: int) -> str:
    """Return the date of a label (epoch seconds) as ``YYYY-MM-DD``."""
    return dt.datetime.fromtimestamp(label, dt.UTC).strftime("%Y-%m-%d")


def local_to_utc(wall: dt.datetime, zone: ZoneInfo) -> int:
    """Return the instant (epoch seconds) of a naive time on the exchange's wall clock."""
    return int(wall.replace(tzinfo=zone).timestamp())


def closed_part(
    bars: Sequence[Bar], request: ChunkRequest, facts: InstrumentFacts, now: float, finality_delay: int
) -> tuple[list[Bar], int]:
    """Return the bars of the chunk that are final at ``now`` (epoch seconds), and the answer's ``known_until``."""
    span = request.span
    end = min(span.end, max(span.start, closed_until(request.interval, facts, now, finality_delay)))
    bars = [bar for bar in bars if span.start <= bar[0] < end]
    if request.interval.is_dated:
        return bars, end
    settled = now - finality_delay
    until = min([end, *(bar[0] for bar in bars if bar[0] + request.interval.seconds > settled)])
    return [bar for bar in bars if bar[0] < until], until
