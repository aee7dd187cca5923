"""Which job brought what, when chunks lie over each other."""

import datetime as dt

from webapp.kernel.spans import Span
from webapp.restating.rules_origins import Origin, Write, overlay


def write(job_id: int, hour: int) -> Write:
    return Write(dt.datetime(2024, 3, 6, hour, tzinfo=dt.UTC), job_id)


def chunk(start: int, end: int, job_id: int, hour: int) -> Origin:
    return Origin(Span(start, end), write(job_id, hour), write(job_id, hour))


def test_chunks_of_one_job_that_follow_each_other_become_one_span() -> None:
    [origin] = overlay([chunk(10, 20, 1, 9), chunk(0, 10, 1, 8), chunk(20, 30, 1, 10)])
    assert (origin.span, origin.first, origin.last) == (Span(0, 30), write(1, 8), write(1, 10))


def test_a_later_job_confirms_what_an_earlier_one_brought_whatever_their_order() -> None:
    for chunks in ([chunk(0, 20, 1, 8), chunk(10, 30, 2, 9)], [chunk(10, 30, 2, 9), chunk(0, 20, 1, 8)]):
        assert overlay(chunks) == [
            chunk(0, 10, 1, 8),
            Origin(Span(10, 20), write(1, 8), write(2, 9)),
            chunk(20, 30, 2, 9),
        ]


def test_an_earlier_job_deleted_later_still_comes_first() -> None:
    deleted = Origin(Span(0, 30), write(2, 9), write(3, 10))
    assert overlay([deleted, chunk(10, 20, 1, 8)]) == [
        Origin(Span(0, 10), write(2, 9), write(3, 10)),
        Origin(Span(10, 20), write(1, 8), write(3, 10)),
        Origin(Span(20, 30), write(2, 9), write(3, 10)),
    ]


def test_a_hole_stays_a_hole() -> None:
    chunks = [chunk(0, 10, 1, 8), chunk(20, 30, 1, 8)]
    assert overlay(chunks) == chunks
    assert overlay([]) == []
