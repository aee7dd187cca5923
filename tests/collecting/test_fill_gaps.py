"""A hole in a year of minutes is found and filled with one request; holidays and half days are what they are."""

import dataclasses
import datetime as dt
from collections import Counter

import pytest

from tests.world import FACTS, World, bar, days
from webapp.collecting.missing import fill_gaps
from webapp.coverage import calendars, gaps
from webapp.coverage.calendars import Calendar
from webapp.coverage.rules_expected import CellState
from webapp.database.transactions import reading, writing
from webapp.errors import InvalidRequestError, sentence
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, HOUR, MINUTE, Interval
from webapp.kernel.job_states import ErrorKind, JobState
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span
from webapp.series import queries_bars, queries_coverage, queries_series
from webapp.series.queries_series import SeriesRow
from webapp.sources.base import Answer, SourceError

YEAR = days(dt.date(2023, 3, 1), dt.date(2024, 3, 1))
HOLE = dt.date(2024, 2, 20)  # the day after Presidents' Day, which is a Monday
BITCOIN = InstrumentFacts(kind="CRYPTOCURRENCY", timezone="UTC", exchange="CCC", session_open=0, session_close=DAY)


def label(day: dt.date) -> int:
    return days(day, day).start


def found(series_id: int) -> SeriesRow:
    with reading() as connection:
        row = queries_series.get(connection, series_id)
    assert row
    return row


def make(interval: Interval, known: list[tuple[Span, Verdict]], facts: InstrumentFacts = FACTS) -> SeriesRow:
    """A series of which so much is known, without bars."""
    now = dt.datetime(2024, 3, 2, tzinfo=dt.UTC)
    with writing() as connection:
        series_id = queries_series.ensure(connection, "yahoo", "AAPL", interval, "")
        row = queries_series.get(connection, series_id)
        assert row
        queries_series.update_facts(connection, row.instrument_id, dataclasses.replace(facts, first_trade=None), now)
        for span, verdict in known:
            queries_coverage.record(connection, series_id, Covered(span, verdict, int(now.timestamp())))
    return found(series_id)


def with_minutes(row: SeriesRow, span: Span, *without: dt.date) -> None:
    sessions = Calendar("XNYS", FACTS).sessions(span)
    times = (
        time
        for one in sessions
        if one.label not in {label(day) for day in without}
        for part in one.parts
        for time in range(part.start, part.end, MINUTE)
    )
    with writing() as connection:
        queries_bars.upsert(connection, row.id, [bar(time) for time in times])


def states(world: World, row: SeriesRow, year: int) -> dict[int, CellState]:
    return {cell.label: cell.state for cell in gaps.cells(gaps.report(world.context, row), year)}


def punched() -> SeriesRow:
    """A year of minutes of which one session is unknown and missing."""
    [hole] = Calendar("XNYS", FACTS).sessions(days(HOLE, HOLE))
    start, end = hole.parts[0].start, hole.parts[0].end
    known = [(Span(YEAR.start, start), Verdict.HAVE), (Span(end, YEAR.end), Verdict.HAVE)]
    row = make(Interval.M1, known)
    with_minutes(row, YEAR, HOLE)
    return row


def test_a_session_missing_in_a_year_of_minutes_is_found_drawn_and_filled_with_one_request(world: World) -> None:
    row = punched()
    [gap] = gaps.report(world.context, row).fillable
    assert (gap.sessions, gap.span.seconds) == (1, 390 * MINUTE)
    drawn = states(world, row, 2024)
    assert [day for day, state in drawn.items() if state is CellState.MISSING] == [label(HOLE)]
    assert label(dt.date(2024, 2, 19)) not in drawn
    [job_id] = fill_gaps.fill(world.context, row)
    assert world.work(job_id).state is JobState.SUCCEEDED
    assert len(world.source.asked) == 1
    assert gaps.report(world.context, row).gaps == ()
    assert states(world, row, 2024)[label(HOLE)] is CellState.HAVE
    assert fill_gaps.fill(world.context, row) == []


def test_a_half_day_is_complete_with_its_210_minutes(world: World) -> None:
    cells = {cell.label: cell for cell in gaps.cells(gaps.report(world.context, punched()), 2023)}
    half, full = cells[label(dt.date(2023, 7, 3))], cells[label(dt.date(2023, 7, 5))]
    assert (half.state, half.rows, half.bars, half.is_short) == (CellState.HAVE, 210, 210, True)
    assert (full.state, full.rows, full.bars, full.is_short) == (CellState.HAVE, 390, 390, False)
    assert label(dt.date(2023, 7, 4)) not in cells


