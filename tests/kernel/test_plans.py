"""What is missing, what is believed, and what is asked twice on purpose."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from webapp.errors import sentence
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.plans import (
    BELIEVED,
    OVERLAP_BARS,
    RECENT,
    Covered,
    Plan,
    Refusal,
    SeriesPlan,
    Verdict,
    aligned,
    believed,
    known_ends,
    missing,
    with_overlap,
)
from webapp.kernel.spans import Span

spans = st.builds(Span, st.integers(0, 60), st.integers(0, 60))
coverage = st.lists(st.builds(Covered, spans, st.just(Verdict.HAVE), st.just(0)), max_size=6)


def seconds(several: list[Span]) -> set[int]:
    return {second for span in several for second in range(span.start, span.end)}


@given(spans, coverage, st.integers(0, 60))
def test_what_is_missing_is_asked_closed_and_unknown(asked: Span, known: list[Covered], closed: int) -> None:
    wanted = {second for second in range(asked.start, asked.end) if second < closed}
    assert seconds(missing(asked, known, closed, now=100)) == wanted - seconds([covered.span for covered in known])


def test_bars_are_believed_for_ever_and_an_old_emptiness_too() -> None:
    have = Covered(Span(0, DAY), Verdict.HAVE, checked_at=DAY)
    long_empty = Covered(Span(DAY, 2 * DAY), Verdict.EMPTY, checked_at=2 * DAY + RECENT + 1)
    assert believed([have, long_empty], now=1000 * DAY) == [have.span, long_empty.span]


def test_a_recent_emptiness_is_believed_for_some_hours_only() -> None:
    told = Covered(Span(0, DAY), Verdict.EMPTY, checked_at=DAY + RECENT)
    assert believed([told], now=told.checked_at + BELIEVED - 1) == [told.span]
    assert believed([told], now=told.checked_at + BELIEVED) == []


@given(st.integers(-1_000_000_000, 2_000_000_000), st.integers(1, 10_000_000), st.sampled_from(Interval))
def test_an_aligned_span_holds_the_asked_one_and_whole_bars(start: int, length: int, interval: Interval) -> None:
    asked = Span(start, start + length)
    whole = aligned(asked, interval)
    assert whole.start <= asked.start
    assert whole.end >= asked.end
    assert aligned(whole, interval) == whole


def test_an_empty_span_stays_empty() -> None:
    assert aligned(Span(5, 5), Interval.D1) == Span(5, 5)


def test_a_month_that_has_begun_is_wanted_whole() -> None:
    def label(year: int, month: int, day: int) -> int:
        return int(dt.datetime(year, month, day, tzinfo=dt.UTC).timestamp())

    asked = Span(label(2024, 1, 15), label(2024, 2, 2))
    assert aligned(asked, Interval.MO1) == Span(label(2024, 1, 1), label(2024, 3, 1))


def test_a_chunk_that_continues_bars_reaches_back_over_the_last_of_them() -> None:
    known = [Covered(Span(0, 10 * DAY), Verdict.HAVE, 0), Covered(Span(10 * DAY, 20 * DAY), Verdict.EMPTY, 0)]
    ends = known_ends(known)
    assert ends == {10 * DAY}
    chunks = with_overlap([Span(10 * DAY, 12 * DAY), Span(20 * DAY, 21 * DAY)], ends, Interval.D1)
    assert chunks == [Span((10 - OVERLAP_BARS) * DAY, 12 * DAY), Span(20 * DAY, 21 * DAY)]


def test_a_plan_adds_up_its_series_and_names_each_refusal_once() -> None:
    refusal = Refusal(Span(0, 5), sentence("too old"))
    one = SeriesPlan("A", Span(0, 9), (Span(5, 7), Span(7, 9)), (refusal,), rows=10, stored_rows=3)
    other = SeriesPlan("B", Span(0, 9), (Span(5, 9),), (Refusal(Span(0, 5), sentence("too old")),), 20, 4)
    plan = Plan((one, other), seconds=6.0)
    assert (plan.requests, plan.rows, plan.stored_rows) == (3, 30, 7)
    assert [str(one.reason) for one in plan.refusals] == ["too old"]
