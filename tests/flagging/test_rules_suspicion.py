"""What makes a bar suspicious, and what does not."""

import math
import random

import pytest

from webapp.flagging.rules_leaps import Leap
from webapp.flagging.rules_suspicion import Rule, is_same, suspicions
from webapp.kernel.bars import Bar
from webapp.kernel.intervals import DAY, HOUR, MINUTE, Interval


def walk(count: int, step: int = DAY, noise: float = 0.01) -> list[Bar]:
    """Bars of a price that wanders by a per cent a bar."""
    chance = random.Random(7)  # noqa: S311 -- the same walk each time
    price = 100.0
    made: list[Bar] = []
    for place in range(count):
        opening, price = price, price * math.exp(chance.gauss(0, noise))
        high, low = max(opening, price) * 1.002, min(opening, price) * 0.998
        made.append((place * step, opening, high, low, price, 1000.0, None, None))
    return made


def times(bar: Bar, factor: float) -> Bar:
    return (bar[0], bar[1] * factor, bar[2] * factor, bar[3] * factor, bar[4] * factor, *bar[5:])


def found(several: list[Bar], interval: Interval = Interval.D1) -> dict[int, tuple[Rule, ...]]:
    return suspicions(several, interval, lambda _leap: False)


def by_place(several: list[Bar], interval: Interval = Interval.D1, step: int = DAY) -> dict[int, tuple[Rule, ...]]:
    return {time // step: rules for time, rules in found(several, interval).items()}


def test_a_price_that_wanders_raises_no_doubt() -> None:
    assert found(walk(3000)) == {}
    assert found(walk(5000, MINUTE, 0.0005), Interval.M1) == {}


@pytest.mark.parametrize("factor", [100, 0.01, 10, 0.5])
def test_one_bar_too_large_or_too_small_is_a_spike_and_the_next_is_none(factor: float) -> None:
    several = walk(60)
    several[40] = times(several[40], factor)
    assert by_place(several) == {40: (Rule.SPIKE,)}


def test_all_bars_of_a_short_spike_are_found() -> None:
    several = walk(60)
    several[40:43] = [times(bar, 100) for bar in several[40:43]]
    assert by_place(several) == dict.fromkeys((40, 41, 42), (Rule.SPIKE,))


def test_a_last_bar_too_large_is_found_before_anybody_knows_what_follows() -> None:
    several = walk(60)
    several[59] = times(several[59], 100)
    assert by_place(several) == {59: (Rule.LEAP,)}


def test_first_bars_off_the_level_of_all_others_are_found_and_the_others_are_not() -> None:
    several = walk(60)
    several[:2] = [times(bar, 100) for bar in several[:2]]
    assert by_place(several) == dict.fromkeys((0, 1), (Rule.LEAP,))


def test_three_quarters_less_for_good_is_one_suspicious_bar() -> None:
    several = walk(60)
    several[40:] = [times(bar, 0.25) for bar in several[40:]]
    assert by_place(several) == {40: (Rule.LEAP,)}


def test_what_explains_a_leap_is_asked_with_what_leapt() -> None:
    several = walk(60)
    several[40:] = [times(bar, 0.25) for bar in several[40:]]
    asked: list[Leap] = []

    def explained(leap: Leap) -> bool:
        asked.append(leap)
        return True

    assert suspicions(several, Interval.D1, explained) == {}
    [leap] = asked
    assert (leap.before, leap.at, leap.close) == (39 * DAY, 40 * DAY, several[39][4])
    assert leap.move == pytest.approx(math.log(several[40][4] / several[39][4]))


def test_a_move_within_eight_times_the_usual_one_is_none() -> None:
    wild = walk(200, noise=0.05)
    wild[100:] = [times(bar, 0.8) for bar in wild[100:]]
    assert found(wild) == {}
    calm = walk(200, noise=0.002)
    calm[100:] = [times(bar, 0.8) for bar in calm[100:]]
    assert by_place(calm) == {100: (Rule.LEAP,)}


def test_a_quiet_series_does_not_flag_its_noise() -> None:
    several = walk(200, noise=0.00001)
    several[100:] = [times(bar, 1.01) for bar in several[100:]]
    assert found(several) == {}


def test_without_history_only_a_fivefold_price_is_doubtful() -> None:
    several = walk(6)
    several[3:] = [times(bar, 3) for bar in several[3:]]
    assert found(several) == {}
    several[3:] = [times(bar, 3) for bar in several[3:]]
    assert by_place(several) == {3: (Rule.LEAP,)}


def sessions(count: int, gap: float) -> list[Bar]:
    """Hourly bars of seven a day, whose price moves by ``gap`` from each day to the next."""
    made = []
    for bar in walk(count * 7, HOUR, 0.001):
        day, hour = divmod(bar[0] // HOUR, 7)
        priced = times(bar, math.exp(gap * (day % 2)))
        made.append((day * DAY + (14 + hour) * HOUR, *priced[1:]))
    return made


def test_moves_between_sessions_are_held_against_each_other() -> None:
    several = sessions(40, 0.2)
    assert found(several, Interval.H1) == {}
    several[140] = times(several[140], 100)
    assert list(found(several, Interval.H1)) == [several[140][0]]


def test_nothing_is_compared_over_a_hole() -> None:
    several = walk(120)
    later = [(bar[0] + 400 * DAY, *times(bar, 5)[1:]) for bar in several[60:]]
    assert found([*several[:60], *later]) == {}


@pytest.mark.parametrize("price", [0.0, -1.0])
def test_a_price_of_zero_or_less_is_suspicious_and_the_bar_after_it_is_not(price: float) -> None:
    several = walk(60)
    several[40] = (several[40][0], price, price, price, price, 1.0, None, None)
    assert by_place(several) == {40: (Rule.NOT_POSITIVE,)}


def test_prices_that_are_often_negative_are_the_instruments_nature() -> None:
    several = [times(bar, -1) if place % 3 else bar for place, bar in enumerate(walk(60))]
    rules = {rule for broken in found(several).values() for rule in broken}
    assert Rule.NOT_POSITIVE not in rules


@pytest.mark.parametrize(
    "wrong",
    [(100.0, 99.0, 101.0, 100.0), (102.0, 101.0, 99.0, 100.0), (100.0, 101.0, 99.0, 98.0)],
    ids=["high below low", "open above high", "close below low"],
)
def test_prices_that_contradict_each_other_are_suspicious(wrong: tuple[float, float, float, float]) -> None:
    assert found([(0, *wrong, 1.0, None, None)]) == {0: (Rule.INCONSISTENT,)}


def test_the_rounding_of_float32_is_no_contradiction() -> None:
    assert found([(0, 100.005, 100.0, 99.0, 98.995, 1.0, None, None)]) == {}


@pytest.mark.parametrize(("high", "low"), [(250.0, 99.0), (101.0, 1.0)])
def test_a_high_or_a_low_far_from_open_and_close_is_suspicious(high: float, low: float) -> None:
    assert found([(0, 100.0, high, low, 100.0, 1.0, None, None)]) == {0: (Rule.FAR_OFF,)}


def test_a_volume_does_not_make_another_bar() -> None:
    bar: Bar = (0, 100.0, 101.0, 99.0, 100.0, 1.0, None, None)
    assert is_same(bar, (*bar[:5], 2.0, None, None))
    assert is_same(bar, times(bar, 1 + 1e-7))
    assert not is_same(bar, times(bar, 1.01))
