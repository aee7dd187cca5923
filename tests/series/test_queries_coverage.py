from itertools import pairwise

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.properties import examples
from webapp.database.transactions import writing
from webapp.kernel.intervals import Interval
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span
from webapp.series import queries_coverage, queries_series

told = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 8), st.sampled_from(Verdict), st.integers(1, 3)), max_size=8
)


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(told)
def test_coverage_says_of_every_second_what_was_told_last(
    app: Flask, told: list[tuple[int, int, Verdict, int]]
) -> None:
    expected: dict[int, Verdict] = {}
    with writing() as connection:
        series_id = queries_series.ensure(connection, "yahoo", "A", Interval.D1, "")
        connection.exec_driver_sql("DELETE FROM coverage")
        for start, length, verdict, when in told:
            queries_coverage.record(connection, series_id, Covered(Span(start, start + length), verdict, when))
            expected |= dict.fromkeys(range(start, start + length), verdict)
        coverage = queries_coverage.read(connection, series_id)
    verdicts = {second: part.verdict for part in coverage for second in range(part.span.start, part.span.end)}
    assert verdicts == expected
    assert sum(part.span.seconds for part in coverage) == len(expected)  # disjoint
    for before, after in pairwise(coverage):
        assert not (before.span.end == after.span.start and before.verdict is after.verdict is Verdict.HAVE)


def test_what_is_told_of_one_series_is_not_told_of_another(app: Flask) -> None:
    with writing() as connection:
        first = queries_series.ensure(connection, "yahoo", "A", Interval.D1, "")
        second = queries_series.ensure(connection, "yahoo", "A", Interval.H1, "")
        queries_coverage.record(connection, first, Covered(Span(0, 10), Verdict.HAVE, 1))
        assert queries_coverage.read(connection, second) == []


def test_many_spans_with_bars_are_added_as_one_by_one(app: Flask) -> None:
    spans = [Span(start, start + 5) for start in range(0, 700, 7)]
    with writing() as connection:
        first, second = (queries_series.ensure(connection, "own", name, Interval.D1, "") for name in "AB")
        for series_id in (first, second):
            queries_coverage.record(connection, series_id, Covered(Span(3, 30), Verdict.EMPTY, 1))
            queries_coverage.record(connection, series_id, Covered(Span(400, 500), Verdict.HAVE, 1))
        for span in spans:
            queries_coverage.record(connection, first, Covered(span, Verdict.HAVE, 2))
        queries_coverage.record_bars(connection, second, spans, 2)
        one_by_one, at_once = queries_coverage.read(connection, first), queries_coverage.read(connection, second)
    assert [(part.span, part.verdict) for part in at_once] == [(part.span, part.verdict) for part in one_by_one]


@pytest.mark.usefixtures("app")
def test_a_series_is_made_once() -> None:
    with writing() as connection:
        ids = {queries_series.ensure(connection, "yahoo", "A", Interval.D1, variant) for variant in ("", "", "prepost")}
    assert len(ids) == 2
