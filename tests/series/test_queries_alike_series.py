"""What can be set beside each other: daily series that hold bars, on both databases."""

import datetime as dt

import pytest

from webapp.database.transactions import reading, writing
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import Interval
from webapp.series import queries_alike_series, queries_series

pytestmark = pytest.mark.usefixtures("app")
NOON = dt.datetime(2024, 3, 6, 12, tzinfo=dt.UTC)


def test_daily_series_with_bars_are_read_with_what_is_known_of_them() -> None:
    facts = InstrumentFacts(name="Apple", currency="USD", exchange="NMS")
    with writing() as connection:
        ids = [
            queries_series.ensure(connection, source, symbol, interval, "")
            for source, symbol, interval in (
                ("yahoo", "MSFT", Interval.D1),
                ("ibkr", "AAPL", Interval.D1),
                ("yahoo", "AAPL", Interval.W1),
                ("yahoo", "EMPTY", Interval.D1),
            )
        ]
        for series_id in ids[:3]:
            queries_series.extend_range(connection, series_id, 5, 0, 1, NOON)
        row = queries_series.get(connection, ids[1])
        assert row
        queries_series.update_facts(connection, row.instrument_id, facts, NOON)
    with reading() as connection:
        rows = queries_alike_series.read(connection, Interval.D1)
    assert [(row.id, row.source, row.symbol, row.rows) for row in rows] == [
        (ids[1], "ibkr", "AAPL", 5),
        (ids[0], "yahoo", "MSFT", 5),
    ]
    assert rows[0].facts == facts
