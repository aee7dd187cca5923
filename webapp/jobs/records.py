"""A job as plain data, for scripts, ``--json`` and the JSON API (docs/http.md)."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from webapp.context import Context
from webapp.jobs.progress import eta_seconds
from webapp.jobs.queries_batches import BatchRow
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.instants import datetime_of
from webapp.kernel.job_states import JobState, Progress

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
        "start": instant(job.span.start),
        "end": instant(job.span.end),
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
        "due_at": _moment(job.due_at),
        "created_at": _moment(job.created_at),
        "started_at": _moment(job.started_at),
        "finished_at": _moment(job.finished_at),
    }


def batch_record(batch: BatchRow, jobs: Sequence[JobRow]) -> JobRecord:
    """Return a batch in the same form, without its jobs."""
    done, total = sum(job.progress.done for job in jobs), sum(job.progress.total for job in jobs)
    is_over = not any(job.is_active for job in jobs)
    succeeded = all(job.state is JobState.SUCCEEDED for job in jobs)
    return {
        "id": batch.id,
        "origin": batch.origin,
        "lists": list(batch.lists),
        "created_at": _moment(batch.created_at),
        "is_over": is_over,
        "states": dict(Counter(job.state.value for job in jobs)),
        "progress": {"done": done, "total": total, "percent": Progress(done, total, finished=succeeded).percent},
        "rows_written": sum(job.rows_written for job in jobs),
    }


def instant(time: int) -> str:
    """Return epoch seconds as ``2024-03-01T14:30:00Z``."""
    return datetime_of(time).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(at: dt.datetime | None) -> str | None:
    return None if at is None else at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
