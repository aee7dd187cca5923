"""What one may ask of jobs, picked by id (``jobs cancel 12``) or as a batch (``batches cancel 3``)."""

import click
from flask_babel import gettext

from webapp.cli.completion import batch_number, job_number
from webapp.cli.options import Decorated
from webapp.cli.speaking import SpokenCommand, complain, confirm, remark, said, wants_json
from webapp.cli.statuses import DONE, FAILED, NOT_FOUND
from webapp.cli.waiting import describe
from webapp.collecting import submit as service
from webapp.collecting.groups import BatchOutcome, execute_batch, execute_each
from webapp.collecting.verbs import JobCommand, Verb
from webapp.context import context
from webapp.jobs.queries_jobs import JobRow
from webapp.jobs.records import record
from webapp.kernel.job_states import Priority

_reason = click.option("--reason", default="", help="Why, for the log (at most 200 characters).")


def _picking(command: Decorated) -> Decorated:
    """Add what says which jobs are meant, and why."""
    for add in (
        _reason,
        click.option("--batch", type=batch_number(), help="All jobs of this batch that it can be asked of."),
        click.argument("job_ids", type=job_number(), nargs=-1),
    ):
        command = add(command)
    return command


def asking(verb: Verb, explanation: str) -> click.Command:
    """Return a command that asks the same of each job; one that refuses does not keep the others from it."""

    @_picking
    def command(job_ids: tuple[int, ...], batch: int | None, reason: str) -> None:
        _ask(job_ids, batch, JobCommand(verb, "cli", reason))

    return click.command(verb.value, cls=SpokenCommand, help=explanation)(command)


def asking_batch(verb: Verb, explanation: str) -> click.Command:
    """Return a command that asks the same of all jobs of a batch that it can be asked of."""

    @click.argument("batch_id", type=batch_number())
    @_reason
    def command(batch_id: int, reason: str) -> None:
        _ask((), batch_id, JobCommand(verb, "cli", reason))

    return click.command(verb.value, cls=SpokenCommand, help=explanation)(command)


@click.command("priority", cls=SpokenCommand)
@click.argument("priority", type=click.Choice([level.name.lower() for level in Priority]))
@_picking
def priority(priority: str, job_ids: tuple[int, ...], batch: int | None, reason: str) -> None:
    """Give jobs another place in the queue: high, normal or low."""
    _ask(job_ids, batch, JobCommand(Verb.PRIORITY, "cli", reason, Priority[priority.upper()]))


@click.command("clone", cls=SpokenCommand)
@click.argument("job_id", type=job_number())
def clone(job_id: int) -> None:
    """Collect the same once more, as a new job."""
    submission = service.clone(context(), job_id, "cli")
    [made_id] = submission.job_ids
    job = service.find(made_id)
    confirm(record(context(), job) | {"is_repeated": bool(submission.repeated)}, _line(job))
    if submission.repeated:
        remark(gettext("This job is not over yet and collects the same; no new one was made."))
    if submission.queue_is_away:
        say_that_the_queue_is_away()


def _ask(job_ids: tuple[int, ...], batch: int | None, command: JobCommand) -> None:
    """Ask, tell what came of each, and end with NOT_FOUND for a job that is not there, FAILED for one that refused."""
    if bool(job_ids) == (batch is not None):
        raise click.UsageError(gettext("Name jobs by their numbers, or a batch with --batch."))
    outcome = execute_each(context(), job_ids, command) if batch is None else execute_batch(context(), batch, command)
    for refused in outcome.refused:
        complain(said(refused.why))
    if wants_json() or outcome.changed:
        confirm(_outcome_record(outcome), "\n".join(map(_line, outcome.changed)))
    if batch is not None and not outcome.changed and not outcome.refused:
        remark(gettext("There is nothing of the kind to do in batch %(id)s.", id=batch))
    if outcome.queue_is_away:
        say_that_the_queue_is_away()
    click.get_current_context().exit(_status(outcome))


def _line(job: JobRow) -> str:
    return f"{job.id} {job.symbol}: {describe(job)}"


def _outcome_record(outcome: BatchOutcome) -> dict[str, object]:
    refused = [
        {"id": refusal.job_id, "message": str(refusal.why), "is_missing": refusal.is_missing}
        for refusal in outcome.refused
    ]
    return {"jobs": [record(context(), job) for job in outcome.changed], "refused": refused}


def _status(outcome: BatchOutcome) -> int:
    return max((NOT_FOUND if refused.is_missing else FAILED for refused in outcome.refused), default=DONE)


def say_that_the_queue_is_away() -> None:
    """Say that jobs are kept while Redis is away; it is no failure, since the clock delivers them."""
    remark(gettext("The queue (Redis) does not answer. The jobs are kept and start when it is back."))


COMMANDS = (
    asking(Verb.CANCEL, "Cancel jobs; what was collected stays."),
    asking(Verb.PAUSE, "Pause jobs until they are resumed."),
    asking(Verb.RESUME, "Go on with paused jobs."),
    asking(Verb.RETRY, "Try failed or cancelled jobs again; they go on from what they have. Of a batch: what failed."),
    priority,
    clone,
)
