"""Watching jobs: a bar for each in a terminal; elsewhere a line, or a JSON record, when something changes."""

import sys
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol, Self, TextIO

import click
from flask_babel import format_decimal, format_time, gettext
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from webapp.cli.speaking import is_quiet, print_line, remark, said, wants_json
from webapp.cli.statuses import DONE, FAILED, INTERRUPTED
from webapp.collecting.verbs import no_such_job
from webapp.context import context
from webapp.database.transactions import reading
from webapp.errors import NotFoundError
from webapp.jobs import queries_jobs
from webapp.jobs.queries_jobs import JobRow
from webapp.jobs.records import instant, record
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
    """A line for each change, where nobody can see bars move: for logs and pipes."""

    def __init__(self, write: Callable[[JobRow], None]) -> None:
        self._write = write

    def __enter__(self) -> Self:
        """Nothing is to be prepared."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is to be tidied up."""

    def show(self, job: JobRow) -> None:
        """Write a line."""
        self._write(job)


class Bars:
    """A bar for each job; when they are more than the terminal has lines, one for all and those at work or failed."""

    def __init__(self, count: int, console: Console, label: Callable[[JobRow], str]) -> None:
        self._label = label
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
            self._bars[job.id] = self._progress.add_task(self._label(job), total=100, note="")
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


def progress_display(count: int) -> Display:
    """Return where the progress of a command is shown beside its answer: on standard error, unless it is quiet."""
    if is_quiet():
        return Lines(lambda _job: None)
    if _is_terminal(sys.stderr):
        return Bars(count, Console(stderr=True), lambda job: job.symbol)
    return Lines(lambda job: click.echo(line_of(job), err=True))


def answer_display(count: int) -> Display:
    """Return where jobs are shown that a command was asked to watch: on standard output."""
    if wants_json():
        return Lines(lambda job: print_line(record(context(), job)))
    if is_quiet():
        return Lines(lambda _job: None)
    if _is_terminal(sys.stdout):
        return Bars(count, Console(), lambda job: f"{job.id}  {job.symbol}  {job.interval.value}  {job.source}")
    return Lines(lambda job: click.echo(line_of(job)))


def line_of(job: JobRow) -> str:
    """Return a job as a line, in the user's language."""
    return f"{job.id} {job.symbol}: {job.progress.percent} % {describe(job)}"


def watch(job_ids: Sequence[int], display: Display) -> int:
    """Show jobs until all are over, and return the exit status: done only if all succeeded.

    Whoever interrupts it stops the watching alone.

    :raises NotFoundError: when one of them is cleared away meanwhile.
    """
    try:
        with display:
            return DONE if _wait(job_ids, display) else FAILED
    except KeyboardInterrupt:
        remark(gettext("The jobs go on in the background. See them with: flask --app wsgi jobs list"))
        return INTERRUPTED


def _wait(job_ids: Sequence[int], display: Display) -> bool:
    shown: dict[int, JobRow] = {}
    while True:
        for job in _changed(job_ids, shown):
            shown[job.id] = job
            display.show(job)
        if not any(job.is_active for job in shown.values()):
            return all(job.state is JobState.SUCCEEDED for job in shown.values())
        time.sleep(_PAUSE)


def _is_terminal(stream: TextIO) -> bool:
    return stream.isatty()


def _changed(job_ids: Sequence[int], shown: dict[int, JobRow]) -> list[JobRow]:
    """Return the jobs that are not as they are shown; a revision grows with every change worth showing.

    :raises NotFoundError: when one of them is not there.
    """
    with reading() as connection:
        revisions = dict(queries_jobs.revisions(connection, job_ids))
        for job_id in job_ids:
            if job_id not in revisions:
                raise NotFoundError(no_such_job(job_id))
        new = [job_id for job_id in job_ids if job_id not in shown or shown[job_id].revision != revisions[job_id]]
        rows = [queries_jobs.get(connection, job_id) for job_id in dict.fromkeys(new)]
    return [row for row in rows if row is not None]
