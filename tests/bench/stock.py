"""A database for benchmarks: one-minute bars around the clock, made by SQL, with candles kept ready."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from tests.stored import Store, label, opened
from webapp.database import schema
from webapp.database.transactions import writing
from webapp.kernel.bars import Action
from webapp.kernel.intervals import Interval
from webapp.reading import kept_candles

FIRST = label("2005-01-03")
_BARS = text(
    "WITH RECURSIVE minute(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM minute WHERE n < :most - 1)"
    " INSERT INTO bar (series_id, time, open, high, low, close, volume)"
    " SELECT :series, :first + 60 * n, price, round(price + 0.07, 2), round(price - 0.05, 2), round(price + 0.01, 2),"
    " 1.0 + abs(random()) % 100000"
    " FROM (SELECT n, round(100 + n % 4099 * 0.013 + abs(random()) % 997 * 0.01, 2) AS price FROM minute)"
)
_GROWN = text("UPDATE series SET rows = :most, first_bar = :first, last_bar = :last, updated_at = 1 WHERE id = :series")


@dataclass(frozen=True)
class Minutes:
    """A series of so many bars. ``seconds`` is how long it took to make its candles ready."""

    id: int
    symbol: str
    bars: int
    seconds: float

    @property
    def name(self) -> str:
        """How many bars, for people."""
        return f"{self.bars / 1_000_000:g} M bars"


@contextmanager
def stock(folder: Path) -> Iterator[Store]:
    """Open an empty database in a folder, with its application's context."""
    with opened(folder, f"sqlite:///{folder / 'bench.db'}") as store:
        schema.upgrade()
        yield store


def minutes(store: Store, most: int) -> Minutes:
    """Make a series of New York's, with four dividends a year."""
    symbol = f"M{most}"
    series_id = store.series(symbol, Interval.M1)
    store.facts(series_id, timezone="America/New_York", session_open=34_200, session_close=57_600)
    values = {"series": series_id, "most": most, "first": FIRST, "last": FIRST + 60 * (most - 1)}
    with writing() as connection:
        connection.execute(_BARS, values)
        connection.execute(_GROWN, values)
    dates = [label(f"{year}-{month:02d}-15") for year in range(2005, 2025) for month in (2, 5, 8, 11)]
    store.act(series_id, *(Action("dividend", date, 0.3) for date in dates))
    started = time.perf_counter()
    kept_candles.catch_up(series_id)
    return Minutes(series_id, symbol, most, time.perf_counter() - started)
