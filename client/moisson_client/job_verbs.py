"""Verbs on jobs: submit, wait, list, cancel, pause, resume, retry."""

import time
from collections.abc import Callable, Iterable
from typing import Any, Unpack, cast

from moisson_client.answers import Record
from moisson_client.calls import Flow, Pause
from moisson_client.options import options_of, symbols_of, text_of
from moisson_client.progress_display import Progress, ProgressDisplay, choose_display
from moisson_client.records import (
    Batch,
    IntervalName,
    JobRecord,
    Moment,
    Outcome,
    Picked,
    PriorityName,
    SourceOptions,
)
from moisson_client.session import Session

_PAGE = 200
_LOOKS_EVERY = 0.5
_SOON = 0.5
_OVER = ("succeeded", "failed", "cancelled")


def progress_of(state: Record) -> Progress:
    """Return how far a batch is."""
    jobs = state["jobs"]
    over = [job["state"] in _OVER for job in jobs]
    parts = [100 if is_over else job["progress"]["percent"] for job, is_over in zip(jobs, over, strict=True)]
    percent = sum(parts) // max(len(jobs), 1)
    return Progress(sum(over), len(jobs), percent, state["rows_written"], state["notice"] or "")


class JobVerbs(Session):
    """Collections in the background."""

    monotonic: Callable[[], float] = staticmethod(time.monotonic)

    def get_statistics(self) -> Flow[Record]:
        """Return jobs, successes, durations (seconds) and bars of the last ``day``, ``week`` and ``all``.

        Beside them stand ``series`` and ``bars``: how much is stored.
        """
        return (yield from self.read("/statistics"))

    def get_active_jobs(self) -> Flow[list[JobRecord]]:
        """Return the jobs that are not over, newest first."""
        return (yield from self._jobs([("state", "active")], None))

    def get_recent_jobs(self, limit: int = 20) -> Flow[list[JobRecord]]:
        """Return the newest jobs, newest first."""
        return (yield from self._jobs([], limit))

    def submit(  # noqa: PLR0913 -- the fields of the form
        self,
        symbols: str | Iterable[str],
        *,
        source: str = "yahoo",
        interval: IntervalName = "1d",
        start: Moment | None = None,
        end: Moment | None = None,
        period: str | None = None,
        priority: PriorityName = "normal",
        refresh: bool = False,
        **options: Unpack[SourceOptions],
    ) -> Flow[Batch]:
        """Submit a collection of what is missing: give ``period``, or ``start`` with an optional ``end``.

        A date, as text (``2024-03-01``) or as a ``date``, is a whole day of the exchange, the last one included; a
        date-time is an instant, UTC unless it says otherwise, and as an end exclusive; for bars of a day or longer only
        its date counts. ``options`` are the source's own. A submission whose answer is lost is sent again, and makes
        nothing twice.

        :raises MoissonError: with a sentence for each of ``fields`` that is wrong; nothing is queued then.
        """
        body = {
            "source": source,
            "symbols": symbols_of(symbols),
            "interval": interval,
            "start": text_of(start),
            "end": text_of(end),
            "period": period,
            "priority": priority,
            "refresh": refresh,
            "options": options_of(options),
        }
        return _batch((yield from self.post("/jobs", body)))

    def clone(self, job_id: int) -> Flow[Batch]:
        """Submit once more what a job collects.

        :raises MoissonError: when there is none of this id.
        """
        return _batch((yield from self.post(f"/jobs/{job_id:d}/clone", {})))

    def cancel(self, jobs: Picked, reason: str = "") -> Flow[Outcome]:
        """Cancel a job (by id), several, or what is not over of a ``Batch``; what was collected stays."""
        return (yield from self._command("cancel", jobs, reason))

    def pause(self, jobs: Picked, reason: str = "") -> Flow[Outcome]:
        """Pause a job (by id), several, or what is at work of a ``Batch``."""
        return (yield from self._command("pause", jobs, reason))

    def resume(self, jobs: Picked, reason: str = "") -> Flow[Outcome]:
        """Go on with a paused job (by id), with several, or with what is paused of a ``Batch``."""
        return (yield from self._command("resume", jobs, reason))

    def retry(self, jobs: Picked, reason: str = "") -> Flow[Outcome]:
        """Try a failed or cancelled job (by id) again, several, or only what failed of a ``Batch``."""
        return (yield from self._command("retry", jobs, reason))

    def prioritize(self, jobs: Picked, priority: PriorityName, reason: str = "") -> Flow[Outcome]:
        """Give a job (by id), several, or what is not over of a ``Batch`` the priority high, normal or low."""
        return (yield from self._command("priority", jobs, reason, priority))

    def wait(
        self, batch: int | Batch, timeout: float | None = None, *, progress: bool | None = None
    ) -> Flow[list[JobRecord]]:
        """Wait until no job that serves a batch (or the one of that id) is active; return them as they ended, by id.

        Jobs that were at work on the same for an earlier batch are waited for, too, and so is one that is paused. The
        server answers when the batch is over, so that waiting costs it little. ``progress`` is as in ``get``.

        :raises MoissonError: when there is no such batch, or its jobs were cleared away.
        :raises TimeoutError: when that takes longer than ``timeout`` seconds; the jobs go on.
        """
        batch_id = batch.id if isinstance(batch, Batch) else batch
        return (yield from self._wait(batch_id, timeout, choose_display(is_shown=progress)))

    def _wait(self, batch_id: int, timeout: float | None, display: ProgressDisplay) -> Flow[list[JobRecord]]:
        until = None if timeout is None else self.monotonic() + timeout
        is_shown, pace = False, 0  # it may be over already
        try:
            while True:
                asked = self.monotonic()
                wait = pace if until is None else min(pace, max(0, int(until - asked)))
                state = yield from self.read(f"/batches/{batch_id:d}", [("wait", wait)], patience=wait)
                if not state["is_over"] or is_shown:  # what is over at once needs no bar
                    display.show(progress_of(state))
                    is_shown = True
                if state["is_over"]:
                    return cast("list[JobRecord]", state["jobs"])
                now = self.monotonic()
                if until is not None and now > until:
                    message = f"Not all jobs were over within {timeout:g} s. They go on in the background."
                    raise TimeoutError(message)
                if pace and now - asked < _SOON:  # it lets only a few wait at a time, and answers the others at once
                    yield Pause(_LOOKS_EVERY if until is None else min(_LOOKS_EVERY, until - now + 0.001))
                pace = display.pace
        finally:
            display.close()

    def _command(self, verb: str, jobs: Picked, reason: str, priority: str | None = None) -> Flow[Outcome]:
        picked: dict[str, Any] = {"batch": jobs.id} if isinstance(jobs, Batch) else {"jobs": _ids(jobs)}
        body = {
            "verb": verb,
            "reason": " ".join(reason.split()),
            **picked,
            **({} if priority is None else {"priority": priority}),
        }
        answer = yield from self.post("/job-commands", body)
        return Outcome(answer["changed"], {refused["job_id"]: refused["message"] for refused in answer["refused"]})

    def _jobs(self, query: list[tuple[str, str | int | None]], limit: int | None) -> Flow[list[JobRecord]]:
        """Return jobs, newest first, a page after the other: ``limit`` of them, or all."""
        rows: list[JobRecord] = []
        cursor: str | None = None
        while limit is None or len(rows) < limit:
            size = _PAGE if limit is None else min(_PAGE, limit - len(rows))
            page = yield from self.read("/jobs", [*query, ("limit", size), ("cursor", cursor)])
            rows += page["jobs"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        return rows


def _ids(jobs: int | Iterable[int]) -> list[int]:
    return [jobs] if isinstance(jobs, int) else list(jobs)


def _batch(answer: Record) -> Batch:
    jobs = answer["jobs"]
    repeated = frozenset(job["id"] for job in jobs if job["is_repeated"])
    return Batch(answer["batch_id"], tuple(job["id"] for job in jobs), repeated)
