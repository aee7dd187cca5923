"""``jobs watch``: see jobs go on until all are over."""

import click
from flask_babel import gettext

from webapp.cli.completion import batch_number, job_number
from webapp.cli.speaking import StreamingCommand, remark
from webapp.cli.waiting import answer_display, watch
from webapp.collecting import submit as service
from webapp.collecting.groups import find_batch
from webapp.database.transactions import reading
from webapp.jobs import queries_jobs
from webapp.jobs.queries_jobs import JobFilter
from webapp.kernel.job_states import ACTIVE, JobState


@click.command("watch", cls=StreamingCommand)
@click.argument("job_ids", type=job_number(), nargs=-1)
@click.option("--batch", type=batch_number(), help="All jobs that serve this batch.")
@click.pass_context
def watch_jobs(ctx: click.Context, job_ids: tuple[int, ...], batch: int | None) -> None:
    """Watch jobs until all are over; without numbers and batch, those that are at work now.

    A table that moves in a terminal, elsewhere a line for each change. The status is 0 only if all succeeded; a paused
    job is waited for. Ctrl-C ends the watching, not the jobs.
    """
    if job_ids and batch is not None:
        raise click.UsageError(gettext("Name jobs by their numbers, or a batch with --batch."))
    watched = _numbers(job_ids, batch)
    if not watched:
        remark(gettext("No job is at work."))
        return
    ctx.exit(watch(watched, answer_display(len(watched))))


def _numbers(job_ids: tuple[int, ...], batch: int | None) -> list[int]:
    """Return which jobs are meant.

    :raises NotFoundError: when one of them, or the batch, is not there.
    """
    if batch is not None:
        return [job.id for job in find_batch(batch).jobs]
    if job_ids:
        return [service.find(job_id).id for job_id in dict.fromkeys(job_ids)]
    at_work = tuple(state for state in ACTIVE if state is not JobState.PAUSED)
    with reading() as connection:
        return queries_jobs.ids(connection, JobFilter(states=at_work))
