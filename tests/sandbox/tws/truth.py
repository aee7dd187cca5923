"""What the bars of an answer must be, reckoned from the market's small bars in the plainest way."""

import datetime as dt
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from tests.sandbox.tws.library import ib
from webapp.sandbox.columns import Bar

SIZES = {
    **{f"{count} secs": count for count in (1, 5, 10, 15, 30)},
    "1 min": 60,
    **{f"{count} mins": 60 * count for count in (2, 3, 5, 10, 15, 20, 30)},
    "1 hour": 3600,
    **{f"{count} hours": 3600 * count for count in (2, 3, 4, 8)},
}
STOCK = {"secType": "STK", "exchange": "SMART"}
APPLE = ib.Contract(symbol="AAPL", currency="USD", **STOCK)
EURO = ib.Contract(symbol="EUR", secType="CASH", exchange="IDEALPRO", currency="USD")
BITCOIN = ib.Contract(symbol="BTC", secType="CRYPTO", exchange="PAXOS", currency="USD")
INDEX = ib.Contract(symbol="SPX", secType="IND", exchange="CBOE", currency="USD")


def utc(text: str) -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp()


def on_the_clock(bars: Iterable[Bar], size: str, zone: str) -> list[Bar]:
    """Add up what lies in the same stretch of the local clock; an hour that comes twice is two."""
    step = SIZES[size]

    def stretch(bar: Bar) -> object:
        local = dt.datetime.fromtimestamp(bar.start, ZoneInfo(zone))
        seconds = local.hour * 3600 + local.minute * 60 + local.second
        return local.date(), seconds // step, local.utcoffset()

    return by(bars, stretch)


def by_week(bars: Iterable[Bar]) -> list[Bar]:
    return [relabelled(bar, "week") for bar in by(bars, lambda bar: _day(bar).isocalendar()[:2])]


def by_month(bars: Iterable[Bar]) -> list[Bar]:
    return [relabelled(bar, "month") for bar in by(bars, lambda bar: (_day(bar).year, _day(bar).month))]


def relabelled(bar: Bar, period: str) -> Bar:
    day = _day(bar)
    label = day - dt.timedelta(days=day.weekday()) if period == "week" else day.replace(day=1)
    return bar._replace(start=int(label.timestamp()))


def by(bars: Iterable[Bar], key: Callable[[Bar], Any]) -> list[Bar]:
    groups = [list(group) for _, group in groupby(bars, key)]
    return [
        Bar(
            group[0].start,
            group[0].open,
            max(bar.high for bar in group),
            min(bar.low for bar in group),
            group[-1].close,
            sum(bar.volume for bar in group),
        )
        for group in groups
    ]


def shown(answer: Iterable[Any]) -> list[Bar]:
    """Return an answer's bars in the same form; a daily bar's start is its date at 00:00 UTC."""
    return [Bar(_start(bar.date), bar.open, bar.high, bar.low, bar.close, int(bar.volume)) for bar in answer]


def moved(bars: Iterable[Bar], low: float, high: float | None = None) -> list[tuple[float, ...]]:
    """Return start and prices, moved by so much: the first and the lowest price by ``low``, the others by ``high``."""
    up = low if high is None else high
    sides = (low, up, low, up)
    return [(bar.start, *(round(price + by, 10) for price, by in zip(bar[1:5], sides, strict=True))) for bar in bars]


def prices(answer: Iterable[Any]) -> list[tuple[float, ...]]:
    return [bar[:5] for bar in shown(answer)]


def _start(when: dt.date | dt.datetime) -> int:
    if isinstance(when, dt.datetime):
        return int(when.timestamp())
    return int(dt.datetime(when.year, when.month, when.day, tzinfo=dt.UTC).timestamp())


def _day(bar: Bar) -> dt.datetime:
    return dt.datetime.fromtimestamp(bar.start, dt.UTC)
