"""Adjustment on read: by definition, by property, and against Yahoo's own recorded adjusted closes."""

import datetime as dt
from bisect import bisect_left
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.kernel.bars import Action, Bar
from webapp.kernel.intervals import DAY, Interval
from webapp.reading.rules_adjustment import Adjust, Adjustment, Step, first_ex_bar, make, of_steps

NEW_YORK = ZoneInfo("America/New_York")


def a_bar(time: int, close: float, volume: float = 1000.0) -> Bar:
    return (time, close - 1, close + 2, close - 2, close, volume, None, None)


def daily(adjust: Adjust, bars: list[Bar], actions: list[Action]) -> Adjustment:
    times = [bar[0] for bar in bars]

    def close_before(ex_date: int) -> float | None:
        place = bisect_left(times, ex_date)
        return bars[place - 1][4] if place else None

    return make(adjust, actions, first_bar=lambda ex_date: ex_date, close_before=close_before)


steps = st.lists(st.builds(Step, st.integers(0, 100), st.floats(0.1, 10), st.sampled_from([1.0, 0.5, 4.0])), max_size=8)


@given(steps, st.integers(-5, 105))
def test_a_bar_has_the_factors_of_all_steps_after_it(several: list[Step], time: int) -> None:
    factors = of_steps(several)
    price, volume = 1.0, 1.0
    for step in several:
        if time < step.time:
            price, volume = price * step.price, volume * step.volume
    place = factors.place(time)
    assert factors.prices[place] == pytest.approx(price, rel=1e-12)
    assert factors.volumes[place] == pytest.approx(volume, rel=1e-12)


@given(steps)
def test_the_table_is_one_that_numpy_can_search(several: list[Step]) -> None:
    factors = of_steps(several)
    assert list(factors.edges) == sorted(set(factors.edges))
    assert len(factors.prices) == len(factors.volumes) == len(factors.edges) + 1
    assert factors.prices[-1] == factors.volumes[-1] == 1.0
    bars = [a_bar(time, 50.0) for time in range(0, 110, 7)]
    places = np.searchsorted(np.array(factors.edges, np.int64), [bar[0] for bar in bars], side="right")
    assert [bar[4] for bar in factors.apply(bars)] == (50.0 * np.array(factors.prices)[places]).tolist()


@given(st.lists(st.floats(10, 100), min_size=3, max_size=30), st.data())
def test_adjusted_returns_are_total_returns(closes: list[float], data: st.DataObject) -> None:
    bars = [a_bar(day * DAY, close) for day, close in enumerate(closes)]
    day = data.draw(st.integers(1, len(bars) - 1))
    payout = data.draw(st.floats(0.01, 5))
    adjusted = [bar[4] for bar in daily(Adjust.ALL, bars, [Action("dividend", day * DAY, payout)]).apply(bars)]
    assert adjusted[-1] == closes[-1]
    # The day the right is lost, the owner has the new price and what D bought at yesterday's price less D.
    assert adjusted[day] / adjusted[day - 1] == pytest.approx(closes[day] / (closes[day - 1] - payout))


@given(st.lists(st.sampled_from([2.0, 4.0, 1.5, 0.1]), max_size=4), st.integers(1, 10**9))
def test_undone_splits_give_back_what_was_traded(ratios: list[float], shares: int) -> None:
    traded, product = 123.45, 1.0
    for ratio in ratios:
        product *= ratio
    actions = [Action("split", (5 + place) * DAY, ratio) for place, ratio in enumerate(ratios)]
    delivered = a_bar(0, traded / product, volume=float(round(shares * product)))
    (bar,) = daily(Adjust.NONE, [delivered], actions).apply([delivered])
    assert bar[4] == pytest.approx(traded)
    assert bar[5] == pytest.approx(shares, abs=max(1.0, 1 / product))
    assert bar[5].is_integer()


def test_as_delivered_nothing_changes() -> None:
    bars = [a_bar(0, 10.0), a_bar(DAY, 11.0)]
    actions = [Action("split", DAY, 2.0), Action("dividend", DAY, 1.0)]
    assert list(daily(Adjust.SPLITS, bars, actions).apply(bars)) == bars


def test_a_split_changes_bars_before_it_and_not_its_own_day() -> None:
    bars = [(0, 10.0, 11.0, 9.0, 10.5, 400.5, 10.2, 7), a_bar(DAY, 11.0)]
    before, after = daily(Adjust.NONE, bars, [Action("split", DAY, 4.0)]).apply(bars)
    assert before == (0, 40.0, 44.0, 36.0, 42.0, 400.5 / 4, 10.2 * 4, 7)
    assert after == bars[1]


def test_dividend_and_capital_gain_of_one_day_leave_the_price_together() -> None:
    bars = [a_bar(0, 10.0), a_bar(DAY, 7.0)]
    actions = [Action("dividend", DAY, 1.0), Action("capital_gain", DAY, 2.0)]
    factors = daily(Adjust.ALL, bars, actions)
    assert factors.edges == (DAY,)
    assert factors.prices == pytest.approx((0.7, 1.0))
    assert factors.volumes == (1.0, 1.0)


@pytest.mark.parametrize(
    "action",
    [
        Action("dividend", 0, 1.0),  # no bar before it
        Action("dividend", DAY, 10.0),  # the whole price
        Action("dividend", DAY, -1.0),
        Action("dividend", DAY, 0.0),
        Action("split", DAY, 2.0),  # both sides are on today's split basis already
    ],
)
def test_a_payout_that_cannot_be_taken_out_changes_nothing(action: Action) -> None:
    bars = [a_bar(0, 10.0), a_bar(DAY, 7.0)]
    assert list(daily(Adjust.ALL, bars, [action]).apply(bars)) == bars


def test_a_split_of_nothing_is_none() -> None:
    bars = [a_bar(0, 10.0)]
    assert list(daily(Adjust.NONE, bars, [Action("split", DAY, 0.0)]).apply(bars)) == bars


def label(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())


def test_an_ex_date_begins_at_the_exchanges_midnight() -> None:
    ex_date = label("2024-07-01")
    assert first_ex_bar(ex_date, Interval.M1, NEW_YORK) == label("2024-07-01T04:00:00")
    assert first_ex_bar(label("2024-01-02"), Interval.M1, NEW_YORK) == label("2024-01-02T05:00:00")
    assert first_ex_bar(ex_date, Interval.D1, NEW_YORK) == ex_date


def test_the_week_and_month_with_the_ex_date_inside_count_as_after_it() -> None:
    thursday = label("2024-07-04")
    assert first_ex_bar(thursday, Interval.W1, NEW_YORK) == label("2024-07-01")
    assert first_ex_bar(thursday, Interval.MO1, NEW_YORK) == label("2024-07-01")
