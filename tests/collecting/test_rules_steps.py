"""Each row of the table that `next_step` has in its docstring, and that the rows above it come first."""

import dataclasses
import datetime as dt

import pytest

from webapp.collecting.rules_steps import Fetch, ListActions, Signals, next_step
from webapp.errors import LeaseLostError
from webapp.jobs.claims import Release
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.job_states import Intent, JobState, Priority, Progress
from webapp.kernel.spans import Span

NOW = dt.datetime(2024, 3, 6, 12, tzinfo=dt.UTC)
CHUNKS = [Span(0, DAY), Span(DAY, 2 * DAY), Span(2 * DAY, 3 * DAY)]
JOB = JobRow(
    id=7,
    batch_id=1,
    series_id=1,
    source="yahoo",
    symbol="AAPL",
    interval=Interval.D1,
    variant="",
    span=Span(0, 3 * DAY),
    options={},
    refresh=False,
    priority=Priority.NORMAL,
    state=JobState.RUNNING,
    intent=Intent.RUN,
    revision=1,
    created_at=NOW,
    started_at=NOW,
    finished_at=None,
    due_at=NOW,
    progress_at=NOW,
    attempt=1,
    lease_owner="worker",
    progress=Progress(0, 3, finished=False),
    reached=None,
    rows_written=0,
    worked_seconds=0.0,
    errors_in_row=0,
    crashes_in_row=0,
    error_kind=None,
    message=None,
    hint=None,
    choices=None,
)
CANCELLED = dataclasses.replace(JOB, intent=Intent.CANCEL)
PAUSED = dataclasses.replace(JOB, intent=Intent.PAUSE)
NEXT = Fetch(JOB, CHUNKS[0], chunks_left=2)
EVERYTHING = Signals(
    is_draining=True,
    is_delivery_used=True,
    has_fetched=True,
    inquiry_waits=True,
    is_slice_used=True,
    others_due=True,
)


@pytest.mark.parametrize("job", [JOB, CANCELLED, PAUSED], ids=["run", "cancel", "pause"])
@pytest.mark.parametrize("chunks", [CHUNKS, []], ids=["chunks", "no chunks"])
def test_without_its_lease_a_worker_does_nothing_more_whatever_else_is_so(job: JobRow, chunks: list[Span]) -> None:
    for signals in (Signals(), EVERYTHING):
        with pytest.raises(LeaseLostError, match="lease of job 7 has run out"):
            next_step(job, chunks, dataclasses.replace(signals, is_lease_lost=True))


@pytest.mark.parametrize("chunks", [CHUNKS, []], ids=["chunks", "no chunks"])
@pytest.mark.parametrize("signals", [Signals(), EVERYTHING], ids=["calm", "everything"])
def test_what_a_person_wants_comes_before_the_work(chunks: list[Span], signals: Signals) -> None:
    assert next_step(CANCELLED, chunks, signals) == Release(JobState.CANCELLED)
    assert next_step(PAUSED, chunks, signals) == Release(JobState.PAUSED)


@pytest.mark.parametrize("signals", [Signals(), EVERYTHING], ids=["calm", "everything"])
def test_a_job_without_remaining_chunks_is_over_and_not_put_back(signals: Signals) -> None:
    assert next_step(JOB, [], signals) == Release(JobState.SUCCEEDED)


@pytest.mark.parametrize("signals", [Signals(), EVERYTHING], ids=["calm", "everything"])
def test_a_list_of_actions_is_asked_for_after_the_last_chunk_and_before_the_job_is_over(signals: Signals) -> None:
    assert next_step(JOB, [], dataclasses.replace(signals, is_list_due=True)) == ListActions(JOB)


@pytest.mark.parametrize(
    ("signals", "step"),
    [
        (Signals(is_draining=True), Release(JobState.PENDING)),
        (Signals(is_delivery_used=True), Release(JobState.PENDING)),
        (Signals(), NEXT),
        (dataclasses.replace(EVERYTHING, has_fetched=False), Release(JobState.PENDING)),
        (Signals(inquiry_waits=True, is_slice_used=True, others_due=True), NEXT),
        (Signals(has_fetched=True, inquiry_waits=True), Release(JobState.PENDING)),
        (Signals(has_fetched=True, is_slice_used=True, others_due=True), Release(JobState.PENDING)),
        (Signals(has_fetched=True, is_slice_used=True), NEXT),
        (Signals(has_fetched=True, others_due=True), NEXT),
        (Signals(has_fetched=True), NEXT),
    ],
    ids=[
        "draining",
        "delivery used",
        "nothing fetched",
        "draining before anything was fetched",
        "giving way only after a chunk",
        "inquiry waits",
        "slice used and others due",
        "slice used, nobody due",
        "others due, slice not used",
        "calm",
    ],
)
def test_a_job_with_remaining_chunks_goes_on_or_gives_way(signals: Signals, step: Fetch | Release) -> None:
    assert next_step(JOB, CHUNKS, signals) == step


def test_chunks_are_fetched_in_the_order_in_which_they_come() -> None:
    assert next_step(JOB, CHUNKS[::-1], Signals()) == Fetch(JOB, CHUNKS[2], chunks_left=2)
    assert next_step(JOB, CHUNKS[2:], Signals()) == Fetch(JOB, CHUNKS[2], chunks_left=0)
