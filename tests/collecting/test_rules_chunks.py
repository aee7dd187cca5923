from webapp.collecting.rules_chunks import MOST_LOOKS, cut_chunks
from webapp.kernel.spans import Span, cut


def by_hundreds(span: Span) -> list[Span]:
    return cut(span, 100)


def test_without_looks_each_hole_is_cut_for_itself() -> None:
    holes = [Span(0, 10), Span(20, 150)]
    assert cut_chunks(holes, [], by_hundreds) == [Span(0, 10), Span(20, 120), Span(120, 150)]


def test_looks_that_one_request_serves_are_made_with_one() -> None:
    looks = [Span(start, start + 1) for start in (0, 40, 99, 250, 340)]
    assert cut_chunks(looks, looks, by_hundreds) == [Span(0, 100), Span(250, 341)]


def test_a_look_goes_with_what_is_missing_anyway() -> None:
    looks = [Span(5, 6)]
    assert cut_chunks([*looks, Span(50, 60)], looks, by_hundreds) == [Span(5, 60)]


def test_what_is_missing_is_not_joined_over_what_is_known() -> None:
    holes = [Span(0, 10), Span(20, 30)]
    assert cut_chunks(holes, [Span(500, 501)], by_hundreds) == holes


def test_a_job_makes_so_many_looks_at_most_and_counts_what_it_has_done() -> None:
    looks = [Span(start, start + 1) for start in range(0, 2000, 200)]
    assert cut_chunks(looks, looks, by_hundreds) == looks[:MOST_LOOKS]
    assert cut_chunks(looks, looks, by_hundreds, done=MOST_LOOKS - 1) == looks[:1]
    assert cut_chunks(looks, looks, by_hundreds, done=20) == []


def test_of_a_long_look_only_its_beginning_is_asked_for() -> None:
    assert cut_chunks([Span(0, 1000)], [Span(0, 1000)], by_hundreds) == by_hundreds(Span(0, 500))
