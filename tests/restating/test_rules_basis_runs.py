"""Which days stand on another basis: by the range of their quarter, and by the ratios of what was asked again."""

import pytest

from tests.world import bar
from webapp.kernel.adjusted_closes import AdjustedClose, Quarter
from webapp.kernel.intervals import DAY
from webapp.kernel.spans import Span
from webapp.restating.rules_basis_runs import (
    BasisRun,
    DayRatio,
    compare_range,
    find_common_ratios,
    find_runs,
    measure_days,
    span_quarters,
)

QUARTER = Quarter(90.0, 110.0, AdjustedClose(0, 100.0, 100.0))


def days(*ratios: float, first: int = 0) -> list[DayRatio]:
    return [(day * DAY, ratio) for day, ratio in enumerate(ratios, first)]


def run(first: int, end: int, ratio: float) -> BasisRun:
    return BasisRun(Span(first * DAY, end * DAY), ratio)


@pytest.mark.parametrize(
    ("lowest", "highest", "compared"),
    [
        (90, 110, None),
        (89, 112, None),  # what is corrected by a hundredth is no other basis
        (45, 100, (0.5, 1.0)),
        (100, 220, (1.0, 2.0)),
        (45, 220, (0.5, 2.0)),
    ],
)
def test_closes_outside_of_their_quarter_show_another_basis(
    lowest: float, highest: float, compared: tuple[float, float] | None
) -> None:
    assert compare_range(QUARTER, lowest, highest) == compared


def test_a_quarter_ends_where_the_next_begins() -> None:
    later = Quarter(90.0, 110.0, AdjustedClose(91 * DAY, 100.0, 100.0))
    assert span_quarters([QUARTER, later], 100 * DAY) == [
        (Span(0, 91 * DAY), QUARTER),
        (Span(91 * DAY, 100 * DAY), later),
    ]


def test_days_are_measured_by_all_their_prices_and_not_without_one() -> None:
    half = (0, 499.5, 501.0, 499.0, 500.0, 1.0, None, None)
    [(day, ratio)] = measure_days([(bar(0, 1000.0), half), (bar(DAY, 0.5), half)])
    assert day == 0
    assert ratio == pytest.approx(2.0, rel=1e-2)


def test_a_ratio_is_one_that_three_days_share_or_that_a_known_split_has() -> None:
    assert find_common_ratios(days(2.0003, 1.9999, 2.0, 1, 1), ()) == {2.0}
    assert find_common_ratios(days(2.0, 2.0, 1.02, 1.003, 1.003, 1.003), ()) == set()
    assert find_common_ratios(days(0.5, 1, 1), {2.0, 0.5}) == {0.5}
    assert find_common_ratios(days(6.0, 6.0, 6.0, 2.0, 1.0), {2.0, 0.5}) == {6.0, 2.0}


def test_each_day_stands_on_the_nearest_basis() -> None:
    ratios = days(6, 6, 2, 2.04, 2, 1, 1.02, 1, 2)
    assert find_runs(ratios, {6.0, 2.0}, []) == [run(0, 2, 6.0), run(2, 5, 2.0), run(8, 9, 2.0)]
    assert find_runs(days(1, 1, 1.3), set(), []) == []


def test_between_days_that_are_not_stored_both_a_run_ends_at_a_split() -> None:
    ratios = [*days(2, 2, 2), *days(1, 1, first=6)]
    assert find_runs(ratios, {2.0}, []) == [run(0, 6, 2.0)]
    assert find_runs(ratios, {2.0}, [4 * DAY, 9 * DAY]) == [run(0, 4, 2.0)]
    assert find_runs([*days(1, 1), *days(2, first=4)], {2.0}, [3 * DAY]) == [run(3, 5, 2.0)]
