"""What becomes of flags when bars come, case by case."""

import datetime as dt
from collections.abc import Sequence

import pytest

from webapp.flagging.queries_flags import FlagRow, NewFlag
from webapp.flagging.rules_screening import (
    FlagChanges,
    IncomingBars,
    Neighbours,
    Suspicions,
    find_excluded,
    find_suspicions,
    plan_changes,
)
from webapp.flagging.rules_suspicion import Reply, SuspicionRule
from webapp.kernel.bars import Bar
from webapp.kernel.flag_states import FlagState
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.spans import Span
from webapp.series.queries_series import SeriesRow

NOON = dt.datetime(2024, 3, 6, 12, tzinfo=dt.UTC)
SERIES = SeriesRow(1, 1, "yahoo", "AAPL", Interval.D1, "", 9, 0, 9 * DAY, NOON, InstrumentFacts())
SPAN = Span(0, 10 * DAY)
LEAPS: Suspicions = {DAY: (SuspicionRule.LEAP,)}


def bar(day: int, close: float = 100.0) -> Bar:
    return (day * DAY, close, close, close, close, 1.0, None, None)


def flag(state: FlagState, day: int = 1, close: float = 900.0) -> FlagRow:
    return FlagRow(1, bar(day, close), (SuspicionRule.LEAP,), state, NOON, 3, None, None, None, None, None)


def plan(bars: Sequence[Bar], flags: Sequence[FlagRow], broken: Suspicions) -> FlagChanges:
    neighbours = Neighbours(flags={row.time: row for row in flags})
    exclude = find_excluded(bars, neighbours.flags)
    return plan_changes(IncomingBars(SERIES, bars, SPAN, job_id=7), neighbours, exclude, broken)


OPEN, ASKED, ACCEPTED, EXCLUDED, SETTLED = (flag(state) for state in FlagState)
BAD, GOOD = bar(1, 900.0), bar(1, 101.0)
NEW = NewFlag(BAD, (SuspicionRule.LEAP,), 7)


@pytest.mark.parametrize(
    ("flags", "bars", "broken", "changes"),
    [
        ([], [GOOD], {}, FlagChanges()),
        ([], [BAD], LEAPS, FlagChanges(raise_=(NEW,))),
        # the values that were flagged come again
        ([OPEN], [BAD], LEAPS, FlagChanges()),
        ([ACCEPTED], [BAD], LEAPS, FlagChanges()),
        ([SETTLED], [BAD], LEAPS, FlagChanges(raise_=(NEW,))),
        ([EXCLUDED], [BAD], {}, FlagChanges(exclude=frozenset([DAY]))),
        ([ASKED], [BAD], LEAPS, FlagChanges(answered=((ASKED, Reply.SAME),))),
        # other values come
        ([OPEN], [GOOD], {}, FlagChanges(resolve=((OPEN, GOOD),))),
        ([EXCLUDED], [GOOD], {}, FlagChanges(resolve=((EXCLUDED, GOOD),))),
        ([SETTLED], [GOOD], {}, FlagChanges()),
        ([OPEN], [bar(1, 800.0)], LEAPS, FlagChanges(raise_=(NewFlag(bar(1, 800.0), (SuspicionRule.LEAP,), 7),))),
        # none comes
        ([OPEN], [bar(2)], {}, FlagChanges()),
        ([ASKED], [bar(2)], {}, FlagChanges(answered=((ASKED, Reply.NOTHING),))),
        ([ASKED], [], {}, FlagChanges(answered=((ASKED, Reply.NOTHING),))),
        ([flag(FlagState.ASKED, day=11)], [bar(2)], {}, FlagChanges()),  # that was not asked for
    ],
)
def test_what_becomes_of_a_flag(
    flags: list[FlagRow], bars: list[Bar], broken: Suspicions, changes: FlagChanges
) -> None:
    assert plan(bars, flags, broken) == changes


def test_a_stored_neighbour_on_which_new_bars_cast_doubt_is_flagged_with_them() -> None:
    neighbours = Neighbours(before=[BAD])
    changes = plan_changes(IncomingBars(SERIES, [bar(2)], SPAN, job_id=7), neighbours, frozenset(), LEAPS)
    assert changes == FlagChanges(raise_=(NEW,))


def test_doubts_of_neighbours_farther_away_are_old_news() -> None:
    leaping = [*(bar(day) for day in range(30)), bar(30, 900.0), *(bar(day) for day in range(31, 60))]
    assert find_suspicions([bar(60)], Neighbours(before=leaping), Interval.D1, lambda _: False) == {}
    recent = [*(bar(day) for day in range(58)), bar(58, 900.0), bar(59)]
    broken = find_suspicions([bar(60)], Neighbours(before=recent), Interval.D1, lambda _: False)
    assert broken == {58 * DAY: (SuspicionRule.SPIKE,)}
    assert find_suspicions([], Neighbours(before=recent), Interval.D1, lambda _: False) == {}
