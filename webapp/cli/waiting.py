"""Watching jobs in a terminal: a bar for each, or a line when something changes where nobody can see bars."""

import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from flask_babel import format_decimal, format_time, gettext
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from webapp.cli.speaking import complain, said
from webapp.database.transactions import reading
from webapp.jobs import queries_jobs
from webapp.jobs.queries_jobs import JobRow
from webapp.jobs.records import instant
from webapp.kernel.job_states import JobState

_PAUSE = 0.5


class Display(Protocol):
    """Where changes are shown."""

    def __enter__(self) -> Self:
        """Begin to show."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave what was shown as it stands."""
        ...

    def show(self, job: JobRow) -> None:
        """Show a job that has changed."""
        ...


class Lines:
    """A plain line on standard error for each change: for logs and pipes."""

    def __enter__(self) -> Self:
        """Nothing is to be prepared."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is to be tidied up."""

    def show(self, job: JobRow) -> None:
        """Write a line."""
        complain(f"{job.id} {job.symbol}: {job.progress.percent} % {describe(job)}")


class Bars:
    """A bar for each job; when they are more than the terminal has lines, one for all and those at work or failed."""

    def __init__(self, count: int) -> None:
        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TaskProgressColumn(),
            TextColumn("{task.fields[note]}", markup=False),
            console=console,
        )
        self._bars: dict[int, TaskID] = {}
        self._shows_all = count < console.height - 2
        self._over: set[int] = set()
        self._total = None if self._shows_all else self._progress.add_task(f"0/{count}", total=count, note="")
        self._count = count

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the bars as they stand."""
        self._progress.stop()

    def show(self, job: JobRow) -> None:
        """Move the job's bar."""
        if job.id not in self._bars:
            self._bars[job.id] = self._progress.add_task(job.symbol, total=100, note="")
        busy = job.state in (JobState.RUNNING, JobState.WAITING, JobState.FAILED)
        self._progress.update(
            self._bars[job.id],
            completed=job.progress.percent,
            note=describe(job),
            visible=self._shows_all or busy,
        )
        if self._total is not None and not job.is_active:
            self._over.add(job.id)
            done = len(self._over)
            self._progress.update(self._total, completed=done, description=f"{done}/{self._count}")


def describe(job: JobRow, *, with_hint: bool = True) -> str:
    """Return what a person wants to know of a job now, in the user's language."""
    parts = [state_word(job.state)]
    if job.state is JobState.WAITING:
        parts = [gettext("waits until %(time)s (UTC)", time=format_time(job.due_at, "HH:mm:ss", rebase=False))]
    if job.rows_written:
        parts.append(gettext("%(rows)s bars", rows=format_decimal(job.rows_written)))
    if job.reached is not None and job.is_active:
        parts.append(gettext("up to %(day)s", day=instant(job.reached)[:10]))
    parts += [said(text) for text in (job.message, job.hint if with_hint else None, job.note) if text]
    return " · ".join(parts)


def state_word(state: JobState) -> str:
    """Return a state in the user's language."""
    return str(_STATES[state]())


_STATES = {
    JobState.PENDING: lambda: gettext("pending"),
    JobState.WAITING: lambda: gettext("waiting"),
    JobState.RUNNING: lambda: gettext("running"),
    JobState.PAUSED: lambda: gettext("paused"),
    JobState.SUCCEEDED: lambda: gettext("succeeded"),
    JobState.FAILED: lambda: gettext("failed"),
    JobState.CANCELLED: lambda: gettext("cancelled"),
}


def wait_for(job_ids: Sequence[int]) -> bool:
    """Show the jobs until all are over, and tell whether all succeeded."""
    printed: dict[int, JobRow] = {}
    display: Display = Bars(len(job_ids)) if _is_seen() else Lines()
    with display:
        while True:
            for job in _changed(job_ids, printed):
                printed[job.id] = job
                display.show(job)
            if not any(job.is_active for job in printed.values()):
                return bool(printed) and all(printed[job_id].state is JobState.SUCCEEDED for job_id in job_ids)
            time.sleep(_PAUSE)


def _is_seen() -> bool:
    return sys.stderr.isatty()


def _changed(job_ids: Sequence[int], printed: dict[int, JobRow]) -> list[JobRow]:
    """Return the jobs that are not as they were known; a revision grows with every change worth showing."""
    with reading() as connection:
        revisions = queries_jobs.revisions(connection, job_ids)
        new = [
            job_id for job_id, revision in revisions if job_id not in printed or printed[job_id].revision != revision
        ]
        rows = [queries_jobs.get(connection, job_id) for job_id in new]
    return [row for row in rows if row is not None]
