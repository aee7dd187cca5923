"""Charts made the slow, obvious way, to hold the quick ones against."""

import random
from zoneinfo import ZoneInfo

import numpy as np

from tests.stored import Store, label
from webapp.database.transactions import reading
from webapp.kernel.bars import Bar
from webapp.kernel.closing import local_date_label, local_instant
from webapp.kernel.intervals import DAY, Interval, period_start
from webapp.kernel.spans import Span
from webapp.reading.adjusting import adjustment_of, parse_adjust
from webapp.reading.charts import candles
from webapp.series import queries_bars
from webapp.series import queries_rollups as kept
from webapp.series import queries_series as series_store

NEW_YORK = ZoneInfo("America/New_York")
Candle = tuple[int, float, float, float, float, float]


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 -- prices for a test


def some_bars(chance: random.Random, times: list[int]) -> list[Bar]:
    """Bars at these times, with prices that do not repeat."""
    bars: list[Bar] = []
    for time in times:
        low, inner, outer, high = sorted(round(chance.uniform(90, 110), 2) for _ in range(4))
        opens, closes = chance.sample([inner, outer], 2)
        bars.append((time, opens, high, low, closes, float(chance.randrange(1000)), None, None))
    return bars


def sessions(first: str, days: int, seconds: int) -> list[int]:
    """New York's regular hours, a half day every fifth day, and a day without any every seventh."""
    times: list[int] = []
    for day in range(days):
        date = label(first) + day * DAY
        if day % 7 == 6:
            continue
        open_, close = (local_instant(date, clock, NEW_YORK) for clock in (34_200, 46_800 if day % 5 == 4 else 57_600))
        times += range(open_, close, seconds)
    return times


def obvious(bars: list[Bar], step: Interval, zone: ZoneInfo, opening: int) -> list[Candle]:
    """Merge adjusted intraday bars one by one: by local date, then from the opening of that date."""
    merged: dict[int, Candle] = {}
    for time, open_, high, low, close, volume, _, _ in bars:
        date = local_date_label(time, zone)
        if step.is_dated:
            start = period_start(date, step)
        else:
            opens = local_instant(date, opening, zone)
            start = max(local_instant(date, 0, zone), opens + (time - opens) // step.seconds * step.seconds)
        if start not in merged:
            merged[start] = (start, open_, high, low, close, volume)
        else:
            _, first, highest, lowest, _, total = merged[start]
            merged[start] = (start, first, max(high, highest), min(low, lowest), close, total + volume)
    return [merged[start] for start in sorted(merged)]


def check(series_id: int, max_points: int, adjust: str = "splits", span: Span | None = None) -> str:
    """Compare a chart with the obvious one, and return its step."""
    start, end = (span.start, span.end) if span else (None, None)
    shown = candles(series_id, adjust=adjust, max_points=max_points, start=start, end=end)
    with reading() as connection:
        row = series_store.get(connection, series_id)
        assert row
        factors = adjustment_of(connection, row, parse_adjust(adjust))
        stored = list(factors.apply(queries_bars.read(connection, series_id, span)))
    zone = ZoneInfo(row.facts.timezone or "UTC")
    step = Interval(shown.step)
    expected = (
        [bar[:6] for bar in stored]
        if step is row.interval
        else obvious(stored, step, zone, row.facts.session_open or 0)
    )
    columns = zip(shown.time, shown.open, shown.high, shown.low, shown.close, shown.volume, strict=True)
    candle_rows = [tuple(candle) for candle in columns]
    assert [candle[0] for candle in candle_rows] == [candle[0] for candle in expected]
    np.testing.assert_allclose([candle[1:] for candle in candle_rows], [candle[1:] for candle in expected], rtol=1e-8)
    assert shown.rows == len(stored)
    assert len(candle_rows) <= max_points or shown.step == "1mo"
    return shown.step


def new_york(store: Store, interval: Interval = Interval.M1) -> int:
    series_id = store.series(interval=interval)
    store.facts(series_id, timezone="America/New_York", session_open=34_200, session_close=57_600)
    return series_id


def marks(series_id: int) -> list[Span]:
    with reading() as connection:
        return kept.stale_spans(connection, series_id)
