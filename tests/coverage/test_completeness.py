import datetime as dt

import pytest

from tests.world import World, days
from webapp.collecting.submit import find
from webapp.coverage import calendar_files, calendars, completeness
from webapp.coverage import queries_completeness as store
from webapp.coverage.calendar_files import CalendarError
from webapp.coverage.queries_completeness import Figures
from webapp.coverage.rules_freshness import sessions_behind
from webapp.database.transactions import reading, writing
from webapp.errors import sentence
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import ErrorKind, JobState
from webapp.series import queries_series
from webapp.series.queries_series import SeriesRow
from webapp.sources.base import SourceError


def figures_of(series_id: int) -> Figures | None:
    with reading() as connection:
        return store.read(connection, [series_id]).get(series_id)


def row_of(job_id: int) -> SeriesRow:
    with reading() as connection:
        row = queries_series.get(connection, find(job_id).series_id)
    assert row
    return row


def test_a_series_is_counted_when_its_job_is_over(world: World) -> None:
    # The clock stands at Wednesday 6 March 2024, 12:00 UTC: Tuesday is the last session that has closed.
    job = world.work(world.submit(start=dt.date(2024, 2, 1), end=dt.date(2024, 3, 5))[0])
    counted = figures_of(job.series_id)
    assert counted
    assert (counted.sessions, counted.missing, counted.completeness) == (23, 0, 1.0)
    now = world.clock.at.timestamp()
    assert sessions_behind(counted.closings, now) == 0
    at = dt.datetime.fromtimestamp(counted.closings[0], dt.UTC)
    assert at.date() == dt.date(2024, 3, 6)
    assert 21 <= at.hour + at.minute / 60 < 22  # New York closes at 21:00 UTC in winter, and bars settle
    assert sessions_behind(counted.closings, now + 5 * 86_400) == 3  # Wednesday, Thursday, Friday


def test_a_gap_takes_away_from_completeness(world: World) -> None:
    world.work(world.submit(start=dt.date(2024, 2, 1), end=dt.date(2024, 2, 9))[0])
    job = world.work(world.submit(start=dt.date(2024, 2, 20), end=dt.date(2024, 3, 1))[0])
    counted = figures_of(job.series_id)
    assert counted
    assert (counted.sessions, counted.missing) == (21, 5)  # 12 to 16 February; Monday 19 was Presidents' Day
    assert counted.completeness == pytest.approx(1 - 5 / 21)
    assert sessions_behind(counted.closings, world.clock.at.timestamp()) == 2  # 4 and 5 March


def test_what_was_never_counted_is_counted_by_the_clock_and_only_when_due(world: World) -> None:
    job = world.work(world.submit(start=dt.date(2024, 2, 1))[0])
    row = row_of(job.id)
    with writing() as connection:
        store.forget(connection, row.instrument_id)
    assert figures_of(row.id) is None
    assert completeness.catch_up(world.context) == 1
    assert figures_of(row.id)
    assert completeness.catch_up(world.context) == 0
    world.clock.advance(86_400)
    assert completeness.catch_up(world.context) == 1


def test_another_calendar_makes_it_be_counted_anew(world: World) -> None:
    job = world.work(world.submit(start=dt.date(2024, 2, 1))[0])
    before = figures_of(job.series_id)
    calendars.choose(row_of(job.id).instrument_id, "24/7")
    assert figures_of(job.series_id) is None
    completeness.catch_up(world.context)
    after = figures_of(job.series_id)
    assert before
    assert after
    assert after.sessions
    assert before.sessions
    assert after.sessions > before.sessions


def test_without_its_calendar_a_series_is_neither_complete_nor_fresh(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise CalendarError(sentence("broken"))

    job = world.work(world.submit(start=dt.date(2024, 2, 1))[0])
    monkeypatch.setattr(calendar_files, "rows", fail)
    counted = completeness.count(world.context, row_of(job.id))
    assert (counted.sessions, counted.missing, counted.completeness, counted.closings) == (None, None, None, [])
    assert counted.recount_at == world.clock.at + dt.timedelta(hours=1)


def test_a_job_that_fails_shows_as_missing_sessions(world: World) -> None:
    world.work(world.submit(start=dt.date(2024, 2, 1), end=dt.date(2024, 2, 9))[0])
    world.source.replies = [SourceError(ErrorKind.BAD_REQUEST, sentence("no"))]
    job = world.work(world.submit(start=dt.date(2024, 2, 12), end=dt.date(2024, 2, 16))[0])
    assert job.state is JobState.FAILED
    counted = figures_of(job.series_id)
    assert counted
    assert counted.missing == 5


def test_weeks_and_small_bars_close_when_their_last_part_has(world: World) -> None:
    for interval, last in ((Interval.W1, dt.date(2024, 2, 29)), (Interval.H1, dt.date(2024, 3, 5))):
        job = world.work(world.submit("MSFT", interval=interval, start=dt.date(2024, 2, 5), end=last)[0])
        counted = figures_of(job.series_id)
        assert counted
        assert counted.closings == sorted(counted.closings)
        assert len(counted.closings) == completeness.MOST_BEHIND + 1
        assert sessions_behind(counted.closings, days(last, last).start) == 0
