"""Answers that cannot be true: each is refused with one sentence, nothing of it is stored, and no job asks for ever."""

import dataclasses
import datetime as dt
import math
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import InternalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from tests.world import FACTS, World, days, good
from webapp.database.transactions import reading, writing
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.bars import Bar
from webapp.kernel.instants import datetime_of
from webapp.kernel.intervals import DAY, HOUR, Interval
from webapp.kernel.job_states import ErrorKind, JobState
from webapp.series import queries_bars, queries_coverage, queries_series
from webapp.sources.base import Answer, ChunkRequest

JANUARY: dict[str, Any] = {"start": dt.date(2024, 1, 1), "end": dt.date(2024, 1, 31)}
SPAN = days(dt.date(2024, 1, 1), dt.date(2024, 1, 31))
ATTEMPTS = 3
Spoil = Callable[[Answer], Answer]


@pytest.fixture
def world(world: World) -> World:
    """A world in which no wait is so short that a worker waits for its end."""
    rules = dataclasses.replace(world.context.rules, short_wait=0.0)
    world.context = dataclasses.replace(world.context, rules=rules)
    return world


def each_bar(change: Callable[[Bar], Any]) -> Spoil:
    return lambda answer: dataclasses.replace(answer, bars=[change(bar) for bar in answer.bars])


def last_bar(column: int, value: object) -> Spoil:
    def spoil(answer: Answer) -> Answer:
        *bars, last = answer.bars
        wrong: Any = (*last[:column], value, *last[column + 1 :])
        return dataclasses.replace(answer, bars=[*bars, wrong])

    return spoil


def backwards(answer: Answer) -> Answer:
    return dataclasses.replace(answer, bars=list(reversed(answer.bars)))


def bad_zone(answer: Answer) -> Answer:
    return dataclasses.replace(answer, facts=dataclasses.replace(FACTS, timezone="Mars/Olympus"))


WRONG: dict[str, tuple[Spoil, str]] = {
    "outside the span": (each_bar(lambda bar: (bar[0] + 10 * DAY, *bar[1:])), "2024-02-10 lies outside the span"),
    "labels at 05:00": (
        each_bar(lambda bar: (bar[0] + 5 * HOUR, *bar[1:])),
        "no 1d bar begins at 2024-01-01 05:00:00 UTC",
    ),
    "NaN": (last_bar(4, math.nan), "nan cannot be the close of a bar (2024-01-31)"),
    "None": (last_bar(5, None), "None cannot be the volume of a bar (2024-01-31)"),
    "text as a price": (last_bar(1, "12.5"), "'12.5' cannot be the open of a bar (2024-01-31)"),
    "a tuple too short": (each_bar(lambda bar: bar[:6]), "does not have the 8 values"),
    "a bad zone": (bad_zone, "no time zone “Mars/Olympus”"),
    "descending": (backwards, "2024-01-30 comes twice, or after a later one"),
    "one bar twice": (
        lambda answer: dataclasses.replace(answer, bars=[*answer.bars[:1], *answer.bars]),
        "2024-01-01 comes twice",
    ),
    "a time to come": (
        lambda answer: dataclasses.replace(answer, known_until=SPAN.end + 1),
        "it vouches for more than it was asked for",
    ),
}


def work_until_over(world: World, job_id: int) -> list[JobRow]:
    """The job after each delivery; a job that goes on asking for ever fails here."""
    rows: list[JobRow] = []
    while not rows or rows[-1].state in {JobState.PENDING, JobState.WAITING}:
        assert len(rows) <= ATTEMPTS, "the source is asked for ever"
        world.clock.advance(600)
        rows.append(world.work(job_id))
    return rows


@pytest.mark.parametrize("name", WRONG)
def test_nonsense_is_refused_with_a_sentence_and_ends_after_its_attempts(world: World, name: str) -> None:
    spoil, words = WRONG[name]
    [job_id] = world.submit(**JANUARY)
    world.source.replies = [lambda request: spoil(good(request))] * (ATTEMPTS + 1)
    job = work_until_over(world, job_id)[-1]
    assert (job.state, job.error_kind) == (JobState.FAILED, ErrorKind.NONSENSE)
    assert str(job.message).startswith("The source answered nonsense: ")
    assert words in str(job.message)
    assert "Nothing of the chunk from 2024-01-01 to 2024-01-31 was stored." in str(job.hint)
    assert len(world.source.asked) == ATTEMPTS
    with reading() as connection:
        assert queries_bars.read(connection, job.series_id) == []
        assert queries_coverage.read(connection, job.series_id) == []
        row = queries_series.get(connection, job.series_id)
    assert row is not None
    assert row.facts.timezone is None  # nothing that came with it is believed


def test_after_nonsense_a_true_answer_is_taken(world: World) -> None:
    [job_id] = world.submit(**JANUARY)
    world.source.replies = [lambda request: backwards(good(request))]
    job = work_until_over(world, job_id)[-1]
    assert (job.state, job.rows_written) == (JobState.SUCCEEDED, 31)


def test_what_came_before_the_nonsense_stays_and_the_chunk_is_named(world: World) -> None:
    [job_id] = world.submit(interval=Interval.M1, start=dt.date(2024, 2, 10), end=dt.date(2024, 2, 25))
    world.source.replies = [good, *[lambda request: backwards(good(request))] * ATTEMPTS]
    job = work_until_over(world, job_id)[-1]
    assert (job.state, job.error_kind, job.progress.done) == (JobState.FAILED, ErrorKind.NONSENSE, 1)
    refused = world.source.asked[-1].span
    assert f"from {datetime_of(refused.start):%Y-%m-%d %H:%M:%S} UTC to" in str(job.hint)
    with reading() as connection:
        assert len(queries_bars.read(connection, job.series_id)) == job.rows_written > 0
        assert queries_bars.read(connection, job.series_id, refused) == []


def test_an_answer_to_a_repeated_question_is_checked_too(world: World) -> None:
    def blank(request: ChunkRequest) -> Answer:
        return dataclasses.replace(good(request), blank_rows=2)

    [job_id] = world.submit(**JANUARY)
    world.source.replies = [blank, lambda request: backwards(good(request))]
    rows = work_until_over(world, job_id)
    assert rows[-1].state is JobState.SUCCEEDED
    assert len(world.source.asked) == 3


def test_a_row_that_the_database_refuses_is_a_defect_and_ends(world: World) -> None:
    [job_id] = world.submit(**JANUARY)
    with writing() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER refuse BEFORE INSERT ON bar BEGIN SELECT RAISE(ABORT, 'NOT NULL constraint failed'); END"
        )
    job = work_until_over(world, job_id)[-1]
    assert (job.state, job.error_kind) == (JobState.FAILED, ErrorKind.CRASHED)
    assert "IntegrityError" in str(job.message)
    assert len(world.source.asked) == ATTEMPTS
    with reading() as connection:
        assert queries_bars.read(connection, job.series_id) == []


@pytest.mark.parametrize("failure", [InternalError("read-only", None, Exception()), PoolTimeoutError("no connection")])
def test_a_database_that_cannot_be_written_now_is_waited_for(world: World, failure: Exception) -> None:
    [job_id] = world.submit(**JANUARY)
    world.source.replies = [failure]
    row = world.work(job_id)
    assert (row.state, row.error_kind) == (JobState.WAITING, ErrorKind.UNAVAILABLE)
    assert work_until_over(world, job_id)[-1].state is JobState.SUCCEEDED
