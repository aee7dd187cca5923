"""Larger bars made of smaller ones: they are those that the market itself would have given."""

import datetime as dt
import io
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.databases import empty_tables
from tests.stored import Store, label, opened, write_export
from tests.tables import make_tables
from webapp.database.engine import database_url
from webapp.database.transactions import writing
from webapp.errors import InvalidRequestError, NotFoundError
from webapp.exporting.files import open_export
from webapp.kernel.bars import Action, Bar, aggregate
from webapp.kernel.intervals import DAY, HOUR, Interval
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import EVER, Span
from webapp.notebook.frames import frame_of
from webapp.reading import derived_bars, kept_candles
from webapp.reading.bars import open_bars
from webapp.reading.lookup import find_bars
from webapp.reading.rules_derivation import makes
from webapp.sandbox.market import Market
from webapp.series import queries_coverage

MINUTE = 60
NEW_YORK = {"timezone": "America/New_York", "session_open": 34_200, "session_close": 57_600, "exchange": "NasdaqGS"}
TOKYO = {"timezone": "Asia/Tokyo", "session_open": 32_400, "session_close": 55_800, "exchange": "JPX"}
COINS = {"timezone": "UTC", "session_open": 0, "session_close": DAY, "kind": "CRYPTOCURRENCY"}
CHANGE = ("2024-11-01", "2024-11-06")
"""With New York's change of the clock on 3 November."""
THANKSGIVING = ("2024-11-27", "2024-12-03")
"""With a half day on the 29th."""


@pytest.fixture(scope="module")
def market() -> Market:
    return Market(lambda: float(label("2025-06-02")))


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database of each kind, with its tables and nothing in them."""
    url = f"sqlite:///{tmp_path / 'test.db'}"
    if request.param == "postgresql":
        url = database_url(request.getfixturevalue("postgres_url"))
    with opened(tmp_path, url) as store:
        make_tables()
        empty_tables()
        store.now = dt.datetime(2025, 6, 2, tzinfo=dt.UTC)
        yield store


def of_market(market: Market, symbol: str, interval: str, days: tuple[str, str]) -> list[Bar]:
    first, last = (label(day) for day in days)
    return [
        (start, open_, high, low, close, float(volume), None, None)
        for start, open_, high, low, close, volume in market.bars(symbol, interval, first, last)
    ]


def put(store: Store, market: Market, symbol: str, facts: dict[str, Any], days: tuple[str, str]) -> int:
    series_id = store.series(symbol, Interval.M1)
    store.facts(series_id, **facts)
    store.put(series_id, of_market(market, symbol, "1m", days))
    return series_id


def read(series_id: int, step: Interval | None, adjust: str = "splits", span: Span = EVER, page: int = 7) -> list[Bar]:
    return [bar for bars in open_bars(series_id, adjust, span, step).adjusted(page) for bar in bars]


def assert_same(larger: list[Bar], own: list[Bar], *, volumes: bool = True) -> None:
    columns = 6 if volumes else 5
    assert [bar[0] for bar in larger] == [bar[0] for bar in own]
    for ours, theirs in zip(larger, own, strict=True):
        assert ours[1:columns] == pytest.approx(theirs[1:columns], rel=1e-9)


@pytest.mark.parametrize(
    ("symbol", "facts", "days"),
    [
        ("AAPL", NEW_YORK, CHANGE),
        ("AAPL", NEW_YORK, THANKSGIVING),
        ("7203.T", TOKYO, CHANGE),
        ("BTC-USD", COINS, ("2024-11-04", "2024-11-06")),
    ],
    ids=["a change of the clock", "a half day", "lunch breaks", "day and night"],
)
def test_larger_bars_are_the_markets_own(
    either: Store, market: Market, symbol: str, facts: dict[str, Any], days: tuple[str, str]
) -> None:
    """Pages of a few bars cut none."""
    series_id = put(either, market, symbol, facts, days)
    for step in ("5m", "15m", "1h", "1d"):
        larger = read(series_id, Interval(step))
        assert_same(larger, of_market(market, symbol, step, days))
    assert sum(bar[5] for bar in read(series_id, Interval.H2)) == sum(bar[5] for bar in read(series_id, None))


def test_bars_of_a_span_are_whole(either: Store, market: Market) -> None:
    """Whatever the span cuts; a midnight of the exchange's is its date, as a date in UTC is."""
    series_id = put(either, market, "AAPL", NEW_YORK, ("2024-10-28", "2024-11-06"))
    hours = read(series_id, Interval.H1)
    cut = Span(hours[3][0] - 60, hours[9][0] + 60)
    assert read(series_id, Interval.H1, span=cut) == hours[3:10]
    days = read(series_id, Interval.D1)
    friday = label("2024-11-01")
    assert read(series_id, Interval.D1, span=Span(friday, friday + 4 * DAY)) == days[4:6]
    midnights = Span(friday + 4 * HOUR, friday + 4 * DAY + 5 * HOUR)  # New York's, before and after its change
    assert read(series_id, Interval.D1, span=midnights) == days[4:6]
    assert read(series_id, Interval.W1, span=Span(friday, EVER.end)) == read(series_id, Interval.W1)[1:]
    assert read(series_id, Interval.D1, span=Span(friday, friday)) == []
    assert read(series_id, Interval.D1, span=Span(0, 5)) == []


