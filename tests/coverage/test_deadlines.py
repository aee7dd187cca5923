"""By when a series must be asked: the sources' own limits, moved forward day by day."""

import datetime as dt

import pytest

from tests.world import World
from webapp.coverage import completeness
from webapp.coverage.deadlines import served_until
from webapp.coverage.queries_completeness import Figures
from webapp.database.transactions import reading
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, HOUR, Interval
from webapp.series import queries_series
from webapp.series.queries_series import SeriesRow

NOW = dt.datetime(2026, 3, 2, 15, tzinfo=dt.UTC).timestamp()


def row(source: str, symbol: str, interval: Interval) -> SeriesRow:
    return SeriesRow(1, 1, source, symbol, interval, "", 1, None, None, None, InstrumentFacts())


@pytest.mark.parametrize(
    ("source", "symbol", "interval", "days"),
    [
        ("yahoo", "AAPL", Interval.M1, 29),
        ("yahoo", "AAPL", Interval.M5, 59),
        ("yahoo", "AAPL", Interval.H1, 729),
        ("ibkr", "AAPL", Interval.S5, 181),
    ],
)
def test_a_bar_is_served_as_long_as_its_source_keeps_it(
    source: str, symbol: str, interval: Interval, days: int
) -> None:
    time = int(NOW) // DAY * DAY - 5 * DAY
    until = served_until(row(source, symbol, interval), time, NOW)
    assert until is not None
    assert abs(until - (time + days * DAY)) <= HOUR


@pytest.mark.parametrize(("source", "interval"), [("yahoo", Interval.D1), ("ibkr", Interval.M1), ("ibkr", Interval.D1)])
def test_what_a_source_keeps_for_good_never_vanishes(source: str, interval: Interval) -> None:
    assert served_until(row(source, "AAPL", interval), int(NOW) - 100 * DAY, NOW) is None


def test_the_history_of_a_future_vanishes_two_years_after_its_end_and_that_of_an_option_with_it() -> None:
    time = int(dt.datetime(2026, 3, 2, tzinfo=dt.UTC).timestamp())
    future = served_until(row("ibkr", "ES.FUT.CME.USD.20260320", Interval.H1), time, NOW)
    option = served_until(row("ibkr", "AAPL.OPT.SMART.USD.20260320.200.C", Interval.H1), time, NOW)
    assert future
    assert option
    for until, end in (
        (future, dt.datetime(2028, 3, 18, tzinfo=dt.UTC)),
        (option, dt.datetime(2026, 3, 21, tzinfo=dt.UTC)),
    ):
        assert abs(until - end.timestamp()) <= HOUR


def test_what_has_gone_already_says_since_when() -> None:
    time = int(NOW) // DAY * DAY - 40 * DAY
    until = served_until(row("yahoo", "AAPL", Interval.M1), time, NOW)
    assert until is not None
    assert abs(until - (time + 29 * DAY)) <= HOUR
    assert until < NOW


def figures(world: World, series_id: int) -> Figures:
    with reading() as connection:
        stored = queries_series.get(connection, series_id)
    assert stored
    return completeness.count(world.context, stored)


def test_the_deadline_of_a_series_is_that_of_its_oldest_missing_bar(world: World) -> None:
    today = world.clock().date()
    yesterday, week = today - dt.timedelta(days=1), today - dt.timedelta(days=8)
    [job_id] = world.submit(interval=Interval.M1, start=yesterday - dt.timedelta(days=1), end=yesterday)
    series_id = world.work(job_id).series_id
    whole = figures(world, series_id).vanishes_at
    [job_id] = world.submit(interval=Interval.M1, start=week, end=week)
    world.work(job_id)
    with_a_hole = figures(world, series_id).vanishes_at
    assert whole is not None
    assert with_a_hole is not None
    assert whole - with_a_hole >= 5 * DAY
    assert with_a_hole > world.clock().timestamp() + 20 * DAY
    world.clock.advance(40 * DAY)
    assert figures(world, series_id).vanishes_at == pytest.approx(whole, abs=2 * DAY), (
        "the hole is lost, the rest goes on"
    )


def test_a_series_of_days_has_no_deadline(world: World) -> None:
    job = world.work(world.submit(start=dt.date(2024, 2, 1))[0])
    assert figures(world, job.series_id).vanishes_at is None
