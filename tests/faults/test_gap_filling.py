"""Gaps over the whole product: found by the calendar, filled by a worker with the requests that they need, no more."""

import datetime as dt
from collections.abc import Callable

from sqlalchemy import delete

from tests.plant import Plant, succeeded
from webapp.collecting.missing import fill_gaps
from webapp.context import context
from webapp.coverage import gaps
from webapp.coverage.gaps import Cell, CoverageReport
from webapp.coverage.rules_expected import CellState
from webapp.database.transactions import reading, writing
from webapp.kernel.intervals import Interval
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span
from webapp.series import queries_coverage, queries_series
from webapp.series.tables import Bar, Coverage


def surveyed(made: Plant, job_id: int) -> tuple[CoverageReport, dict[int, Cell]]:
    """What is known of a job's series, and the cells of all years by label."""
    job = made.job(job_id)
    with made.app.app_context():
        with reading() as connection:
            row = queries_series.get(connection, job.series_id)
        assert row
        found = gaps.report(context(), row)
        return found, {cell.label: cell for year in found.years for cell in gaps.cells(found, year)}


def punch(made: Plant, series_id: int, hole: Span) -> None:
    """Forget the bars of a span and that anything is known of it."""
    with made.app.app_context(), writing() as connection:
        connection.execute(delete(Bar).where(Bar.series_id == series_id, Bar.time >= hole.start, Bar.time < hole.end))
        [around] = [one for one in queries_coverage.read(connection, series_id) if one.span.intersection(hole)]
        connection.execute(delete(Coverage).where(Coverage.series_id == series_id, Coverage.start == around.span.start))
        for rest in (Span(around.span.start, hole.start), Span(hole.end, around.span.end)):
            queries_coverage.record(connection, series_id, Covered(rest, Verdict.HAVE, around.checked_at))


def fill(made: Plant, found: CoverageReport) -> list[int]:
    with made.app.app_context():
        return fill_gaps.fill(context(), found.row)


def test_a_session_punched_out_of_minutes_comes_back_with_one_request(make_plant: Callable[..., Plant]) -> None:
    made = make_plant()
    made.worker()
    made.clock()
    [job_id] = made.submit("AAPL", interval=Interval.M1, period="max")
    assert succeeded(made.wait(job_id))
    whole = made.bars(job_id)
    found, cells = surveyed(made, job_id)
    assert found.gaps == ()
    full = [label for label, cell in cells.items() if cell.state is CellState.HAVE]
    hole = found.calendar.sessions(Span(full[-4], full[-4] + 1))[0].parts[0]
    punch(made, found.row.id, hole)

    punched, cells = surveyed(made, job_id)
    assert [one.gap.span for one in punched.gaps] == [hole]
    assert [label for label, cell in cells.items() if cell.state is CellState.MISSING] == [full[-4]]
    asked = len(made.asked("AAPL"))
    assert succeeded(made.wait(*fill(made, punched)))
    assert len(made.asked("AAPL")) == asked + 1
    assert made.bars(job_id) == whole
    assert surveyed(made, job_id)[0].gaps == ()
    assert fill(made, punched) == []


def test_a_half_day_is_complete_and_a_holiday_no_gap(make_plant: Callable[..., Plant]) -> None:
    made = make_plant()
    made.worker()
    made.clock()
    thanksgiving, half_day = dt.date(2025, 11, 27), dt.date(2025, 11, 28)
    first, last = dt.date(2025, 11, 25), dt.date(2025, 12, 2)
    [job_id] = made.submit("AAPL", source="ibkr", interval=Interval.M1, start=first, end=last)
    assert succeeded(made.wait(job_id))
    found, cells = surveyed(made, job_id)
    by_day = {dt.datetime.fromtimestamp(label, dt.UTC).date(): cell for label, cell in cells.items()}
    half = by_day[half_day]
    assert (half.state, half.rows, half.bars, half.is_short) == (CellState.HAVE, 210, 210, True)
    assert by_day[first].rows == by_day[first].bars == 390
    assert thanksgiving not in by_day
    assert found.gaps == ()
    assert fill(made, found) == []