def test_what_is_kept_ready_and_what_is_read_in_pieces_make_the_same(
    store: Store, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.now = dt.datetime(2025, 6, 2, tzinfo=dt.UTC)
    series_id = put(store, market, "AAPL", NEW_YORK, ("2024-11-27", "2024-12-04"))
    steps = makes(Interval.M1)
    whole = [read(series_id, step) for step in steps]
    monkeypatch.setattr(kept_candles, "WORTH_KEEPING", 100)
    monkeypatch.setattr(derived_bars, "_BARS_A_READING", 1440)
    kept_candles.catch_up(series_id)
    for step, larger in zip(steps, whole, strict=True):
        assert_same(read(series_id, step), larger)


def test_a_week_with_a_split_inside_is_adjusted_before_it_is_merged(either: Store) -> None:
    """Minutes and days alike: 100 before a 4:1 split, 25 after it, is a week at 25."""
    minutes, days = either.series(interval=Interval.M1), either.series()
    either.facts(minutes, **NEW_YORK)
    split = Action("split", label("2024-03-06"), 4.0)
    either.act(minutes, split, Action("dividend", label("2024-03-07"), 1.0))
    for number in range(5):
        date, price = label("2024-03-04") + number * DAY, 25.0
        either.put(days, [(date, price, price, price, price, 40.0, None, None)])
        noon = date + 17 * HOUR
        either.put(minutes, [(noon + n * MINUTE, price, price, price, price, 40.0, None, None) for n in range(2)])
    for series_id, volume in ((minutes, 2 * 40), (days, 40)):
        (week,) = read(series_id, Interval.W1, "none")
        assert week[:6] == (label("2024-03-04"), 100.0, 100.0, 25.0, 25.0, 2 * volume / 4 + 3 * volume)
        (week,) = read(series_id, Interval.W1, "all")
        assert week[1:5] == pytest.approx((24.0, 25.0, 24.0, 25.0))
    hours = read(minutes, Interval.H1, "none")
    assert [bar[4] for bar in hours] == [100.0, 100.0, 25.0, 25.0, 25.0]


def bucket(opens: int, step: int, time: int) -> int:
    return opens + (time - opens) // step * step


def test_averages_are_weighted_and_trades_are_counted(either: Store) -> None:
    series_id = either.series(interval=Interval.M1)
    either.facts(series_id, **NEW_YORK)
    opens = label("2024-03-04T14:30:00")
    bars: list[Bar] = [(opens + n * MINUTE, 10.0, 11.0, 9.0, 10.5, float(n % 5), 10.0 + n % 3, n) for n in range(390)]
    bars[7] = (*bars[7][:6], None, 7)
    bars[20:25] = [(*bar[:5], 0.0, *bar[6:]) for bar in bars[20:25]]
    either.put(series_id, bars)
    for step in (Interval.M5, Interval.H1):
        expected = aggregate(bars, partial(bucket, opens, step.seconds))
        larger = read(series_id, step)
        assert len(larger) == len(expected)
        assert [bar[7] for bar in larger] == [bar[7] for bar in expected]
        for ours, theirs in zip(larger, expected, strict=True):
            assert ours[6] == (None if theirs[6] is None else pytest.approx(theirs[6]))
    assert read(series_id, Interval.M5)[1][6] is None
    frame = frame_of(open_bars(series_id, "splits", EVER, Interval.M5))
    assert list(frame.columns) == ["open", "high", "low", "close", "volume", "wap", "count", "partial"]
    assert len(frame) == 78


@pytest.mark.parametrize(
    ("until", "now", "made"),
    [
        ("2024-03-08T18:45:00", "2024-03-08T18:45:30", (32, 4, 0)),
        ("2024-03-08T21:00:00", "2024-03-08T21:00:01", (35, 5, 1)),
        ("2024-03-08T18:45:00", "2024-03-20T12:00:00", (32, 4, 0)),
    ],
    ids=["on Friday at noon", "after the close", "long after an unfinished collection"],
)
def test_a_bar_whose_time_is_not_over_is_left_out(
    store: Store, market: Market, until: str, now: str, made: tuple[int, int, int]
) -> None:
    """By what is known of the series: the clock alone would give a half-collected day for a whole one."""
    store.now = dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC)
    series_id = store.series(interval=Interval.M1)
    store.facts(series_id, **NEW_YORK)
    monday, last = label("2024-03-04"), label(until)
    store.put(series_id, of_market(market, "AAPL", "1m", ("2024-03-04", until)))
    with writing() as connection:
        queries_coverage.record(connection, series_id, Covered(Span(monday, last), Verdict.HAVE, last))
    assert tuple(len(read(series_id, step)) for step in (Interval.H1, Interval.D1, Interval.W1)) == made