AROUND_A_HOLIDAY = [
    (days(dt.date(2024, 1, 2), dt.date(2024, 2, 15)), Verdict.HAVE),
    (days(dt.date(2024, 2, 17), dt.date(2024, 2, 18)), Verdict.HAVE),
    (days(dt.date(2024, 2, 21), dt.date(2024, 2, 28)), Verdict.HAVE),
]
HOLIDAY = days(dt.date(2024, 2, 19), dt.date(2024, 2, 19))


def test_a_holiday_between_gaps_is_no_gap_and_asked_once_at_most(world: World) -> None:
    row = make(Interval.D1, AROUND_A_HOLIDAY)
    spans = [gap.span for gap in gaps.report(world.context, row).fillable]
    assert spans == [days(HOLE, HOLE), days(dt.date(2024, 2, 16), dt.date(2024, 2, 16))]
    [job_id] = fill_gaps.fill(world.context, row)
    world.work(job_id)
    assert len(world.source.asked) == 2
    assert gaps.report(world.context, row).gaps == ()
    assert fill_gaps.fill(world.context, row) == []


def test_a_holiday_that_was_answered_empty_is_not_asked_again_for_a_gap_beside_it(world: World) -> None:
    row = make(Interval.D1, AROUND_A_HOLIDAY)
    with writing() as connection:  # so soon after it that an update would ask once more
        queries_coverage.record(connection, row.id, Covered(HOLIDAY, Verdict.EMPTY, HOLIDAY.end + HOUR))
    ids = fill_gaps.fill(world.context, row)
    for job_id in ids:
        world.work(job_id)
    assert len(ids) == len(world.source.asked) == 2
    with reading() as connection:
        [empty] = [one for one in queries_coverage.read(connection, row.id) if one.verdict is Verdict.EMPTY]
    assert (empty.span, empty.checked_at) == (HOLIDAY, HOLIDAY.end + HOUR)


def test_gaps_with_nothing_unknown_between_them_share_a_job(world: World) -> None:
    known = [
        (days(dt.date(2024, 1, 2), dt.date(2024, 1, 8)), Verdict.HAVE),
        (days(dt.date(2024, 1, 10), dt.date(2024, 1, 15)), Verdict.HAVE),
        (days(dt.date(2024, 1, 17), dt.date(2024, 1, 31)), Verdict.HAVE),
    ]
    row = make(Interval.D1, known)
    [job_id] = fill_gaps.fill(world.context, row)
    assert fill_gaps.fill(world.context, row) == [job_id]
    world.work(job_id)
    assert [request.span.end for request in world.source.asked] == [
        label(dt.date(2024, 1, 10)),
        label(dt.date(2024, 1, 17)),
    ]


def test_a_failed_collection_leaves_failed_sessions_that_can_be_filled(world: World) -> None:
    world.source.replies = [SourceError(ErrorKind.BAD_REQUEST, sentence("no"))]
    [job_id] = world.submit(start=dt.date(2024, 1, 2), end=dt.date(2024, 1, 5))
    job = world.work(job_id)
    assert job.state is JobState.FAILED
    row = make(Interval.D1, [])
    assert Counter(states(world, row, 2024).values())[CellState.FAILED] == 4
    [gap] = gaps.report(world.context, row).fillable
    assert (gap.sessions, gap.has_failed) == (4, True)


def test_an_empty_answer_is_confirmed_and_no_gap(world: World) -> None:
    world.source.replies = [lambda request: Answer([], [], FACTS, request.span.end)]
    world.work(world.submit(start=dt.date(2024, 1, 4), end=dt.date(2024, 1, 5))[0])
    row = make(Interval.D1, [])
    assert gaps.report(world.context, row).gaps == ()
    assert Counter(states(world, row, 2024).values())[CellState.EMPTY] == 2


def test_what_is_not_over_is_not_missing(world: World) -> None:
    row = make(Interval.D1, [(days(dt.date(2024, 3, 1), dt.date(2024, 3, 5)), Verdict.HAVE)])
    drawn = states(world, row, 2024)
    assert drawn[label(dt.date(2024, 3, 6))] is CellState.NOT_YET
    assert drawn[label(dt.date(2024, 2, 1))] is CellState.NOT_ASKED


