"""Spans against sets of seconds: the arithmetic must agree with counting."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from webapp.kernel.spans import Span, cut, subtract, total, union, within

spans = st.builds(Span, st.integers(-30, 30), st.integers(-30, 30))
lists = st.lists(spans, max_size=8)


def seconds(spans: list[Span]) -> set[int]:
    return {second for span in spans for second in range(span.start, span.end)}


def is_normal(spans: list[Span]) -> bool:
    return all(spans) and all(a.end < b.start for a, b in pairwise(spans))


@given(lists)
def test_a_union_holds_what_any_span_holds(several: list[Span]) -> None:
    assert seconds(union(several)) == seconds(several)
    assert is_normal(union(several))
    assert total(union(several)) == len(seconds(several))


@given(lists, lists)
def test_subtraction_leaves_what_is_wanted_and_not_known(wanted: list[Span], known: list[Span]) -> None:
    assert seconds(subtract(wanted, known)) == seconds(wanted) - seconds(known)
    assert is_normal(subtract(wanted, known))


@given(lists, spans)
def test_within_keeps_what_lies_in_the_frame(several: list[Span], frame: Span) -> None:
    assert seconds(within(several, frame)) == seconds(several) & seconds([frame])
    assert is_normal(within(several, frame))


@given(spans, st.integers(1, 20))
def test_cutting_loses_nothing_and_makes_no_piece_too_long(span: Span, longest: int) -> None:
    pieces = cut(span, longest)
    assert union(pieces) == union([span])
    assert all(0 < piece.seconds <= longest for piece in pieces)
    assert all(a.end == b.start for a, b in pairwise(pieces))


def test_a_span_that_ends_before_it_starts_is_empty() -> None:
    assert not Span(5, 3)
    assert Span(5, 3).seconds == 0
    assert Span(0, 4).intersection(Span(2, 9)) == Span(2, 4)
