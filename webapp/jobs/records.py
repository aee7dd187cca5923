"""Jobs, batches, logs and plans as plain data, for scripts, ``--json`` and the JSON API (docs/http.md)."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TypedDict

from webapp.context import Context
from webapp.errors import Sentence
from webapp.jobs.progress import eta_seconds
from webapp.jobs.queries_batches import BatchRow, BatchSums
from webapp.jobs.queries_events import EventRow
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.instants import datetime_of
from webapp.kernel.job_states import ACTIVE, JobState, Progress
from webapp.kernel.plans import Plan
from webapp.kernel.spans import Span


class JobError(TypedDict):
    """Why a job failed, or what keeps it."""

    kind: str | None
    message: str | None
    hint: str | None
    choices: list[dict[str, str]]
    """What may have been meant."""


class JobProgress(TypedDict):
    """How far a job is: requests done of all, the instant reached, and the seconds left."""

    done: int
    total: int
    percent: int
    reached: str | None
    eta_seconds: float | None


class SpanRecord(TypedDict):
    """Where a span begins and ends; its end is exclusive, which its second name says."""

    start: str
    end: str
    end_exclusive: str


class JobRecord(SpanRecord):
    """A job as JSON can hold it: times in ISO 8601 UTC, sentences in English, None for what is not known."""

    id: int
    batch_id: int
    source: str
    symbol: str
    interval: str
    variant: str
    state: str
    progress: JobProgress
    rows_written: int
    attempt: int
    error: JobError | None
    note: str | None
    """What is worth knowing of a success."""
    due_at: str | None
    created_at: str | None
    started_at: str | None
    finished_at: str | None


class BatchProgress(TypedDict):
    """How far all jobs of a batch are: requests done of all."""

    done: int
    total: int
    percent: int


class BatchRecord(TypedDict):
    """A batch in the same form, without its jobs; ``states`` counts them."""

    id: int
    origin: str
    created_at: str | None
    is_over: bool
    states: dict[str, int]
    progress: BatchProgress
    rows_written: int


def record(context: Context, job: JobRow) -> JobRecord:
    """Return a job as JSON can hold it: times in ISO 8601 UTC, sentences in English, None for what is not known."""
    error: JobError = {
        "kind": job.error_kind.value if job.error_kind else None,
        "message": str(job.message) if job.message else None,
        "hint": str(job.hint) if job.hint else None,
        "choices": job.choices or [],
    }
    return {
        "id": job.id,
        "batch_id": job.batch_id,
        "source": job.source,
        "symbol": job.symbol,
        "interval": job.interval.value,
        "variant": job.variant,
        **span_record(job.span),
        "state": job.state.value,
        "progress": {
            "done": job.progress.done,
            "total": job.progress.total,
            "percent": job.progress.percent,
            "reached": None if job.reached is None else instant(job.reached),
            "eta_seconds": eta_seconds(context, job),
        },
        "rows_written": job.rows_written,
        "attempt": job.attempt,
        "error": error if any(error.values()) else None,
        "note": str(job.note) if job.note else None,
        "due_at": moment(job.due_at),
        "created_at": moment(job.created_at),
        "started_at": moment(job.started_at),
        "finished_at": moment(job.finished_at),
    }


def batch_record(batch: BatchRow, jobs: Sequence[JobRow]) -> BatchRecord:
    """Return a batch in the same form, without its jobs."""
    return sums_record(sums_of(batch, jobs))


def sums_of(batch: BatchRow, jobs: Sequence[JobRow]) -> BatchSums:
    """Return what the jobs that serve a batch come to."""
    done, total = sum(job.progress.done for job in jobs), sum(job.progress.total for job in jobs)
    return BatchSums(batch, Counter(job.state for job in jobs), done, total, sum(job.rows_written for job in jobs))


def sums_record(sums: BatchSums) -> BatchRecord:
    """Return a batch, of whose jobs the sums are known, in the same form."""
    succeeded = set(sums.states) <= {JobState.SUCCEEDED}
    return {
        "id": sums.batch.id,
        "origin": sums.batch.origin,
        "created_at": moment(sums.batch.created_at),
        "is_over": not set(sums.states) & ACTIVE,
        "states": {state.value: count for state, count in sums.states.items()},
        "progress": {
            "done": sums.done,
            "total": sums.total,
            "percent": Progress(sums.done, sums.total, finished=succeeded).percent,
        },
        "rows_written": sums.rows_written,
    }


def event_record(event: EventRow, say: Callable[[Sentence], str] = str) -> dict[str, object]:
    """Return a line of a job's log in the same form; ``say`` puts its sentence into words, English without it."""
    return {
        "id": event.id,
        "at": moment(event.at),
        "attempt": event.attempt,
        "kind": event.kind,
        "actor": event.actor,
        "message": say(event.message) if event.message else None,
    }


def plan_record(plan: Plan, notes: Iterable[Sentence], say: Callable[[Sentence], str] = str) -> dict[str, object]:
    """Return a plan as JSON can hold it.

    :param notes: what is to be said of the request beside it.
    :param say: what puts a sentence into words; English without it.
    """
    series = [
        {
            "symbol": planned.symbol,
            **span_record(planned.asked),
            "requests": planned.requests,
            "rows": planned.rows,
            "stored_rows": planned.stored_rows,
        }
        for planned in plan.series
    ]
    refusals = [{**span_record(refused.span), "reason": say(refused.reason)} for refused in plan.refusals]
    return {
        "requests": plan.requests,
        "seconds": plan.seconds,
        "rows": plan.rows,
        "stored_rows": plan.stored_rows,
        "series": series,
        "refusals": refusals,
        "notes": [say(note) for note in notes],
    }


def instant(time: int) -> str:
    """Return epoch seconds as ``2024-03-01T14:30:00Z``."""
    return datetime_of(time).strftime("%Y-%m-%dT%H:%M:%SZ")


def span_record(span: Span) -> SpanRecord:
    """Return where a span begins and ends, in the same form; its end is exclusive, which its second name says."""
    return {"start": instant(span.start), "end": instant(span.end), "end_exclusive": instant(span.end)}


def moment(at: dt.datetime | None) -> str | None:
    """Return a moment as ``2024-03-01T14:30:00.000Z``, or None."""
    return None if at is None else at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
