"""Candles: as many as can be seen, made of whole bars."""

import datetime as dt

import pytest

from tests.stored import Store, label
from webapp.database.transactions import reading, writing
from webapp.errors import NotFoundError
from webapp.kernel.bars import Action, Bar
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span
from webapp.reading.chart_gaps import drawn_gaps
from webapp.reading.charts import candles, version
from webapp.series import queries_coverage, queries_series


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
    ("max_points", "step", "count"),
    [(1000, "1m", 600), (599, "5m", 120), (100, "15m", 40), (39, "30m", 20), (10, "1h", 10), (9, "4h", 3)],
)
def test_too_many_are_merged_to_the_smallest_interval_that_fits(
    store: Store, max_points: int, step: str, count: int
) -> None:
    series_id = store.series(interval=Interval.M1)
    bars = minutes(label("2024-03-04T00:00:00"), 600)
    store.put(series_id, bars)
    shown = candles(series_id, max_points=max_points)
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


def test_rare_bars_are_merged_to_the_first_interval_that_brings_them_together(store: Store) -> None:
    series_id = store.series(interval=Interval.M1)
    first = label("2024-03-04")
    store.put(series_id, [a_bar(first + 3600 * n, 10.0) for n in range(240)])  # one an hour, and 59 minutes without
    shown = candles(series_id, max_points=100)
    assert (shown.step, len(shown.time), shown.rows) == ("4h", 60, 240)
    assert candles(series_id, max_points=59).step == "1d"
    assert candles(series_id, max_points=9).step == "1wk"


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


def test_each_candle_says_how_many_bars_it_stands_for(store: Store) -> None:
    series_id = store.series(interval=Interval.M1)
    store.put(series_id, minutes(label("2024-03-04T00:00:00"), 13))
    shown = candles(series_id, max_points=5)
    assert (shown.step, shown.bars, shown.rows) == ("5m", [5, 5, 3], 13)


@pytest.mark.parametrize("step", [Interval.M1, Interval.M30, Interval.H1, Interval.D1, Interval.W1])
def test_candles_of_neighbouring_spans_are_of_the_step_asked_for(store: Store, step: Interval) -> None:
    series_id = store.series(interval=Interval.M1)
    start = label("2024-03-04T00:00:00")
    store.put(series_id, minutes(start, 600))
    shown = candles(series_id, start=start, end=start + 7200, step=step)
    assert shown.step == step
    assert sum(shown.bars) == 120


def test_a_step_that_makes_too_many_candles_gives_way(store: Store) -> None:
    series_id = store.series(interval=Interval.M1)
    store.put(series_id, minutes(label("2024-03-04T00:00:00"), 600))
    assert candles(series_id, max_points=40, step=Interval.M5).step == "15m"
    assert candles(series_id, step=Interval.M2).step == "5m"


def test_days_are_merged_to_the_step_asked_for(store: Store) -> None:
    series_id = store.series()
    store.put(series_id, [a_bar(label("2024-01-01") + n * DAY, 10.0) for n in range(91)])
    assert candles(series_id, step=Interval.MO1).time == [label("2024-01-01"), label("2024-02-01"), label("2024-03-01")]


def version_of(series_id: int, adjust: str = "splits") -> tuple[object, ...]:
    with reading() as connection:
        row = queries_series.get(connection, series_id)
        assert row
        return version(connection, row, adjust)


def test_the_version_changes_with_whatever_changes_the_candles(store: Store) -> None:
    series_id = store.series(interval=Interval.M1)
    store.put(series_id, minutes(label("2024-03-04T14:30:00"), 10))
    daily_id = store.series()
    versions = [version_of(series_id)]

    def changed() -> bool:
        versions.append(version_of(series_id))
        return versions[-1] != versions[-2]

    assert not changed()
    store.now += dt.timedelta(seconds=1)
    store.put(series_id, minutes(label("2024-03-04T14:30:00"), 10))
    assert changed(), "bars were written, though none is new"
    store.facts(series_id, timezone="Asia/Tokyo")
    assert changed(), "another time zone tells the days apart"
    store.facts(series_id, session_open=34_200)
    assert changed(), "candles count from another opening"
    store.act(series_id, Action("split", label("2024-03-05"), 4.0))
    assert changed()
    payouts = version_of(series_id, "all")
    store.now += dt.timedelta(seconds=1)
    store.put(daily_id, [a_bar(label("2024-03-04"), 10.0)])
    assert not changed(), "closes of days matter to dividends only"
    assert version_of(series_id, "all") != payouts


def test_gaps_say_how_wide_they_are_and_are_no_nights_or_weekends(store: Store) -> None:
    store.now = dt.datetime(2024, 3, 20, tzinfo=dt.UTC)
    series_id = store.series(interval=Interval.M5)
    store.facts(series_id, timezone="America/New_York", exchange="NasdaqGS", session_open=34_200, session_close=57_600)
    frame = Span(label("2024-02-26"), label("2024-03-16"))
    friday, tuesday = label("2024-03-08"), label("2024-03-12")
    noon = label("2024-03-14T16:00:00")
    with writing() as connection:
        for span in (Span(frame.start, friday), Span(tuesday, noon), Span(noon + 3600, frame.end)):
            queries_coverage.record(connection, series_id, Covered(span, Verdict.HAVE, int(store.now.timestamp())))
    with reading() as connection:
        row = queries_series.get(connection, series_id)
    assert row
    days, hour = drawn_gaps(store.context, row)
    assert (days.start, days.end) == (label("2024-03-08T14:30:00"), label("2024-03-11T20:00:00"))
    assert (days.sessions, days.seconds) == (2, 2 * 23_400)
    assert (days.first_day, days.last_day) == (friday, label("2024-03-11"))
    assert (hour.start, hour.end, hour.sessions, hour.seconds) == (noon, noon + 3600, 1, 3600)
    assert hour.first_day == hour.last_day == label("2024-03-14")


def test_an_empty_series_has_an_empty_chart(store: Store) -> None:
    shown = candles(store.series())
    assert (shown.time, shown.rows, shown.step, shown.actions) == ([], 0, "1d", [])


def test_an_unknown_series_is_said(store: Store) -> None:
    with pytest.raises(NotFoundError):
        candles(4711)