def test_a_session_that_was_begun_is_expected_whole(world: World) -> None:
    begun = label(dt.date(2024, 3, 4)) + 17 * HOUR
    row = make(Interval.M5, [(Span(label(dt.date(2024, 3, 1)), begun), Verdict.HAVE)])
    [gap] = gaps.report(world.context, row).fillable
    assert gap.span == Span(begun, label(dt.date(2024, 3, 4)) + 21 * HOUR)


def test_what_the_source_no_longer_keeps_is_told_and_not_asked(world: World) -> None:
    [hole] = Calendar("XNYS", FACTS).sessions(days(dt.date(2023, 6, 1), dt.date(2023, 6, 1)))
    known = [(Span(YEAR.start, hole.parts[0].start), Verdict.HAVE), (Span(hole.parts[0].end, YEAR.end), Verdict.HAVE)]
    row = make(Interval.M1, known)
    [gap] = gaps.report(world.context, row).gaps
    assert "Yahoo keeps 1m bars for 29 days only" in str(gap.refusal)
    assert fill_gaps.fill(world.context, row) == []


def test_coins_trade_every_day_and_currencies_on_weekdays() -> None:
    week = days(dt.date(2024, 1, 1), dt.date(2024, 1, 7))
    assert [one.seconds for one in Calendar("24/7", BITCOIN).sessions(week)] == [DAY] * 7
    euro = InstrumentFacts(kind="CURRENCY", timezone="Europe/London", session_open=0, session_close=DAY)
    assert [one.parts[0].start for one in Calendar("24/5", euro).sessions(week)] == [
        week.start + n * DAY for n in range(5)
    ]
    at_ibkr = InstrumentFacts(kind="CURRENCY", timezone="America/New_York", session_close=17 * HOUR)
    first = Calendar("24/5", at_ibkr).sessions(week)[0]
    assert first.parts == (Span(week.start - 2 * HOUR, week.start + 22 * HOUR),)


@pytest.mark.parametrize(
    ("code", "zone", "parts", "seconds"),
    [
        ("XTKS", "Asia/Tokyo", 2, 5 * HOUR),
        ("XHKG", "Asia/Hong_Kong", 2, 5.5 * HOUR),
        ("CMES", "America/Chicago", 1, 23 * HOUR),
    ],
)
def test_lunch_breaks_and_daily_halts_are_left_out(code: str, zone: str, parts: int, seconds: float) -> None:
    [day] = Calendar(code, InstrumentFacts(timezone=zone)).sessions(days(dt.date(2024, 1, 10), dt.date(2024, 1, 10)))
    assert (len(day.parts), day.seconds) == (parts, seconds)


def test_a_bar_that_begins_in_a_lunch_break_counts(world: World) -> None:
    tokyo = InstrumentFacts(exchange="Tokyo", timezone="Asia/Tokyo", session_open=9 * HOUR, session_close=15 * HOUR)
    row = make(Interval.H1, [(days(dt.date(2024, 1, 10), dt.date(2024, 1, 12)), Verdict.HAVE)], tokyo)
    with writing() as connection:
        queries_bars.upsert(connection, row.id, [bar(label(dt.date(2024, 1, 11)) + hour * HOUR) for hour in range(6)])
    [cell] = [one for one in gaps.cells(gaps.report(world.context, row), 2024) if one.state is CellState.HAVE]
    assert (cell.label, cell.rows, cell.bars) == (label(dt.date(2024, 1, 11)), 6, 6)  # 09, 10, 11, 12, 13, 14


def test_a_person_may_choose_another_calendar(world: World) -> None:
    row = make(Interval.D1, [(days(dt.date(2024, 1, 2), dt.date(2024, 1, 31)), Verdict.HAVE)])
    calendars.choose(row.instrument_id, "XPAR")
    assert calendars.calendar(row.instrument_id, row.facts) == Calendar("XPAR", row.facts, is_chosen=True)
    assert label(dt.date(2024, 1, 15)) in states(world, row, 2024)  # a holiday in New York
    calendars.choose(row.instrument_id, "")
    assert calendars.calendar(row.instrument_id, row.facts).code == "XNYS"
    with pytest.raises(InvalidRequestError, match="There is no calendar"):
        calendars.choose(row.instrument_id, "XXXX")
