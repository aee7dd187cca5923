"""Leaps that an action explains: large payouts, and a split that the bars before it are known to wait for."""

import math
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from webapp.flagging.rules_leaps import Leap
from webapp.kernel.bars import SPLIT, Action
from webapp.kernel.intervals import Interval
from webapp.reading.rules_adjustment import first_ex_bar


def by_actions(leap: Leap, actions: Iterable[Action], interval: Interval, zone: ZoneInfo) -> bool:
    """Tell whether what became effective within a leap leaves a usual move of it.

    :param actions: of the instrument; their ex-dates decide which count.
    """
    splits, payouts = 0.0, 0.0
    for action in actions:
        if not leap.before < first_ex_bar(action.time, interval, zone) <= leap.at or action.value <= 0:
            continue
        if action.kind == SPLIT:
            splits -= math.log(action.value)
        else:
            payouts += action.value
    paid = math.log(1 - payouts / leap.close) if payouts < leap.close else 0.0
    expected = {splits, paid, splits + paid} - {0.0}
    return any(abs(leap.move - move) <= leap.limit for move in expected)
