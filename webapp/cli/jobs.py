"""``jobs``: what is collected, was collected and failed, and what one may ask of a job."""

import dataclasses

import click
from flask.cli import AppGroup
from flask_babel import gettext

from webapp.cli.completion import SOURCE, Symbol, batch_number, job_number
from webapp.cli.job_actions import COMMANDS
from webapp.cli.job_texts import log_text, statistics_text, table_text
from webapp.cli.speaking import SpokenCommand, answer
from webapp.cli.waiting import describe
from webapp.cli.watch import watch_jobs
from webapp.collecting import submit as service
from webapp.collecting.groups import find_batch
from webapp.context import context
from webapp.database.transactions import reading
from webapp.jobs import queries_events
from webapp.jobs import queries_jobs as stored
from webapp.jobs.queries_jobs import JobFilter
from webapp.jobs.records import event_record, record
from webapp.kernel.job_states import JobState
from webapp.upkeep.statistics import statistics_of


@click.group("jobs", cls=AppGroup)
def jobs() -> None:
    """See, cancel, pause, resume, retry and repeat collections."""


@jobs.command("list", cls=SpokenCommand, with_appcontext=False)
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in JobState]),
    help="Only jobs in this state; may be given again.",
)
@click.option("--symbol", type=Symbol(may_be_missing=False), help="Only this symbol.")
@click.option("--source", type=SOURCE, help="Only this source.")
@click.option("--batch", type=batch_number(), help="Only this batch.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1), help="At most so many.")
def list_(states: tuple[str, ...], symbol: str | None, source: str | None, batch: int | None, limit: int) -> None:
    """List jobs, newest first."""
    if batch is not None:
        find_batch(batch)
    job_filter = JobFilter(
        states=tuple(JobState(state) for state in states) or None,
        source=source,
        symbol=symbol.upper() if symbol else None,
        batch_id=batch,
    )
    with reading() as connection:
        rows = stored.page(connection, job_filter, limit=limit)
    answer(
        [record(context(), row) for row in rows],
        lambda: table_text(rows) if rows else gettext("No such jobs."),
    )


@jobs.command("show", cls=SpokenCommand, with_appcontext=False)
@click.argument("job_id", type=job_number())
def show(job_id: int) -> None:
    """Show one job with its log."""
    job = service.find(job_id)
    with reading() as connection:
        log = queries_events.read(connection, job_id)
    events = [event_record(event) for event in log]
    head = f"{job.symbol} {job.interval} {job.source}: {job.progress.percent} % {describe(job)}"
    answer(record(context(), job) | {"events": events}, lambda: f"{head}\n{log_text(log)}")


@jobs.command("stats", cls=SpokenCommand, with_appcontext=False)
def stats() -> None:
    """Count jobs, successes, durations and bars: of a day, a week, and all."""
    counted = statistics_of(context())
    answer(dataclasses.asdict(counted), lambda: statistics_text(counted))


for _command in (watch_jobs, *COMMANDS):
    jobs.add_command(_command)