def test_a_week_of_days_is_whole_after_its_friday(store: Store) -> None:
    series_id = store.series()
    store.facts(series_id, **NEW_YORK)
    store.put(series_id, [(label("2024-02-26") + n * DAY, 1.0, 1.0, 1.0, 1.0, 1.0, None, None) for n in range(4)])
    store.now = dt.datetime(2024, 3, 1, 20, tzinfo=dt.UTC)
    assert read(series_id, Interval.W1) == []
    store.put(series_id, [(label("2024-03-01"), 1.0, 1.0, 1.0, 1.0, 1.0, None, None)])
    store.now = dt.datetime(2024, 3, 1, 22, tzinfo=dt.UTC)
    assert [bar[5] for bar in read(series_id, Interval.W1)] == [5.0]
    assert [bar[0] for bar in read(series_id, Interval.MO1)] == [label("2024-02-01")]


def test_what_cannot_be_made_is_refused_with_what_can(store: Store) -> None:
    for own, step, message in (
        ("5m", "2m", "5m, 10m, 15m, 20m, 30m, 1h, 2h, 3h, 4h, 8h, 1d, 1wk, 1mo"),
        ("15m", "20m", "15m, 30m, 1h"),
        ("1d", "1h", "1d, 1wk, 1mo"),
        ("1wk", "1mo", "Leave the interval out"),
    ):
        with pytest.raises(InvalidRequestError) as caught:
            open_bars(store.series(interval=Interval(own)), "splits", EVER, Interval(step))
        problem = caught.value.fields["interval"]
        assert message in problem.text % problem.params


def test_a_series_own_interval_is_itself_and_an_empty_one_makes_nothing(store: Store) -> None:
    series_id = store.series(interval=Interval.M5)
    assert open_bars(series_id, "splits", EVER, Interval.M5).derived is None
    assert read(series_id, Interval.H1) == read(series_id, Interval.D1) == []
    assert read(store.series(), Interval.W1) == []
    assert frame_of(open_bars(series_id, "splits", EVER, Interval.H1)).empty


def test_a_larger_interval_is_exported_under_its_name(store: Store, market: Market) -> None:
    store.now = dt.datetime(2025, 6, 2, tzinfo=dt.UTC)
    series_id = put(store, market, "AAPL", NEW_YORK, ("2024-03-04", "2024-03-06"))
    written = io.BytesIO()
    write_export(series_id, "csv", "splits", written, Interval.D1)
    lines = written.getvalue().decode().splitlines()
    assert [line.split(",")[0] for line in lines] == ["time", "2024-03-04", "2024-03-05"]
    assert open_export(series_id, "csv", step=Interval.D1).filename == "AAPL_1d_yahoo.csv"


def test_bars_are_found_where_they_can_be_made(store: Store) -> None:
    minutes, fives, hours = (store.series(interval=interval) for interval in (Interval.M1, Interval.M5, Interval.H1))
    store.facts(minutes, **NEW_YORK)

    def source_of(interval: Interval) -> tuple[int, Interval | None]:
        bars = find_bars("aapl", "yahoo", interval, {})
        return bars.series.id, bars.step

    for interval in (Interval.H1, Interval.D1):
        with pytest.raises(NotFoundError):
            source_of(interval)
    store.put(minutes, [(label("2024-03-04T15:00:00"), 1.0, 1.0, 1.0, 1.0, 1.0, None, None)])
    assert source_of(Interval.H1) == (minutes, Interval.H1), "an empty series does not hide what there is"
    store.put(fives, [(label("2024-03-04T15:00:00"), 1.0, 1.0, 1.0, 1.0, 1.0, None, None)])
    assert source_of(Interval.H1) == (fives, Interval.H1)
    assert source_of(Interval.M2) == (minutes, Interval.M2)
    store.put(hours, [(label("2024-03-04T14:30:00"), 1.0, 1.0, 1.0, 1.0, 1.0, None, None)])
    assert source_of(Interval.H1) == (hours, None), "what is stored wins"
    assert source_of(Interval.D1) == (hours, Interval.D1)
    assert source_of(Interval.H4) == (hours, Interval.H4), "all stand where the source's own would"
