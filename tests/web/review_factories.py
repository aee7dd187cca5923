"""Series with bars that look wrong, as a collection leaves them."""

import datetime as dt

from tests.web.factories import MICROSOFT
from webapp.database.transactions import writing
from webapp.flagging.flagging import flag_suspicious
from webapp.flagging.rules_screening import IncomingBars
from webapp.kernel.bars import Bar
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.spans import Span
from webapp.series import queries_bars, queries_series

START = int(dt.datetime(2024, 1, 1, tzinfo=dt.UTC).timestamp())
HUNDREDFOLD, NEGATIVE, CONTRADICTORY = (START + day * DAY for day in (30, 40, 50))


def _bar(time: int) -> Bar:
    close = 100 + time // DAY % 5
    factor = {HUNDREDFOLD: 100.0, NEGATIVE: -1.0}.get(time, 1.0)
    high, low = (close - 2, close + 2) if time == CONTRADICTORY else (close + 2, close - 2)
    return (time, close * factor, high * factor, low * factor, close * factor, 1000.0, None, None)


def make_flags(symbol: str = "MSFT", source: str = "yahoo", *, is_right: bool = False) -> int:
    """Store sixty days, three of them wrong, and return the series."""
    bars = [_bar(START + day * DAY) for day in range(60)]
    if is_right:
        bars = [bar for bar in bars if bar[0] not in (NEGATIVE, CONTRADICTORY, HUNDREDFOLD)]
        bars = sorted([*bars, (HUNDREDFOLD, 101.0, 103.0, 99.0, 101.5, 7.0, None, None)])
    now = dt.datetime.now(dt.UTC)
    with writing() as connection:
        series_id = queries_series.ensure(
            connection, source, symbol, Interval.D1, "" if source == "yahoo" else "TRADES,rth"
        )
        row = queries_series.get(connection, series_id)
        assert row
        queries_series.update_facts(connection, row.instrument_id, MICROSOFT, now)
        flag_suspicious(connection, IncomingBars(row, bars, Span(START, START + 60 * DAY)), now)
        added = queries_bars.upsert(connection, series_id, bars)
        queries_series.extend_range(connection, series_id, added, bars[0][0], bars[-1][0], now)
    return series_id
