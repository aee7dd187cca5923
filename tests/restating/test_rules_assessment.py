"""What is done about a chunk by what its answers show, case by case, with nothing stored but what a test says."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from webapp.kernel.bars import Action, Bar
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.spans import Span
from webapp.restating.rules_assessment import (
    Accept,
    BeforeWriting,
    Contradiction,
    Decision,
    Evidence,
    Rebase,
    Recheck,
    assess,
)
from webapp.series.queries_series import SeriesRow
from webapp.sources.base import Answer

NOW = dt.datetime(2024, 3, 6, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
EARLIER, LATER = Span(2 * DAY, 8 * DAY), Span(40 * DAY, 46 * DAY)
SPLIT, PART = Action("split", 20 * DAY, 4.0), Action("split", 20 * DAY, 2.0)


def bar(day: int, close: float = 100.0) -> Bar:
    return (day * DAY, close, close, close, close, 1000.0, None, None)


def answer(*bars: Bar, actions: Sequence[Action] = ()) -> Answer:
    return Answer(bars, actions, InstrumentFacts(), known_until=0)


STORED = tuple(bar(day) for day in range(10, 20))
NEW = answer(*(bar(day) for day in range(20, 25)))
SAME = answer(*(bar(day) for day in range(15, 25)))
QUARTERED = answer(*(bar(day, 25.0) for day in range(15, 25)))
QUARTERED_EARLIER = answer(*(bar(day, 25.0) for day in range(10, 15)))
SAME_EARLIER = answer(*(bar(day) for day in range(10, 15)))
NOTHING = answer()


@dataclass(frozen=True)
class Shelf:
    """A series as a test says that it is stored; ``before`` and ``after`` can be asked for again."""

    bars: Sequence[Bar] = STORED
    splits: Sequence[Action] = ()
    before: Span | None = None
    after: Span | None = None

    def bars_beside(self, delivered: Sequence[Bar]) -> Sequence[Bar]:
        return [stored for stored in self.bars if delivered and delivered[0][0] <= stored[0] <= delivered[-1][0]]

    def close_before(self, time: int) -> tuple[int, float] | None:
        return next(((stored[0], stored[4]) for stored in reversed(self.bars) if stored[0] < time), None)

    def first_bar_in(self, span: Span) -> Bar | None:
        return next((stored for stored in self.bars if span.start <= stored[0] < span.end), None)

    def missing_splits(self, delivered: Sequence[Action]) -> Sequence[Action]:
        return self.splits

    def span_to_recheck_before(self, time: int) -> Span | None:
        return self.before

    def span_to_recheck_after(self, time: int) -> Span | None:
        return self.after


def row(rows: int = 10, written: dt.datetime | None = NOW - 24 * HOUR, source: str = "yahoo") -> SeriesRow:
    edges = STORED[0][0], STORED[-1][0]
    return SeriesRow(1, 1, source, "AAPL", Interval.D1, "", rows, *edges, written, InstrumentFacts())


def decide(shelf: Shelf, *answers: Answer, series: SeriesRow | None = None, is_writing: bool = False) -> Decision:
    span = Span(20 * DAY, 25 * DAY)
    chunk = None if is_writing else BeforeWriting(span, NOW)
    return assess(Evidence(series or row(), shelf, answers, chunk))


BOTH = Shelf(before=EARLIER, after=LATER)
SPLIT_TOLD = Shelf(splits=(SPLIT,))
QUARTER = Rebase(4.0, (SPLIT,), QUARTERED.bars, is_volume_too=False, shared=10)


@pytest.mark.parametrize(
    ("shelf", "answers", "before_writing", "while_writing"),
    [
        # basis the same
        (BOTH, [SAME], Accept(SAME.bars, is_proven=True), Accept(SAME.bars, is_proven=True)),
        # basis unconfirmed: one answer speaks of another, and others say nothing
        (BOTH, [QUARTERED], Recheck(EARLIER), Contradiction()),
        (Shelf(after=LATER), [QUARTERED], Contradiction(), Contradiction()),
        (BOTH, [QUARTERED, NOTHING], Recheck(EARLIER), Contradiction()),
        (BOTH, [QUARTERED, NOTHING, NOTHING], Contradiction(), Contradiction()),
        # contradicted
        (BOTH, [QUARTERED, SAME_EARLIER], Contradiction(), Contradiction()),
        (BOTH, [SAME, QUARTERED_EARLIER], Contradiction(), Contradiction()),
        # moved
        (SPLIT_TOLD, [QUARTERED, QUARTERED_EARLIER], QUARTER, QUARTER),
        # unproven
        (BOTH, [NEW], Recheck(EARLIER), Accept(NEW.bars, is_proven=False)),
        (Shelf(after=LATER), [NEW], Recheck(LATER), Accept(NEW.bars, is_proven=False)),
        (Shelf(), [NEW], Accept(NEW.bars, is_proven=False), Accept(NEW.bars, is_proven=False)),
        (BOTH, [NEW, NOTHING], Accept(NEW.bars, is_proven=False), Accept(NEW.bars, is_proven=False)),
        (BOTH, [NOTHING], Accept((), is_proven=False), Accept((), is_proven=False)),
        (SPLIT_TOLD, [NOTHING], Accept((), is_proven=False), Accept((), is_proven=False)),
    ],
)
def test_the_table_holds(
    shelf: Shelf, answers: list[Answer], before_writing: Decision, while_writing: Decision
) -> None:
    assert decide(shelf, *answers) == before_writing
    assert decide(shelf, *answers, is_writing=True) == while_writing


def test_splits_that_no_bar_can_show_are_carried_out_together_on_their_word() -> None:
    shelf = Shelf(splits=(SPLIT, PART))
    assert decide(shelf, NEW) == Rebase(8.0, (SPLIT, PART), NEW.bars, is_volume_too=True, shared=0)
    undone = Shelf(splits=(SPLIT, Action("split", 21 * DAY, 0.25)))
    assert decide(undone, NEW) == Accept(NEW.bars, is_proven=False)


def test_a_ratio_is_named_by_the_split_that_came_with_it() -> None:
    delivered = answer(*QUARTERED.bars, actions=(PART, SPLIT))
    decision = decide(Shelf(), delivered, QUARTERED_EARLIER)
    assert isinstance(decision, Rebase)
    assert (decision.ratio, decision.splits) == (4.0, (SPLIT,))


def test_a_ratio_that_no_split_explains_has_none() -> None:
    decision = decide(Shelf(), QUARTERED, QUARTERED_EARLIER)
    assert isinstance(decision, Rebase)
    assert (decision.ratio, decision.splits, decision.is_proven) == (4.0, (), True)


@pytest.mark.parametrize(
    ("written", "bars", "kind"),
    [
        (NOW - HOUR / 2, STORED, Accept),
        (NOW - 2 * HOUR, STORED, Recheck),
        (None, STORED, Recheck),
        (NOW - HOUR / 2, [bar(19, 130.0)], Recheck),  # a leap at the seam
        (NOW - HOUR / 2, [bar(30, 130.0)], Recheck),
        (NOW - HOUR / 2, [bar(30)], Accept),
        (NOW - HOUR / 2, [bar(5)], Recheck),  # too far away to tell
    ],
)
def test_doubt_is_raised_by_age_by_a_leap_at_the_seam_and_by_distance(
    written: dt.datetime | None, bars: Sequence[Bar], kind: type[Decision]
) -> None:
    decision = decide(Shelf(bars, before=EARLIER), NEW, series=row(written=written))
    assert type(decision) is kind


def test_doubt_is_raised_by_a_missing_split_and_by_one_bar_that_looks_divided() -> None:
    fresh = row(written=NOW - HOUR / 2)
    assert decide(Shelf(splits=(SPLIT,), before=EARLIER), NEW, series=fresh) == Recheck(EARLIER)
    hint = answer(bar(19, 25.0), *NEW.bars)
    assert decide(BOTH, hint, series=fresh) == Recheck(EARLIER)


def test_a_series_that_is_empty_is_asked_about_nothing() -> None:
    assert decide(BOTH, NEW, series=row(rows=0)) == Accept(NEW.bars, is_proven=False)


def test_a_file_of_ones_own_is_compared_with_nothing() -> None:
    decision = decide(BOTH, QUARTERED, series=row(source="own"), is_writing=True)
    assert decision == Accept(QUARTERED.bars, is_proven=False)


@pytest.mark.parametrize(("rows", "count"), [(2, 2), (3, 1)])
def test_a_series_of_too_few_bars_to_show_a_factor_is_written_anew(rows: int, count: int) -> None:
    stored = [bar(10, 25.0)]
    decision = decide(Shelf([bar(10)]), answer(bar(20)), answer(*stored), series=row(rows=rows), is_writing=True)
    assert isinstance(decision, Accept)
    assert len(decision.bars) == count
