"""``jobs``: what is collected, was collected and failed, and what one may ask of a job."""

import dataclasses
import json

import click
from flask.cli import AppGroup
from flask_babel import gettext

from webapp.cli.job_actions import COMMANDS
from webapp.cli.job_texts import log_text, statistics_text, table_text
from webapp.cli.options import json_option
from webapp.cli.speaking import SpokenCommand
from webapp.cli.waiting import describe
from webapp.collecting import submit as service
from webapp.context import context
from webapp.database.transactions import reading
from webapp.jobs import queries_events
from webapp.jobs import queries_jobs as stored
from webapp.jobs.queries_jobs import JobFilter
from webapp.jobs.records import record
from webapp.kernel.job_states import JobState
from webapp.upkeep.statistics import statistics_of
from webapp.watchlists.expansion import instruments_of


@click.group("jobs", cls=AppGroup)
def jobs() -> None:
    """See, cancel, pause, resume, retry and repeat collections."""


@jobs.command("list", cls=SpokenCommand, with_appcontext=False)
@click.option("--state", "states", multiple=True, type=click.Choice([state.value for state in JobState]))
@click.option("--symbol", help="Only this symbol, or those of a list: @name.")
@click.option("--source", help="Only this source.")
@click.option("--batch", type=click.IntRange(min=1), help="Only this batch.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1))
@json_option
def list_(
    states: tuple[str, ...], symbol: str | None, source: str | None, batch: int | None, limit: int, *, as_json: bool
) -> None:
    """List jobs, newest first."""
    instruments = instruments_of(symbol or "", "symbol")
    job_filter = JobFilter(
        states=tuple(JobState(state) for state in states) or None,
        source=source,
        symbol=symbol.upper() if symbol and instruments is None else None,
        instruments=instruments,
        batch_id=batch,
    )
    with reading() as connection:
        rows = stored.page(connection, job_filter, limit=limit)
    if as_json:
        click.echo(json.dumps([record(context(), row) for row in rows], indent=2))
    else:
        click.echo(table_text(rows) if rows else gettext("No such jobs."))


@jobs.command("show", cls=SpokenCommand, with_appcontext=False)
@click.argument("job_id", type=int)
@json_option
def show(job_id: int, *, as_json: bool) -> None:
    """Show one job with its log."""
    job = service.find(job_id)
    if as_json:
        click.echo(json.dumps(record(context(), job), indent=2))
        return
    with reading() as connection:
        log = queries_events.read(connection, job_id)
    click.echo(f"{job.symbol} {job.interval} {job.source}: {job.progress.percent} % {describe(job)}")
    click.echo(log_text(log))


@jobs.command("stats", cls=SpokenCommand, with_appcontext=False)
@json_option
def stats(*, as_json: bool) -> None:
    """Count jobs, successes, durations and bars: of a day, a week, and all."""
    counted = statistics_of(context())
    click.echo(json.dumps(dataclasses.asdict(counted), indent=2) if as_json else statistics_text(counted))


for _command in COMMANDS:
    jobs.add_command(_command)
