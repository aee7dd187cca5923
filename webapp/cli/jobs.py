"""``jobs``: what is collected, was collected and failed, and what one may ask of a job."""

import dataclasses
import json
from collections.abc import Callable

import click
from flask.cli import AppGroup
from flask_babel import gettext

from webapp.cli.job_texts import log_text, statistics_text, table_text
from webapp.cli.options import json_option
from webapp.cli.speaking import BAD_INPUT, FAILED, SpokenCommand, complain, said
from webapp.cli.waiting import describe
from webapp.domain.jobs import JobState
from webapp.errors import MoissonError, NotFoundError
from webapp.services import jobs as service
from webapp.services.context import Context, context
from webapp.services.job_records import record
from webapp.services.statistics import statistics_of
from webapp.store import events
from webapp.store import jobs as stored
from webapp.store.jobs import JobFilter, JobRow
from webapp.store.transactions import reading


@click.group("jobs", cls=AppGroup)
def jobs() -> None:
    """See, cancel, pause, resume and retry collections."""


@jobs.command("list", cls=SpokenCommand, with_appcontext=False)
@click.option("--state", "states", multiple=True, type=click.Choice([state.value for state in JobState]))
@click.option("--symbol", help="Only this symbol.")
@click.option("--source", help="Only this source.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1))
@json_option
def list_(states: tuple[str, ...], symbol: str | None, source: str | None, limit: int, *, as_json: bool) -> None:
    """List jobs, newest first."""
    wanted = JobFilter(
        states=tuple(JobState(state) for state in states) or None,
        source=source,
        symbol=symbol.upper() if symbol else None,
    )
    with reading() as connection:
        rows = stored.page(connection, wanted, limit=limit)
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
        log = events.read(connection, job_id)
    click.echo(f"{job.symbol} {job.interval} {job.source}: {job.progress.percent} % {describe(job)}")
    click.echo(log_text(log))


@jobs.command("stats", cls=SpokenCommand, with_appcontext=False)
@json_option
def stats(*, as_json: bool) -> None:
    """Count jobs, successes, durations and bars: of a day, a week, and all."""
    counted = statistics_of(context())
    click.echo(json.dumps(dataclasses.asdict(counted), indent=2) if as_json else statistics_text(counted))


Request = Callable[[Context, int, str], JobRow]


def _asking(name: str, ask: Request, explanation: str) -> click.Command:
    """Return a command that asks the same of each job; one that refuses does not keep the others from it."""

    @click.argument("job_ids", type=int, nargs=-1, required=True)
    @click.pass_context
    def command(ctx: click.Context, job_ids: tuple[int, ...]) -> None:
        status = 0
        for job_id in job_ids:
            try:
                job = ask(context(), job_id, "cli")
            except MoissonError as err:
                complain(said(err.message))
                status = max(status, BAD_INPUT if isinstance(err, NotFoundError) else FAILED)
            else:
                click.echo(f"{job.id} {job.symbol}: {describe(job)}")
        ctx.exit(status)

    return click.command(name, cls=SpokenCommand, help=explanation)(command)


for _command in (
    _asking("cancel", service.cancel, "Cancel jobs; what was collected stays."),
    _asking("pause", service.pause, "Pause jobs until they are resumed."),
    _asking("resume", service.resume, "Go on with paused jobs."),
    _asking("retry", service.retry, "Try failed or cancelled jobs again; they go on from what they have."),
):
    jobs.add_command(_command)
