"""A job as plain data, for scripts, ``--json`` and the JSON API (docs/http.md)."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from webapp.context import Context
from webapp.jobs.progress import eta_seconds
from webapp.jobs.queries_batches import BatchRow, BatchSums
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.instants import datetime_of
from webapp.kernel.job_states import ACTIVE, JobState, Progress
from webapp.kernel.spans import Span

JobRecord = dict[str, object]


def record(context: Context, job: JobRow) -> JobRecord:
    """Return a job as JSON can hold it: times in ISO 8601 UTC, sentences in English, None for what is not known."""
    error = {
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
        "due_at": moment(job.due_at),
        "created_at": moment(job.created_at),
        "started_at": moment(job.started_at),
        "finished_at": moment(job.finished_at),
    }


def batch_record(batch: BatchRow, jobs: Sequence[JobRow]) -> JobRecord:
    """Return a batch in the same form, without its jobs."""
    done, total = sum(job.progress.done for job in jobs), sum(job.progress.total for job in jobs)
    states = Counter(job.state for job in jobs)
    return sums_record(BatchSums(batch, states, done, total, sum(job.rows_written for job in jobs)))


def sums_record(sums: BatchSums) -> JobRecord:
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


def instant(time: int) -> str:
    """Return epoch seconds as ``2024-03-01T14:30:00Z``."""
    return datetime_of(time).strftime("%Y-%m-%dT%H:%M:%SZ")


def span_record(span: Span) -> JobRecord:
    """Return where a span begins and ends, in the same form; its end is exclusive, which its second name says."""
    return {"start": instant(span.start), "end": instant(span.end), "end_exclusive": instant(span.end)}


def moment(at: dt.datetime | None) -> str | None:
    """Return a moment as ``2024-03-01T14:30:00.000Z``, or None."""
    return None if at is None else at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
