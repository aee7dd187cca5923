import dataclasses
import datetime as dt
from typing import Any

import pytest
from sqlalchemy import event

from tests import commands
from tests.world import FACTS, World, bar, days, good
from webapp.collecting import submit as job_services
from webapp.collecting.plan import make_plan
from webapp.collecting.rescue import rescue_lost
from webapp.collecting.validation import validate_request
from webapp.database.transactions import reading
from webapp.errors import sentence
from webapp.extensions import db
from webapp.inquiring import inquiries
from webapp.jobs import queries_events
from webapp.jobs.records import record
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.job_states import ErrorKind, JobState
from webapp.kernel.plans import Verdict
from webapp.kernel.requests import CollectRequest
from webapp.series import queries_bars, queries_coverage, queries_series
from webapp.sources.base import Answer, ChunkRequest, SourceError

JANUARY: dict[str, Any] = {"start": dt.date(2024, 1, 1), "end": dt.date(2024, 1, 31)}
SPAN = days(dt.date(2024, 1, 1), dt.date(2024, 1, 31))


def error(kind: ErrorKind = ErrorKind.UNAVAILABLE, after: float | None = 30.0) -> SourceError:
    return SourceError(kind, sentence("no"), retry_after=after)


def stored_starts(world: World, job_id: int) -> list[int]:
    with reading() as connection:
        return [row[0] for row in queries_bars.read(connection, job_services.find(job_id).series_id)]


def kinds(job_id: int) -> list[str]:
    with reading() as connection:
        return [event.kind for event in reversed(queries_events.read(connection, job_id))]


def test_a_collected_job_has_succeeded_with_its_bars_coverage_and_log(world: World) -> None:
    [job_id] = world.submit(**JANUARY)
    job = world.work(job_id)
    assert job.state is JobState.SUCCEEDED
    assert job.progress.percent == 100
    assert job.rows_written == 31
    assert stored_starts(world, job_id) == list(range(SPAN.start, SPAN.end, DAY))
    with reading() as connection:
        coverage = queries_coverage.read(connection, job.series_id)
        row = queries_series.get(connection, job.series_id)
    assert [(c.span, c.verdict) for c in coverage] == [(SPAN, Verdict.HAVE)]
    assert row is not None
    assert (row.rows, row.first_bar, row.last_bar) == (31, SPAN.start, SPAN.end - DAY)
    assert row.facts == FACTS
    assert kinds(job_id) == ["submitted", "claimed", "chunk", "succeeded"]


def test_asking_again_for_what_is_covered_makes_no_request(world: World) -> None:
    world.work(world.submit(**JANUARY)[0])
    job = world.work(world.submit(**JANUARY)[0])
    assert job.state is JobState.SUCCEEDED
    assert len(world.source.asked) == 1
    assert "Nothing was missing" in str(job.note)
    told = record(world.context, job)
    assert (told["error"], told["note"]) == (None, "Nothing was missing; no request was needed.")
    with reading() as connection:
        assert job.note in [line.message for line in queries_events.read(connection, job.id)]


def test_a_wider_span_asks_for_what_is_missing_only_holes_inside_included(world: World) -> None:
    world.work(world.submit(start=dt.date(2024, 1, 10), end=dt.date(2024, 1, 12))[0])
    world.work(world.submit(start=dt.date(2024, 1, 20), end=dt.date(2024, 1, 22))[0])
    world.source.asked.clear()
    job = world.work(world.submit(**JANUARY)[0])
    spans = [request.span for request in world.source.asked]
    assert spans == [
        days(dt.date(2024, 1, 1), dt.date(2024, 1, 9)),
        days(dt.date(2024, 1, 8), dt.date(2024, 1, 19)),  # five bars of overlap before the 13th
        days(dt.date(2024, 1, 18), dt.date(2024, 1, 31)),
    ]
    assert stored_starts(world, job.id) == list(range(SPAN.start, SPAN.end, DAY))


def test_a_refresh_asks_for_everything_again(world: World) -> None:
    world.work(world.submit(**JANUARY)[0])
    world.work(world.submit(**JANUARY, refresh=True)[0])
    assert [request.span for request in world.source.asked] == [SPAN, SPAN]


def test_a_span_that_the_source_calls_empty_is_remembered_as_empty(world: World) -> None:
    world.source.replies = [lambda asked: Answer([], [], FACTS, asked.span.end, note=sentence("nothing traded"))]
    job = world.work(world.submit(start=dt.date(2024, 1, 1), end=dt.date(2024, 1, 3))[0])  # two sessions
    assert (job.state, str(job.note)) == (JobState.SUCCEEDED, "nothing traded")
    with reading() as connection:
        assert [c.verdict for c in queries_coverage.read(connection, job.series_id)] == [Verdict.EMPTY]


