"""When one series of an instrument is re-based, the others follow at once: divided, or their source is asked."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.world import FACTS, World, bar, good
from webapp.collecting import submit as job_services
from webapp.database.transactions import reading, writing
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.bars import Action, Bar
from webapp.kernel.intervals import DAY, HOUR, Interval
from webapp.kernel.job_states import JobState
from webapp.kernel.restatement_kinds import RestatementKind
from webapp.restating import queries_restatements
from webapp.series import queries_bars, queries_series, queries_split_waits
from webapp.sources.base import Answer, ChunkRequest

from .changing import on

EX_DATE = int(dt.datetime(2024, 3, 11, tzinfo=dt.UTC).timestamp())
SPLIT = Action("split", EX_DATE, 4.0)
MIDNIGHT = EX_DATE + 4 * HOUR  # of New York, where clocks changed on the 10th
STARTS = {
    Interval.D1: dt.date(2024, 1, 1),
    Interval.W1: dt.date(2023, 12, 4),
    Interval.MO1: dt.date(2023, 8, 1),
    Interval.H1: dt.date(2024, 2, 26),
}


def at(world: World, text: str) -> None:
    world.clock.at = dt.datetime.fromisoformat(text).replace(hour=23, tzinfo=dt.UTC)


def as_before(request: ChunkRequest) -> Answer:
    return good(request)


def moved(request: ChunkRequest) -> Answer:
    full = good(request)
    told = [SPLIT] if request.span.start <= EX_DATE < request.span.end else []
    return replace(full, bars=[on(each, 4.0) for each in full.bars], actions=told)


def late(request: ChunkRequest) -> Answer:
    edge = EX_DATE if request.interval.is_dated else MIDNIGHT
    bars = [on(each, 4.0 if each[0] >= edge else 1.0) for each in good(request).bars]
    return replace(moved(request), bars=bars)


def collect(world: World, interval: Interval, answer: Callable[[ChunkRequest], Answer] = as_before) -> int:
    def answer_in_time(request: ChunkRequest) -> Answer:
        full = answer(request)
        over = good(request, world.clock())
        return replace(full, bars=full.bars[: len(over.bars)], known_until=over.known_until)

    world.source.replies = [answer_in_time] * 60
    [job_id] = world.submit(interval=interval, start=STARTS[interval])
    job = world.work(job_id)
    assert job.state is JobState.SUCCEEDED, str(job.message)
    return job.series_id


def asked(world: World) -> list[JobRow]:
    """The jobs that an update has made besides itself."""
    _, *rechecks = world.queue.sent
    return [job_services.find(job_id) for job_id in rechecks]


def stored(series_id: int) -> list[Bar]:
    with reading() as connection:
        return queries_bars.read(connection, series_id)


def quartered(series_id: int, edge: int | None = None) -> bool:
    """Whether the bars (before an edge) are a quarter of what they were."""
    bars = [each for each in stored(series_id) if edge is None or each[0] < edge]
    return [each[4] for each in bars] == pytest.approx([bar(each[0])[4] / 4 for each in bars])


def work_on_all(world: World, answer: Callable[[ChunkRequest], Answer] = moved) -> None:
    """Do the jobs that were made, and those that they make."""
    done: set[int] = set()
    while ids := [job_id for job_id in world.queue.sent if job_id not in done]:
        world.source.replies = [answer] * 60
        assert world.work(ids[0]).state is JobState.SUCCEEDED
        done.add(ids[0])


def test_weeks_months_and_hours_are_asked_at_once_and_follow_the_days(world: World) -> None:
    at(world, "2024-03-08")
    ids = {interval: collect(world, interval) for interval in STARTS}
    at(world, "2024-03-13")
    world.queue.sent.clear()
    collect(world, Interval.D1, moved)
    assert [job.interval for job in asked(world)] == [Interval.W1, Interval.MO1, Interval.H1]
    work_on_all(world)
    for interval, series_id in ids.items():
        assert quartered(series_id), interval
    assert len(asked(world)) == 3  # each once
    for interval in STARTS:
        collect(world, interval, moved)
        assert quartered(ids[interval]), interval


def moved_in_silence(request: ChunkRequest) -> Answer:
    return replace(moved(request), actions=[])


def test_where_no_split_is_told_siblings_are_divided_at_once(world: World) -> None:
    at(world, "2024-03-08")
    ids = {interval: collect(world, interval) for interval in STARTS}
    at(world, "2024-03-13")
    world.queue.sent.clear()
    collect(world, Interval.D1, moved_in_silence)
    for interval, series_id in ids.items():
        assert quartered(series_id), interval
    with reading() as connection:
        [hours] = queries_restatements.page(connection, ids[Interval.H1])
    assert (hours.kind, hours.ratio) == (RestatementKind.REBASED, 4.0)
    assert "as another series of the same instrument was" in str(hours.message)
    assert asked(world) == []  # nobody had to be asked
    for interval in STARTS:
        collect(world, interval, moved_in_silence)
        assert quartered(ids[interval]), interval


def test_a_sibling_that_has_followed_already_is_not_divided_twice(world: World) -> None:
    at(world, "2024-03-08")
    daily, hours = (collect(world, interval) for interval in (Interval.D1, Interval.H1))
    at(world, "2024-03-13")
    collect(world, Interval.H1, moved)
    assert quartered(hours)
    collect(world, Interval.D1, moved)
    assert quartered(daily)
    assert quartered(hours)


@pytest.mark.parametrize("first", [Interval.D1, Interval.H1])
def test_all_wait_together_and_follow_together(world: World, first: Interval) -> None:
    at(world, "2024-03-08")
    ids = {interval: collect(world, interval) for interval in STARTS}
    at(world, "2024-03-14")
    collect(world, first, late)
    with reading() as connection:
        assert {len(queries_split_waits.read(connection, series_id)) for series_id in ids.values()} == {1}
    at(world, "2024-03-25")
    collect(world, first, moved)
    for interval, series_id in ids.items():
        assert quartered(series_id, None if interval.is_dated else MIDNIGHT), interval
    with reading() as connection:
        assert [queries_split_waits.read(connection, series_id) for series_id in ids.values()] == [[]] * len(ids)


def test_a_sibling_without_a_day_in_common_is_asked_about(world: World) -> None:
    at(world, "2024-03-08")
    collect(world, Interval.D1)
    world.source.replies = []
    [job_id] = world.submit(interval=Interval.H1, start=dt.date(2023, 6, 1), end=dt.date(2023, 6, 5))
    hours = world.work(job_id).series_id
    at(world, "2024-03-13")
    world.queue.sent.clear()
    collect(world, Interval.D1, moved)
    [job] = asked(world)
    assert job.series_id == hours
    world.source.replies = [moved] * 9
    assert world.work(job.id).state is JobState.SUCCEEDED
    assert quartered(hours)


def test_the_other_source_is_asked_at_once_and_only_once(world: World) -> None:
    at(world, "2024-03-08")
    collect(world, Interval.D1)
    with writing() as connection:
        other = queries_series.ensure(connection, "ibkr", "AAPL.STK.SMART.USD", Interval.D1, "")
        row = queries_series.get(connection, other)
        assert row
        queries_series.update_facts(connection, row.instrument_id, FACTS, world.clock())
        bars = [bar(EX_DATE - count * DAY) for count in range(20, 0, -1)]
        queries_series.extend_range(
            connection, other, queries_bars.upsert(connection, other, bars), bars[0][0], bars[-1][0], world.clock()
        )
    at(world, "2024-03-13")
    world.queue.sent.clear()
    collect(world, Interval.D1, moved)
    [job] = asked(world)
    assert (job.series_id, job.source, job.refresh, job.span.end) == (other, "ibkr", True, EX_DATE)
    at(world, "2024-03-14")
    world.queue.sent.clear()
    collect(world, Interval.D1, moved)
    assert asked(world) == []
