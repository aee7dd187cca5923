"""Candles: as many as can be seen, made of whole bars."""

import pytest

from webapp.domain.bars import Action, Bar
from webapp.domain.intervals import DAY, Interval
from webapp.errors import NotFoundError
from webapp.services.charts import candles

from .conftest import Store, label


def a_bar(time: int, base: float) -> Bar:
    return (time, base, base + 2, base - 2, base + 1, 10.0, None, None)


def minutes(start: int, count: int) -> list[Bar]:
    return [a_bar(start + 60 * n, 100.0 + n % 50) for n in range(count)]


def test_few_bars_are_shown_as_they_are(store: Store) -> None:
    series_id = store.series()
    store.put(series_id, [a_bar(n * DAY, 10.0 + n) for n in range(5)])
    shown = candles(series_id, max_points=5)
    assert (shown.step, shown.rows) == ("1d", 5)
    assert shown.time == [n * DAY for n in range(5)]
    assert shown.close == [11.0, 12.0, 13.0, 14.0, 15.0]


@pytest.mark.parametrize(
    ("most", "step", "count"),
    [(1000, "1m", 600), (599, "5m", 120), (100, "15m", 40), (39, "30m", 20), (10, "1h", 10), (9, "4h", 3)],
)
def test_too_many_are_merged_to_the_smallest_interval_that_fits(store: Store, most: int, step: str, count: int) -> None:
    series_id = store.series(interval=Interval.M1)
    bars = minutes(label("2024-03-04T00:00:00"), 600)
    store.put(series_id, bars)
    shown = candles(series_id, max_points=most)
    assert (shown.step, len(shown.time), shown.rows) == (step, count, 600)
    assert sum(shown.volume) == 6000.0
    seconds = Interval(step).seconds
    own = [bar for bar in bars if shown.time[1] <= bar[0] < shown.time[1] + seconds]
    assert (shown.open[1], shown.close[1]) == (own[0][1], own[-1][4])
    assert (shown.high[1], shown.low[1]) == (max(b[2] for b in own), min(b[3] for b in own))


def test_a_day_of_minutes_is_the_exchanges_day(store: Store) -> None:
    series_id = store.series("7203.T", Interval.M1)
    store.facts(series_id, timezone="Asia/Tokyo")
    store.put(series_id, minutes(label("2024-03-03T23:00:00"), 600))  # Monday 8:00 to 18:00 in Tokyo
    shown = candles(series_id, max_points=2)
    assert (shown.step, shown.time) == ("1d", [label("2024-03-04")])


def test_days_are_merged_to_weeks_and_months_and_no_further(store: Store) -> None:
    series_id = store.series()
    store.put(series_id, [a_bar(label("2024-01-01") + n * DAY, 10.0) for n in range(91)])
    assert candles(series_id, max_points=20).step == "1wk"
    assert candles(series_id, max_points=5).time == [label("2024-01-01"), label("2024-02-01"), label("2024-03-01")]
    assert candles(series_id, max_points=1).step == "1mo"


def test_two_minutes_are_merged_to_what_is_made_of_whole_ones(store: Store) -> None:
    series_id = store.series(interval=Interval.M2)
    store.put(series_id, [a_bar(label("2024-03-04") + 120 * n, 10.0) for n in range(60)])
    assert candles(series_id, max_points=30).step == "30m"


def test_no_candle_reaches_across_the_midnight_of_an_ex_date(store: Store) -> None:
    series_id = store.series("VOD.L", Interval.M1)
    store.facts(series_id, timezone="Asia/Kolkata")  # midnight lies within an hour of UTC
    midnight = label("2024-03-04T18:30:00")
    store.put(series_id, [(midnight + 60 * n, 100.0, 100.0, 100.0, 100.0, 5.0, None, None) for n in range(-30, 30)])
    store.act(series_id, Action("dividend", label("2024-03-05"), 10.0))
    shown = candles(series_id, adjust="all", max_points=2)
    assert (shown.step, shown.time) == ("30m", [midnight - 1800, midnight])
    assert (shown.open, shown.low, shown.high, shown.close) == ([90.0, 100.0],) * 4
    assert shown.volume == [150.0, 150.0]
    week = candles(series_id, adjust="all", max_points=1)
    assert (week.step, week.open, week.close, week.rows) == ("1wk", [90.0], [100.0], 60)


def test_a_window_shows_its_own_bars_and_actions(store: Store) -> None:
    series_id = store.series()
    store.put(series_id, [a_bar(n * DAY, 10.0) for n in range(10)])
    inside, outside = Action("dividend", 4 * DAY, 1.0), Action("dividend", 8 * DAY, 1.0)
    store.act(series_id, inside, outside)
    shown = candles(series_id, start=3 * DAY, end=6 * DAY)
    assert shown.time == [3 * DAY, 4 * DAY, 5 * DAY]
    assert shown.actions == [inside]


def test_an_empty_series_has_an_empty_chart(store: Store) -> None:
    shown = candles(store.series())
    assert (shown.time, shown.rows, shown.step, shown.actions) == ([], 0, "1d", [])


def test_an_unknown_series_is_said(store: Store) -> None:
    with pytest.raises(NotFoundError):
        candles(4711)