def test_a_failed_chunk_covers_nothing(world: World) -> None:
    world.source.replies = [error()]
    job = world.work(world.submit(**JANUARY)[0])
    assert job.state is JobState.WAITING
    assert (job.due_at - world.clock()).total_seconds() == 30
    with reading() as connection:
        assert queries_coverage.read(connection, job.series_id) == []


@pytest.mark.parametrize("kind", [ErrorKind.UNKNOWN_SYMBOL, ErrorKind.BAD_REQUEST, ErrorKind.NO_PERMISSION])
def test_an_error_that_no_retry_can_help_fails_the_job_at_once(world: World, kind: ErrorKind) -> None:
    world.source.replies = [error(kind)]
    job = world.work(world.submit(**JANUARY)[0])
    assert (job.state, job.error_kind, str(job.message)) == (JobState.FAILED, kind, "no")


def test_errors_in_a_row_use_up_the_attempts_and_a_success_between_gives_them_back(world: World) -> None:
    [job_id] = world.submit(interval=Interval.M1, start=dt.date(2024, 2, 10), end=dt.date(2024, 2, 25))
    world.source.replies = [error(), error(), good, error(), error(), error()]
    for _ in range(4):
        assert world.work(job_id).state is JobState.WAITING
        world.clock.advance(31)
    assert world.work(job_id).state is JobState.FAILED
    assert job_services.find(job_id).progress.done == 1


def test_too_many_requests_never_use_up_the_attempts(world: World) -> None:
    world.source.replies = [error(ErrorKind.RATE_LIMITED)] * 10
    [job_id] = world.submit(**JANUARY)
    for _ in range(10):
        assert world.work(job_id).state is JobState.WAITING
        world.clock.advance(31)
    assert world.work(job_id).state is JobState.SUCCEEDED


def test_a_short_wait_keeps_the_workers_slot(world: World) -> None:
    world.source.replies = [error(after=0.01)]
    job = world.work(world.submit(**JANUARY)[0])
    assert job.state is JobState.SUCCEEDED
    assert kinds(job.id) == ["submitted", "claimed", "error", "chunk", "succeeded"]


def test_an_answer_with_blanks_is_asked_again_and_its_bars_are_put_together(world: World) -> None:
    def blank(request: ChunkRequest) -> Answer:
        full = good(request)
        return Answer(full.bars[5:], [], FACTS, full.known_until, blank_rows=5)

    world.source.replies = [blank, blank]
    job = world.work(world.submit(**JANUARY)[0])
    assert len(world.source.asked) == 3
    assert stored_starts(world, job.id) == list(range(SPAN.start, SPAN.end, DAY))


def test_blanks_that_stay_are_taken_for_what_they_are_and_said(world: World) -> None:
    holed = Answer([bar(SPAN.start)], [], FACTS, SPAN.end, blank_rows=2)
    world.source.replies = [holed, holed, holed]
    job = world.work(world.submit(**JANUARY)[0])
    assert job.state is JobState.SUCCEEDED
    with reading() as connection:
        [chunk] = [e for e in queries_events.read(connection, job.id) if e.kind == "chunk"]
    assert "2 rows came without prices" in str(chunk.message)


def test_an_unfinished_bar_is_not_covered(world: World) -> None:
    last_start = SPAN.end - DAY
    world.source.replies = [lambda request: Answer(good(request).bars[:-1], [], FACTS, last_start)]
    job = world.work(world.submit(**JANUARY)[0])
    with reading() as connection:
        assert queries_coverage.read(connection, job.series_id)[-1].span.end == last_start
    assert job.reached == last_start
    assert len(world.source.asked) == 1


def test_a_job_is_claimed_once_however_often_it_is_delivered(world: World) -> None:
    [job_id] = world.submit(**JANUARY)
    for _ in range(40):
        world.work(job_id)
    assert len(world.source.asked) == 1
    assert job_services.find(job_id).attempt == 1


def test_what_a_worker_writes_after_it_was_taken_over_is_refused_whole(world: World) -> None:
    [job_id] = world.submit(**JANUARY)

    def slow(request: ChunkRequest) -> Answer:
        world.clock.advance(61)
        assert rescue_lost(world.context) == 1
        assert world.work(job_id, "another").state is JobState.SUCCEEDED
        return Answer([bar(SPAN.start, close=1.0)], [], FACTS, SPAN.end)

    world.source.replies = [slow]
    job = world.work(job_id)
    assert (job.state, job.attempt, job.progress.done) == (JobState.SUCCEEDED, 2, 1)
    with reading() as connection:
        assert queries_bars.read(connection, job.series_id)[0] == bar(SPAN.start)


