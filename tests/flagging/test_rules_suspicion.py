"""What makes a bar suspicious, and what does not."""

import math
import random

import pytest

from webapp.flagging.rules_leaps import Leap
from webapp.flagging.rules_suspicion import SuspicionRule, is_same, suspicions
from webapp.kernel.bars import Bar
from webapp.kernel.intervals import DAY, HOUR, MINUTE, Interval


def walk(count: int, step: int = DAY, noise: float = 0.01) -> list[Bar]:
    """Bars of a price that wanders by a per cent a bar."""
    chance = random.Random(7)  # noqa: S311 -- the same walk each time
    price = 100.0
    walked: list[Bar] = []
    for place in range(count):
        opening, price = price, price * math.exp(chance.gauss(0, noise))
        high, low = max(opening, price) * 1.002, min(opening, price) * 0.998
        walked.append((place * step, opening, high, low, price, 1000.0, None, None))
    return walked


def times(bar: Bar, factor: float) -> Bar:
    return (bar[0], bar[1] * factor, bar[2] * factor, bar[3] * factor, bar[4] * factor, *bar[5:])


def find_broken(bars: list[Bar], interval: Interval = Interval.D1) -> dict[int, tuple[SuspicionRule, ...]]:
    return suspicions(bars, interval, lambda _leap: False)


