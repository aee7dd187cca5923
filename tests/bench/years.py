"""Many daily series of ten years for benchmarks, made by SQL, each with its own holidays missing and its dividends."""

from sqlalchemy import text

from tests.stored import Store, label
from webapp.database.transactions import writing
from webapp.kernel.bars import Action
from webapp.kernel.intervals import DAY, Interval

FIRST = label("2014-01-01")
DAYS = 3653
_BARS = text(
    "WITH RECURSIVE day(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM day WHERE n < :days - 1)"
    " INSERT INTO bar (series_id, time, open, high, low, close, volume)"
    " SELECT :series, :first + 86400 * n, 100 + n % 89, 101 + n % 89, 99 + n % 89, 100.5 + n % 89, 1000 + n FROM day"
    " WHERE (n + 2) % 7 < 5 AND (n + :series) % 251 > 0"
)
_GROWN = text(
    "UPDATE series SET updated_at = 1735000000000000, rows = (SELECT count(*) FROM bar WHERE series_id = :series),"
    " first_bar = (SELECT min(time) FROM bar WHERE series_id = :series),"
    " last_bar = (SELECT max(time) FROM bar WHERE series_id = :series) WHERE id = :series"
)


def daily_years(store: Store, count: int) -> list[str]:
    """Make so many series of New York's and return their symbols."""
    symbols = [f"S{number:03d}" for number in range(count)]
    for number, symbol in enumerate(symbols):
        series_id = store.series(symbol, Interval.D1)
        store.facts(series_id, timezone="America/New_York", session_open=34_200, session_close=57_600, currency="USD")
        with writing() as connection:
            connection.execute(_BARS, {"series": series_id, "first": FIRST, "days": DAYS})
            connection.execute(_GROWN, {"series": series_id})
        payouts = [Action("dividend", FIRST + (number % 90 + 91 * quarter) * DAY, 0.3) for quarter in range(40)]
        store.act(series_id, Action("split", FIRST + 2000 * DAY, 4.0), *payouts)
    return symbols