def test_cancelling_at_work_takes_effect_at_the_next_chunk_and_keeps_what_is_there(world: World) -> None:
    [job_id] = world.submit(interval=Interval.M1, start=dt.date(2024, 2, 10), end=dt.date(2024, 2, 25))

    def cancelling(request: ChunkRequest) -> Answer:
        commands.cancel(world.context, job_id, "me")
        return good(request)

    world.source.replies = [cancelling]
    job = world.work(job_id)
    assert job.state is JobState.CANCELLED
    assert job.progress.done == 1
    assert "cancel_asked" in kinds(job_id)
    retried = commands.retry(world.context, job_id, "me")
    assert retried.state is JobState.PENDING
    assert world.work(job_id).state is JobState.SUCCEEDED
    assert len(world.source.asked) == 3


def test_a_worker_that_drains_gives_the_job_back_without_penalty(world: World) -> None:
    [job_id] = world.submit(**JANUARY)
    job = world.work(job_id, is_draining=True)
    assert (job.state, job.errors_in_row, job.crashes_in_row) == (JobState.PENDING, 0, 0)
    assert world.work(job_id).state is JobState.SUCCEEDED


def test_a_defect_of_ours_is_said_in_a_sentence_and_retried_a_few_times(world: World) -> None:
    world.context = dataclasses.replace(world.context, rules=dataclasses.replace(world.context.rules, short_wait=-1.0))
    world.source.replies = [ZeroDivisionError("x")] * 3
    [job_id] = world.submit(**JANUARY)
    states = []
    for _ in range(3):
        states.append(world.work(job_id).state)
        world.clock.advance(600)
    assert states[-1] is JobState.FAILED
    assert "ZeroDivisionError" in str(job_services.find(job_id).message)


def test_the_plan_of_a_covered_span_needs_nothing(world: World) -> None:
    request = validate_request(CollectRequest("yahoo", ("AAPL",), Interval.D1, **JANUARY), world.context.now())
    assert make_plan(world.context, request).requests == 2  # the bars, and the list of actions
    world.work(world.submit(**JANUARY)[0])
    plan = make_plan(world.context, request)
    assert (plan.requests, plan.rows, plan.stored_rows, plan.seconds) == (0, 0, 31, 0)


def test_a_long_job_lets_others_go_first_after_its_turn_and_goes_on_without_penalty(world: World) -> None:
    world.context = dataclasses.replace(world.context, rules=dataclasses.replace(world.context.rules, slice_seconds=0))
    minutes: dict[str, Any] = {"interval": Interval.M1, "start": dt.date(2024, 2, 10), "end": dt.date(2024, 3, 1)}
    [long] = world.submit("LONG", **minutes)
    [short] = world.submit("SHORT", **JANUARY)
    job = world.work(long)
    assert (job.state, job.progress.done, job.errors_in_row, job.crashes_in_row) == (JobState.PENDING, 1, 0, 0)
    assert world.queue.sent[-1] == long  # at the end of the queue
    assert world.work(short).state is JobState.SUCCEEDED
    assert world.work(long).state is JobState.SUCCEEDED
    assert job_services.find(long).progress.done == 3


def test_a_database_that_takes_nothing_makes_the_job_wait_and_says_so(world: World) -> None:
    [job_id] = world.submit(interval=Interval.M1, start=dt.date(2024, 2, 10), end=dt.date(2024, 2, 25))
    with db.engine.connect() as connection:
        used = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def fill(dbapi: Any, *_: object) -> None:  # noqa: ANN401 -- a driver's connection
        dbapi.execute(f"PRAGMA max_page_count = {used + 4}")

    db.engine.dispose()
    event.listen(db.engine, "connect", fill)
    job = world.work(job_id)
    event.remove(db.engine, "connect", fill)
    db.engine.dispose()
    assert (job.state, job.error_kind, job.progress.done) == (JobState.WAITING, ErrorKind.UNAVAILABLE, 0)
    assert "Check that its disk has room" in str(job.hint)
    world.clock.advance(11)
    assert world.work(job_id).state is JobState.SUCCEEDED


def test_a_long_job_lets_a_question_of_a_page_go_first(world: World) -> None:
    [job_id] = world.submit("AAPL", interval=Interval.M1, period="2wk")

    def ask_meanwhile(request: ChunkRequest) -> Answer:
        inquiries.ask(world.context, inquiries.Kind.SEARCH, {"source": "yahoo", "text": "apple", "gateway": ""})
        world.clock.advance(2)
        return good(request)

    world.source.replies.append(ask_meanwhile)
    job = world.work(job_id)
    assert (job.state, job.progress.done) == (JobState.PENDING, 1)
    inquiries.answer(world.context, world.queue.sent[-2])
    assert world.work(job_id).state is JobState.SUCCEEDED


def test_nobody_gives_way_to_a_question_that_is_given_up(world: World) -> None:
    [job_id] = world.submit("AAPL", interval=Interval.M1, period="2wk")
    inquiries.ask(world.context, inquiries.Kind.SEARCH, {"source": "yahoo", "text": "apple", "gateway": ""})
    world.clock.advance(60)
    assert world.work(job_id).state is JobState.SUCCEEDED