def by_place(
    bars: list[Bar], interval: Interval = Interval.D1, step: int = DAY
) -> dict[int, tuple[SuspicionRule, ...]]:
    return {time // step: rules for time, rules in find_broken(bars, interval).items()}


def test_a_price_that_wanders_raises_no_doubt() -> None:
    assert find_broken(walk(3000)) == {}
    assert find_broken(walk(5000, MINUTE, 0.0005), Interval.M1) == {}


@pytest.mark.parametrize("factor", [100, 0.01, 10, 0.5])
def test_one_bar_too_large_or_too_small_is_a_spike_and_the_next_is_none(factor: float) -> None:
    bars = walk(60)
    bars[40] = times(bars[40], factor)
    assert by_place(bars) == {40: (SuspicionRule.SPIKE,)}


def test_all_bars_of_a_short_spike_are_found() -> None:
    bars = walk(60)
    bars[40:43] = [times(bar, 100) for bar in bars[40:43]]
    assert by_place(bars) == dict.fromkeys((40, 41, 42), (SuspicionRule.SPIKE,))


def test_a_last_bar_too_large_is_found_before_anybody_knows_what_follows() -> None:
    bars = walk(60)
    bars[59] = times(bars[59], 100)
    assert by_place(bars) == {59: (SuspicionRule.LEAP,)}


def test_first_bars_off_the_level_of_all_others_are_found_and_the_others_are_not() -> None:
    bars = walk(60)
    bars[:2] = [times(bar, 100) for bar in bars[:2]]
    assert by_place(bars) == dict.fromkeys((0, 1), (SuspicionRule.LEAP,))


def test_three_quarters_less_for_good_is_one_suspicious_bar() -> None:
    bars = walk(60)
    bars[40:] = [times(bar, 0.25) for bar in bars[40:]]
    assert by_place(bars) == {40: (SuspicionRule.LEAP,)}


def test_what_explains_a_leap_is_asked_with_what_leapt() -> None:
    bars = walk(60)
    bars[40:] = [times(bar, 0.25) for bar in bars[40:]]
    leaps: list[Leap] = []

    def explained(leap: Leap) -> bool:
        leaps.append(leap)
        return True

    assert suspicions(bars, Interval.D1, explained) == {}
    [leap] = leaps
    assert (leap.before, leap.at, leap.close) == (39 * DAY, 40 * DAY, bars[39][4])
    assert leap.move == pytest.approx(math.log(bars[40][4] / bars[39][4]))


def test_a_move_within_eight_times_the_usual_one_is_none() -> None:
    wild = walk(200, noise=0.05)
    wild[100:] = [times(bar, 0.8) for bar in wild[100:]]
    assert find_broken(wild) == {}
    calm = walk(200, noise=0.002)
    calm[100:] = [times(bar, 0.8) for bar in calm[100:]]
    assert by_place(calm) == {100: (SuspicionRule.LEAP,)}


def test_a_quiet_series_does_not_flag_its_noise() -> None:
    bars = walk(200, noise=0.00001)
    bars[100:] = [times(bar, 1.01) for bar in bars[100:]]
    assert find_broken(bars) == {}


def test_without_history_only_a_fivefold_price_is_doubtful() -> None:
    bars = walk(6)
    bars[3:] = [times(bar, 3) for bar in bars[3:]]
    assert find_broken(bars) == {}
    bars[3:] = [times(bar, 3) for bar in bars[3:]]
    assert by_place(bars) == {3: (SuspicionRule.LEAP,)}


def sessions(count: int, gap: float) -> list[Bar]:
    """Hourly bars of seven a day, whose price moves by ``gap`` from each day to the next."""
    hourly = []
    for bar in walk(count * 7, HOUR, 0.001):
        day, hour = divmod(bar[0] // HOUR, 7)
        priced = times(bar, math.exp(gap * (day % 2)))
        hourly.append((day * DAY + (14 + hour) * HOUR, *priced[1:]))
    return hourly


def test_moves_between_sessions_are_held_against_each_other() -> None:
    bars = sessions(40, 0.2)
    assert find_broken(bars, Interval.H1) == {}
    bars[140] = times(bars[140], 100)
    assert list(find_broken(bars, Interval.H1)) == [bars[140][0]]


def test_nothing_is_compared_over_a_hole() -> None:
    bars = walk(120)
    later = [(bar[0] + 400 * DAY, *times(bar, 5)[1:]) for bar in bars[60:]]
    assert find_broken([*bars[:60], *later]) == {}


@pytest.mark.parametrize("price", [0.0, -1.0])
def test_a_price_of_zero_or_less_is_suspicious_and_the_bar_after_it_is_not(price: float) -> None:
    bars = walk(60)
    bars[40] = (bars[40][0], price, price, price, price, 1.0, None, None)
    assert by_place(bars) == {40: (SuspicionRule.NOT_POSITIVE,)}


def test_prices_that_are_often_negative_are_the_instruments_nature() -> None:
    bars = [times(bar, -1) if place % 3 else bar for place, bar in enumerate(walk(60))]
    rules = {rule for names in find_broken(bars).values() for rule in names}
    assert SuspicionRule.NOT_POSITIVE not in rules


@pytest.mark.parametrize(
    "wrong",
    [(100.0, 99.0, 101.0, 100.0), (102.0, 101.0, 99.0, 100.0), (100.0, 101.0, 99.0, 98.0)],
    ids=["high below low", "open above high", "close below low"],
)
def test_prices_that_contradict_each_other_are_suspicious(wrong: tuple[float, float, float, float]) -> None:
    assert find_broken([(0, *wrong, 1.0, None, None)]) == {0: (SuspicionRule.INCONSISTENT,)}


def test_the_rounding_of_float32_is_no_contradiction() -> None:
    assert find_broken([(0, 100.005, 100.0, 99.0, 98.995, 1.0, None, None)]) == {}


@pytest.mark.parametrize(("high", "low"), [(250.0, 99.0), (101.0, 1.0)])
def test_a_high_or_a_low_far_from_open_and_close_is_suspicious(high: float, low: float) -> None:
    assert find_broken([(0, 100.0, high, low, 100.0, 1.0, None, None)]) == {0: (SuspicionRule.FAR_OFF,)}


def test_a_volume_does_not_make_another_bar() -> None:
    bar: Bar = (0, 100.0, 101.0, 99.0, 100.0, 1.0, None, None)
    assert is_same(bar, (*bar[:5], 2.0, None, None))
    assert is_same(bar, times(bar, 1 + 1e-7))
    assert not is_same(bar, times(bar, 1.01))
