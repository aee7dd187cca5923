"""Leaps that actions explain."""

import math
from zoneinfo import ZoneInfo

import pytest

from webapp.flagging.rules_explained import by_actions
from webapp.flagging.rules_leaps import Leap
from webapp.kernel.bars import DIVIDEND, SPLIT, Action
from webapp.kernel.intervals import DAY, HOUR, Interval

NEW_YORK = ZoneInfo("America/New_York")


def leap(ratio: float, *, before: int = 9 * DAY, at: int = 10 * DAY) -> Leap:
    return Leap(before, at, close=100.0, move=math.log(ratio), limit=0.15)


@pytest.mark.parametrize(
    ("ratio", "actions"),
    [
        (0.26, [Action(SPLIT, 10 * DAY, 4.0)]),
        (9.5, [Action(SPLIT, 10 * DAY, 0.1)]),
        (0.5, [Action(DIVIDEND, 10 * DAY, 49.0)]),
        (0.13, [Action(SPLIT, 10 * DAY, 4.0), Action(DIVIDEND, 10 * DAY, 49.0)]),
        (0.26, [Action(SPLIT, 10 * DAY, 4.0), Action(DIVIDEND, 10 * DAY, 49.0)]),
    ],
)
def test_a_split_or_a_payout_of_that_day_explains_it(ratio: float, actions: list[Action]) -> None:
    assert by_actions(leap(ratio), actions, Interval.D1, NEW_YORK)


@pytest.mark.parametrize(
    "actions",
    [
        [],
        [Action(SPLIT, 9 * DAY, 4.0)],
        [Action(SPLIT, 11 * DAY, 4.0)],
        [Action(SPLIT, 10 * DAY, 2.0)],
        [Action(SPLIT, 10 * DAY, 0.0)],
        [Action(DIVIDEND, 10 * DAY, 1.0)],
        [Action(DIVIDEND, 10 * DAY, 150.0)],
    ],
)
def test_nothing_of_another_day_or_size_explains_it(actions: list[Action]) -> None:
    assert not by_actions(leap(0.25), actions, Interval.D1, NEW_YORK)


def test_a_split_explains_the_move_over_the_exchanges_midnight() -> None:
    split = [Action(SPLIT, 10 * DAY, 4.0)]
    midnight = 10 * DAY + 5 * HOUR
    overnight = leap(0.25, before=midnight - 8 * HOUR, at=midnight + 9 * HOUR)
    later = leap(0.25, before=midnight + 9 * HOUR, at=midnight + 10 * HOUR)
    assert by_actions(overnight, split, Interval.H1, NEW_YORK)
    assert not by_actions(later, split, Interval.H1, NEW_YORK)
