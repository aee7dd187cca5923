"""Series for the chart's browser tests: prices that are pleasant to look at, with holes, dividends and a split."""

import datetime as dt

from tests.web.factories import MICROSOFT, NOW, waves
from webapp.coverage.calendars import Calendar
from webapp.database.transactions import writing
from webapp.kernel.bars import DIVIDEND, SPLIT, Action, Bar
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span
from webapp.series import queries_actions, queries_bars, queries_coverage, queries_series

TODAY = int(NOW.timestamp()) // DAY * DAY


def before(days: int) -> int:
    """Return the label of a day so many days ago."""
    return TODAY - days * DAY


def intraday(days: int = 200) -> int:
    """Make a series of five minutes in regular hours over so many days up to yesterday."""
    span = Span(before(days), before(1))
    bars: list[Bar] = []
    for session in Calendar("XNYS", MICROSOFT).sessions(span):
        bars += waves(session.parts[0], Interval.M5)
    return _kept("MSFT", Interval.M5, bars, [span])


def daily(years: int = 10, hole: Span | None = None, blank: Span | None = None) -> int:
    """Make a series of days with four dividends a year, and one split in its middle.

    Nobody asked for what is in ``hole``; of what is in ``blank``, the source answered that there is nothing.
    """
    asked = Span(before(365 * years), before(1))
    sessions = Calendar("XNYS", MICROSOFT).sessions(asked)
    left_out = [span for span in (hole, blank) if span]
    labels = {one.label for one in sessions if not any(span.start <= one.label < span.end for span in left_out)}
    bars = [bar for bar in waves(asked, Interval.D1) if bar[0] in labels]
    known = [asked] if hole is None else [Span(asked.start, hole.start), Span(hole.end, asked.end)]
    series_id = _kept("AAPL", Interval.D1, bars, known)
    times = [bar[0] for bar in bars]
    stored_actions = [Action(DIVIDEND, time, 0.25) for time in times[60::63]]
    stored_actions.append(Action(SPLIT, times[len(times) // 2], 4.0))
    with writing() as connection:
        row = queries_series.get(connection, series_id)
        assert row
        queries_actions.upsert(connection, row.instrument_id, stored_actions, 1, NOW)
    return series_id


def _kept(symbol: str, interval: Interval, several: list[Bar], known: list[Span]) -> int:
    now = dt.datetime.now(dt.UTC)
    with writing() as connection:
        series_id = queries_series.ensure(connection, "yahoo", symbol, interval, "")
        row = queries_series.get(connection, series_id)
        assert row
        queries_series.update_facts(connection, row.instrument_id, MICROSOFT, now)
        added = queries_bars.upsert(connection, series_id, several)
        queries_series.extend_range(connection, series_id, added, several[0][0], several[-1][0], now)
        for span in known:
            queries_coverage.record(connection, series_id, Covered(span, Verdict.HAVE, int(now.timestamp())))
    return series_id
