"""The seam of a split: segments of a series, leaps of a split's size, and siblings that are behind."""

import pytest

from webapp.kernel.intervals import DAY
from webapp.kernel.spans import EVER, Span
from webapp.restating.rules_seams import (
    Move,
    Segment,
    classify_sibling,
    cut_segments,
    is_brought_together,
    is_leap_of,
)

EDGE = 10 * DAY + 18_000
BEFORE = Segment(Span(EVER.start, EDGE), Span(EVER.start, 10 * DAY))
AFTER = Segment(Span(EDGE, EVER.end), Span(10 * DAY, EVER.end))


def moved(segment: Segment, ratio: float) -> Move:
    return Move(segment, ratio, split=None, is_volume_too=True)


def test_a_series_is_one_segment_until_it_waits() -> None:
    assert cut_segments({}) == [Segment()]
    assert cut_segments({10 * DAY: EDGE}) == [BEFORE, AFTER]
    three = cut_segments({20 * DAY: 20 * DAY, 10 * DAY: EDGE})
    assert [segment.bars.end for segment in three] == [EDGE, 20 * DAY, EVER.end]


@pytest.mark.parametrize(
    ("ratio", "before", "after", "is_leap"),
    [
        (4.0, 400.0, 100.0, True),
        (4.0, 400.0, 120.0, True),
        (4.0, 100.0, 100.0, False),
        (4.0, 100.0, 80.0, False),
        (0.1, 10.0, 70.0, True),
        (0.1, 100.0, 70.0, False),
        (1.25, 125.0, 100.0, True),
        (1.25, 100.0, 97.0, False),
        (1.05, 105.0, 100.0, False),
        (4.0, 0.0, 100.0, False),
    ],
)
def test_a_leap_of_a_splits_size_is_told_from_a_bad_day(
    ratio: float, before: float, after: float, *, is_leap: bool
) -> None:
    assert is_leap_of(ratio, before, after, is_unmoved=False) is is_leap


@pytest.mark.parametrize(("after", "is_leap"), [(100.0, True), (101.0, True), (104.0, False)])
def test_of_a_source_that_has_not_moved_a_small_leap_is_enough(after: float, *, is_leap: bool) -> None:
    assert is_leap_of(1.05, 105.0, after, is_unmoved=True) is is_leap


@pytest.mark.parametrize(
    ("moves", "is_over"),
    [
        ([], False),
        ([moved(BEFORE, 4.0)], True),
        ([moved(AFTER, 0.25)], True),
        ([moved(BEFORE, 2.0)], False),
        ([moved(BEFORE, 2.0), moved(AFTER, 0.5)], True),
        ([moved(BEFORE, 4.0), moved(AFTER, 4.0)], False),
    ],
)
def test_both_sides_agree_once_the_ratio_is_out_of_the_seam(moves: list[Move], *, is_over: bool) -> None:
    assert is_brought_together(4.0, EDGE, moves) is is_over


@pytest.mark.parametrize(
    ("quotients", "verdict"),
    [
        ([4.0, 4.01, 3.99], True),
        ([4.4, 3.7, 4.1], True),
        ([1.0, 1.02, 0.97], False),
        ([2.0, 2.0, 2.0], None),
        ([100.0], None),
        ([], None),
        ([4.0, 0.0], None),
    ],
)
def test_a_sibling_is_behind_where_its_closes_differ_by_the_ratio(
    quotients: list[float], *, verdict: bool | None
) -> None:
    assert classify_sibling(4.0, quotients) is verdict
