"""A coarse list of actions as a checksum: which quarters must be asked by their days, and what payouts leave."""

import math

import pytest

from webapp.kernel.adjusted_closes import AdjustedClose, Quarter
from webapp.kernel.bars import CAPITAL_GAIN, DIVIDEND, SPLIT, Action
from webapp.kernel.intervals import DAY
from webapp.restating.rules_quarters import (
    QuarterFactors,
    compare_quarters,
    find_doubtful,
    find_remainders,
    is_same_value,
)

QUARTER = 91 * DAY


def quarters(*parts: float, close: float = 100.0) -> list[Quarter]:
    """Quarters at one price, each of which leaves a part of it; the first leaves whatever it does."""
    listed = []
    for number in range(len(parts)):
        factor = math.prod(parts[number + 1 :])
        last = AdjustedClose(number * QUARTER, close, close * factor)
        listed.append(Quarter(close * 0.9, close * 1.1, last))
    return listed


def doubtful(listed: list[Quarter], *actions: Action) -> list[int]:
    factors = compare_quarters(listed, actions, len(listed) * QUARTER)
    return [quarter.span.start // QUARTER for quarter in find_doubtful(factors)]


def dividend(quarter: int, value: float = 1.0, kind: str = DIVIDEND, day: int = 30) -> Action:
    return Action(kind, quarter * QUARTER + day * DAY, value)


def test_quarters_that_agree_are_not_asked() -> None:
    assert doubtful(quarters(1, 0.99, 1, 0.99), dividend(1), dividend(3)) == []


def test_a_quarter_whose_payout_we_lack_is_asked() -> None:
    assert doubtful(quarters(1, 0.99, 0.99, 0.99), dividend(1), dividend(3)) == [2]


def test_a_quarter_whose_payout_the_prices_do_not_contain_is_asked() -> None:
    assert doubtful(quarters(1, 0.99, 1, 1), dividend(1), dividend(3)) == [3]


def test_a_payout_of_a_wrong_size_is_noticed_beyond_what_the_quarter_s_prices_allow() -> None:
    assert doubtful(quarters(1, 0.99), dividend(1, 1.05)) == []
    assert doubtful(quarters(1, 0.99), dividend(1, 1.3)) == [1]
    assert doubtful(quarters(1, 0.99), dividend(1, 0.7)) == [1]


def test_a_gain_and_a_dividend_leave_together_what_remains_and_splits_leave_all() -> None:
    listed = quarters(1, 0.95 * 0.99)
    assert doubtful(listed, dividend(1), dividend(1, 5.0, CAPITAL_GAIN, day=60), dividend(1, 4.0, SPLIT)) == []
    assert doubtful(listed, dividend(1)) == [1]


def test_two_quarters_beside_each_other_that_are_right_together_are_right() -> None:
    assert doubtful(quarters(1, 0.99, 1, 1), dividend(2)) == []
    assert doubtful(quarters(1, 0.99, 1, 1), dividend(3)) == [1, 3]


@pytest.mark.parametrize("amounts", [[1.0], [0.3, 0.3, 0.3], [50.0, 20.0]])
def test_payouts_leave_together_exactly_what_the_source_says(amounts: list[float]) -> None:
    whole = math.prod(1 - amount / 97.3 for amount in amounts)
    payouts = [dividend(1, amount, day=20 * place) for place, amount in enumerate(amounts, 1)]
    factors = compare_quarters(quarters(1, whole), payouts, 2 * QUARTER)
    remainders = find_remainders(factors)
    assert math.prod(remainders.values()) == pytest.approx(whole, rel=1e-12)
    assert len(remainders) == len(amounts)


def test_what_does_not_agree_leaves_nothing_known() -> None:
    assert find_remainders(compare_quarters(quarters(1, 0.9), [dividend(1)], 2 * QUARTER)) == {}
    assert find_remainders(compare_quarters(quarters(1, 1), [dividend(1, 1e-9)], 2 * QUARTER)) == {}
    assert find_remainders([QuarterFactors(compare_quarters(quarters(1, 1), [], QUARTER)[0].span, 0.99, 1, 1)]) == {}


def test_a_payout_of_more_than_the_price_is_left_out() -> None:
    assert doubtful(quarters(1, 1), dividend(1, 500.0)) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "is_same"),
    [(0.000536, 0.0005357, True), (0.205, 0.205, True), (0.82, 0.205, False), (0.0, 1e-7, True)],
)
def test_values_are_the_same_but_for_rounding(ours: float, theirs: float, *, is_same: bool) -> None:
    assert is_same_value(ours, theirs) is is_same
