"""``jobs cancel|pause|resume|retry|priority|clone``: what one may ask of jobs, picked by id or as a batch."""

import click
from flask_babel import gettext

from webapp.cli.options import Decorated
from webapp.cli.speaking import BAD_INPUT, FAILED, SpokenCommand, complain, said
from webapp.cli.waiting import describe
from webapp.collecting import submit as service
from webapp.collecting.groups import BatchOutcome, execute_batch, execute_each
from webapp.collecting.verbs import JobCommand, Verb
from webapp.context import context
from webapp.kernel.job_states import Priority

_NUMBER = click.IntRange(1, 2**63 - 1)


def _picking(command: Decorated) -> Decorated:
    """Add what says which jobs are meant, and why."""
    for add in (
        click.option("--reason", default="", help="Why, for the log (at most 200 characters)."),
        click.option("--batch", type=_NUMBER, help="All jobs of this batch that it can be asked of."),
        click.argument("job_ids", type=_NUMBER, nargs=-1),
    ):
        command = add(command)
    return command


def asking(verb: Verb, explanation: str) -> click.Command:
    """Return a command that asks the same of each job; one that refuses does not keep the others from it."""

    @_picking
    def command(job_ids: tuple[int, ...], batch: int | None, reason: str) -> None:
        _ask(job_ids, batch, JobCommand(verb, "cli", reason))

    return click.command(verb.value, cls=SpokenCommand, help=explanation)(command)


@click.command("priority", cls=SpokenCommand)
@click.argument("priority", type=click.Choice([level.name.lower() for level in Priority]))
@_picking
def priority(priority: str, job_ids: tuple[int, ...], batch: int | None, reason: str) -> None:
    """Give jobs another place in the queue: high, normal or low."""
    _ask(job_ids, batch, JobCommand(Verb.PRIORITY, "cli", reason, Priority[priority.upper()]))


@click.command("clone", cls=SpokenCommand)
@click.argument("job_id", type=_NUMBER)
def clone(job_id: int) -> None:
    """Collect the same once more, as a new job."""
    submission = service.clone(context(), job_id, "cli")
    [made_id] = submission.job_ids
    job = service.find(made_id)
    click.echo(f"{job.id} {job.symbol}: {describe(job)}")
    if submission.repeated:
        complain(gettext("This job is not over yet and collects the same; no new one was made."))
    if submission.queue_is_away:
        _say_that_the_queue_is_away()


def _ask(job_ids: tuple[int, ...], batch: int | None, command: JobCommand) -> None:
    """Ask, tell what came of each, and end with status 2 for a job that is not there, 1 for one that refused."""
    if bool(job_ids) == (batch is not None):
        raise click.UsageError(gettext("Name jobs by their numbers, or a batch with --batch."))
    outcome = execute_each(context(), job_ids, command) if batch is None else execute_batch(context(), batch, command)
    for refused in outcome.refused:
        complain(said(refused.why))
    for job in outcome.changed:
        click.echo(f"{job.id} {job.symbol}: {describe(job)}")
    if batch is not None and not outcome.changed and not outcome.refused:
        complain(gettext("There is nothing of the kind to do in batch %(id)s.", id=batch))
    if outcome.queue_is_away:
        _say_that_the_queue_is_away()
    click.get_current_context().exit(_status(outcome))


def _status(outcome: BatchOutcome) -> int:
    return max((BAD_INPUT if refused.is_missing else FAILED for refused in outcome.refused), default=0)


def _say_that_the_queue_is_away() -> None:
    complain(gettext("The queue (Redis) does not answer. The jobs are kept and start when it is back."))


COMMANDS = (
    asking(Verb.CANCEL, "Cancel jobs; what was collected stays."),
    asking(Verb.PAUSE, "Pause jobs until they are resumed."),
    asking(Verb.RESUME, "Go on with paused jobs."),
    asking(Verb.RETRY, "Try failed or cancelled jobs again; they go on from what they have. Of a batch: what failed."),
    priority,
    clone,
)
