"""Candles that are kept ready: the same as those made the slow, obvious way, whatever was written before."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.databases import empty_tables
from tests.properties import examples
from tests.stored import Store, label, opened
from tests.tables import make_tables
from webapp.collecting.refresh import refresh_after_job
from webapp.database.engine import database_url
from webapp.database.transactions import reading, writing
from webapp.kernel.bars import Action, Bar
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.spans import Span
from webapp.reading import charts, kept_candles
from webapp.series import queries_bars, queries_rebasing
from webapp.series import queries_rollups as kept
from webapp.series import queries_series as series_store

from .obvious import check, marks, new_york, seeded, sessions, some_bars


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store on each of the two databases."""
    url = f"sqlite:///{tmp_path / 'either.db'}"
    if request.param == "postgresql":
        url = database_url(request.getfixturevalue("postgres_url"))
    with opened(tmp_path, url) as store:
        make_tables()
        empty_tables()
        yield store


@pytest.fixture(autouse=True)
def kept_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let short series be kept, too, in many small transactions."""
    monkeypatch.setattr(kept_candles, "WORTH_KEEPING", 1)
    monkeypatch.setattr(charts, "WORTH_KEEPING", 1)
    monkeypatch.setattr(kept_candles, "_BARS_A_TRANSACTION", 100)


@pytest.mark.parametrize("interval", [Interval.S30, Interval.M1, Interval.M5, Interval.M30, Interval.H1])
def test_candles_are_right_at_every_zoom_over_changes_of_the_clocks_half_days_and_gaps(
    either: Store, interval: Interval
) -> None:
    series_id = new_york(either, interval)
    days = 12 if interval.seconds < 300 else 60
    times = sessions("2024-03-04", days, max(interval.seconds, 120))  # the clocks change on the 10th
    either.put(series_id, some_bars(seeded(1), times))
    either.act(series_id, Action("dividend", label("2024-03-06"), 1.0), Action("split", label("2024-03-12"), 2.0))
    either.now = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)  # the split has come to pass since the bars were written
    kept_candles.catch_up(series_id)
    assert marks(series_id) == []
    steps = {
        check(series_id, max_points, adjust)
        for max_points in (len(times), len(times) // 3, 300, 90, 40, 15, 5, 1)
        for adjust in ("splits", "all", "none")
    }
    assert {"1d", "1wk", "1mo"} <= steps
    middle = times[len(times) // 2]
    for span in (Span(times[7], middle), Span(middle + 1, times[-9]), Span(0, middle), Span(middle, middle + 1)):
        for max_points in (1000, 60, 10):
            check(series_id, max_points, "all", span)


@pytest.mark.parametrize(
    ("zone", "opening"),
    [("UTC", None), ("Asia/Kolkata", 33_300), ("Australia/Lord_Howe", 36_000), ("Africa/Casablanca", 34_200)],
)
def test_a_market_that_never_closes_is_cut_at_its_own_midnights(store: Store, zone: str, opening: int | None) -> None:
    series_id = store.series("BTC-USD", Interval.M5)
    store.facts(series_id, timezone=zone, session_open=opening)
    first = label("2024-03-01T07:40:00")
    store.put(series_id, some_bars(seeded(2), list(range(first, first + 30 * DAY, 300))))
    store.act(series_id, Action("dividend", label("2024-03-20"), 1.0))
    for max_points in (9_000, 1_300, 60, 20):
        check(series_id, max_points, "all")
    kept_candles.catch_up(series_id)
    for max_points in (3_000, 1_300, 400, 60, 20, 2):
        check(series_id, max_points, "all")


def test_every_kind_of_write_is_seen_at_once_and_after_catching_up(either: Store) -> None:
    series_id = new_york(either)
    times = sessions("2024-03-04", 10, 60)
    chance = seeded(3)
    either.put(series_id, some_bars(chance, times[:-500]))
    check(series_id, 50)
    writes: list[Callable[[], None]] = [
        lambda: either.put(series_id, some_bars(chance, times[-505:])),
        lambda: either.put(series_id, some_bars(chance, times[700:705])),
        lambda: either.put(series_id, some_bars(chance, sessions("2024-02-28", 2, 60))),
        lambda: either.put(series_id, some_bars(chance, [times[0] - 20 * DAY, times[-1] + 20 * DAY])),
        lambda: _rebased(series_id),
        lambda: _deleted(series_id, Span(times[300], times[900])),
        lambda: either.facts(series_id, session_open=36_000),
        lambda: either.facts(series_id, timezone="Asia/Tokyo"),
    ]
    for write in writes:
        kept_candles.catch_up(series_id)
        assert marks(series_id) == []
        write()
        with reading() as connection:  # nothing is rebuilt here: what is stale is made of bars
            row = series_store.get(connection, series_id)
            assert row
            source = kept_candles.open_candle_source(connection, row, Span(0, 2**40))
            assert source.unaggregated
            assert sum(candle[6] for candle in source.candles(DAY)) == queries_bars.count(connection, series_id)
        for max_points in (4000, 120, 5):
            check(series_id, max_points)


def _rebased(series_id: int) -> None:
    with writing() as connection:
        queries_rebasing.rebase_bars(connection, series_id, 4.0, is_volume_too=True)


def _deleted(series_id: int, span: Span) -> None:
    with writing() as connection:
        kept.mark_stale(connection, series_id, span)
        values = {"series": series_id, "start": span.start, "end": span.end}
        query = text("DELETE FROM bar WHERE series_id = :series AND time >= :start AND time < :end")
        assert connection.execute(query, values).rowcount


def test_a_span_that_is_looked_at_is_made_ready_and_the_rest_waits(store: Store) -> None:
    series_id = new_york(store)
    times = sessions("2024-03-04", 20, 60)
    store.put(series_id, some_bars(seeded(4), times))
    half = Span(times[0], times[len(times) // 2])
    check(series_id, 20, span=half)
    still_stale = marks(series_id)
    assert still_stale
    assert still_stale[0].start <= half.end + DAY
    assert still_stale[0].start > half.start
    check(series_id, 20)
    assert marks(series_id) == []


def test_a_chart_is_drawn_although_nothing_can_be_made_ready(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    series_id = new_york(store)
    store.put(series_id, some_bars(seeded(5), sessions("2024-03-04", 10, 60)))
    monkeypatch.setattr(series_store, "lock_for_write", _locked)
    assert check(series_id, 20) == "4h"
    assert marks(series_id)


def _locked(connection: object, series_id: int) -> None:
    raise OperationalError("database is locked", None, ValueError())


def test_a_worker_leaves_candles_ready_and_its_job_does_not_suffer(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    series_id = new_york(store)
    store.put(series_id, some_bars(seeded(10), sessions("2024-03-04", 10, 60)))
    job_id = store.job(series_id)
    refresh_after_job(store.context, 4711)  # deleted meanwhile
    with monkeypatch.context() as patched:
        patched.setattr(series_store, "lock_for_write", _locked)
        refresh_after_job(store.context, job_id)
    assert marks(series_id)
    refresh_after_job(store.context, job_id)
    assert marks(series_id) == []
    check(series_id, 20)


def test_a_writer_that_fails_leaves_no_mark_and_no_candle(store: Store) -> None:
    series_id = new_york(store)
    times = sessions("2024-03-04", 5, 60)
    store.put(series_id, some_bars(seeded(6), times))
    kept_candles.catch_up(series_id)
    with pytest.raises(ZeroDivisionError):
        _break_off(series_id, some_bars(seeded(7), times[:50]))
    assert marks(series_id) == []
    check(series_id, 5)


def _break_off(series_id: int, bars: list[Bar]) -> None:
    with writing() as connection:
        queries_bars.upsert(connection, series_id, bars)
        raise ZeroDivisionError


@pytest.mark.parametrize("interval", [Interval.D1, Interval.W1, Interval.MO1])
def test_nothing_is_kept_of_dated_series(store: Store, interval: Interval) -> None:
    series_id = store.series(interval=interval)
    store.put(series_id, some_bars(seeded(8), [label("2024-01-01") + n * DAY for n in range(300)]))
    kept_candles.catch_up(series_id)
    assert marks(series_id) == []
    with reading() as connection:
        assert kept.stored_clock_name(connection, series_id) is None


def test_a_short_series_is_not_kept_and_gathers_no_marks(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_candles, "WORTH_KEEPING", 1000)
    series_id = new_york(store)
    store.put(series_id, some_bars(seeded(9), sessions("2024-03-04", 2, 60)))
    assert marks(series_id)
    kept_candles.catch_up(series_id)
    assert marks(series_id) == []
    check(series_id, 3)


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_after_any_writes_any_chart_is_the_obvious_one(store: Store, seed: int) -> None:
    chance = seeded(seed)
    series_id = store.series(f"S{seed}", chance.choice([Interval.S30, Interval.M5, Interval.H1]))
    zone = chance.choice(["America/New_York", "Europe/London", "Asia/Tokyo", "America/Santiago", "UTC"])
    store.facts(series_id, timezone=zone, session_open=chance.choice([None, 0, 32_400, 34_200]))
    first = label(chance.choice(["2024-03-07", "2024-10-30", "2024-04-04", "2024-01-01"]))
    grid = list(range(first, first + 14 * DAY, 1800))
    store.act(series_id, Action("dividend", first - first % DAY + 4 * DAY, 2.0))
    for _ in range(5):
        start = chance.randrange(len(grid) - 2)
        times = [time for time in grid[start : start + chance.randrange(2, 300)] if chance.random() < 0.8]
        store.put(series_id, some_bars(chance, times or [grid[start]]))
        if chance.random() < 0.5:
            kept_candles.catch_up(series_id)
        low, high = sorted(chance.choices(grid, k=2))
        check(series_id, chance.choice([700, 100, 30, 6]), "all", chance.choice([None, Span(low, high + 900)]))
