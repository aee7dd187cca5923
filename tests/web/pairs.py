"""One share from Yahoo and from IBKR, made straight in the database, with what two sources may disagree about."""

import datetime as dt
from dataclasses import dataclass, replace

from webapp.database.transactions import writing
from webapp.kernel.bars import SPLIT, Action, Bar
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import Interval
from webapp.kernel.spans import Span
from webapp.series import queries_actions, queries_bars, queries_series

from .factories import MICROSOFT, NOW, waves

SPAN = Span(*(int(dt.datetime(year, 1, 2, tzinfo=dt.UTC).timestamp()) for year in (2020, 2024)))
SPLIT_DAY = int(dt.datetime(2021, 8, 30, tzinfo=dt.UTC).timestamp())
AT_IBKR = replace(MICROSOFT, exchange="NASDAQ")


@dataclass(frozen=True, slots=True)
class Made:
    """What a series is made of."""

    source: str = "yahoo"
    symbol: str = "MSFT"
    variant: str = ""
    facts: InstrumentFacts = MICROSOFT
    interval: Interval = Interval.D1


YAHOO = Made()
IBKR = Made("ibkr", facts=AT_IBKR)


def put(made: Made, several: list[Bar], *told: Action) -> int:
    """Make a series with bars and actions, and return its id."""
    with writing() as connection:
        series_id = queries_series.ensure(connection, made.source, made.symbol, made.interval, made.variant)
        row = queries_series.get(connection, series_id)
        assert row
        queries_series.update_facts(connection, row.instrument_id, made.facts, NOW)
        added = queries_bars.upsert(connection, series_id, several)
        queries_series.extend_range(connection, series_id, added, several[0][0], several[-1][0], NOW)
        queries_actions.upsert(connection, row.instrument_id, told, 1, NOW)
    return series_id


def daily(span: Span = SPAN) -> list[Bar]:
    """Days of prices in cents."""
    bars = waves(span, Interval.D1)
    return [
        (time, round(o, 2), round(h, 2), round(lo, 2), round(c, 2), float(round(v)), None, None)
        for time, o, h, lo, c, v, *_ in bars
    ]


def times(bar: Bar, factor: float, volume: float = 1.0) -> Bar:
    """The bar with its prices and its volume multiplied."""
    time, o, h, lo, c, v, wap, count = bar
    return (time, o * factor, h * factor, lo * factor, c * factor, v * volume, wap, count)


def disagreeing() -> tuple[int, int]:
    """Yahoo's series, and IBKR's without the split of 2021, without one day, and with one close 2 % too high."""
    bars = daily()
    odd, lost = bars[900], bars[950]
    theirs = [times(bar, 4.0 if bar[0] < SPLIT_DAY else 1.0, 0.9) for bar in bars if bar is not lost]
    theirs = [times(bar, 1.02) if bar[0] == odd[0] else bar for bar in theirs]
    return put(YAHOO, bars, Action(SPLIT, SPLIT_DAY, 4.0)), put(IBKR, theirs)
