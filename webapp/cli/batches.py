"""``batches``: jobs that were submitted together, as one."""

import click
from flask.cli import AppGroup
from flask_babel import gettext

from webapp.cli.completion import batch_number
from webapp.cli.job_actions import asking_batch
from webapp.cli.job_texts import table_text
from webapp.cli.speaking import SpokenCommand, answer, table
from webapp.cli.waiting import state_word
from webapp.collecting.groups import BatchState, find_batch
from webapp.collecting.verbs import Verb
from webapp.context import context
from webapp.database.transactions import reading
from webapp.jobs import queries_batches
from webapp.jobs.records import batch_record, record
from webapp.kernel.job_states import JobState


@click.group("batches", cls=AppGroup)
def batches() -> None:
    """See, cancel, pause, resume and retry jobs that were submitted together; jobs watch --batch watches them."""


@batches.command("list", cls=SpokenCommand, with_appcontext=False)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1), help="At most so many.")
def list_(limit: int) -> None:
    """List batches, newest first."""
    with reading() as connection:
        rows = queries_batches.page(connection, limit=limit)
    listed = [find_batch(row.id) for row in rows]
    answer([batch_record(state.batch, state.jobs) for state in listed], lambda: _text(listed))


@batches.command("show", cls=SpokenCommand, with_appcontext=False)
@click.argument("batch_id", type=batch_number())
def show(batch_id: int) -> None:
    """Show one batch with all jobs that serve it, whoever submitted them."""
    state = find_batch(batch_id)
    jobs = [record(context(), job) for job in state.jobs]
    answer(
        batch_record(state.batch, state.jobs) | {"jobs": jobs}, lambda: f"{_text([state])}\n\n{table_text(state.jobs)}"
    )


def _text(states: list[BatchState]) -> str:
    if not states:
        return str(gettext("No batches yet."))
    heads = (gettext("batch"), gettext("made (UTC)"), gettext("from"), gettext("jobs"), gettext("state"))
    return table(heads, [_cells(state) for state in states])


def _cells(state: BatchState) -> tuple[object, ...]:
    """Return a batch as a line: how many jobs are in which state."""
    counts = [(each, sum(job.state is each for job in state.jobs)) for each in JobState]
    words = ", ".join(f"{count} {state_word(each)}" for each, count in counts if count)
    return state.batch.id, f"{state.batch.created_at:%Y-%m-%d %H:%M}", state.batch.origin, len(state.jobs), words


for _command in (
    asking_batch(Verb.CANCEL, "Cancel what is not over of a batch; what was collected stays."),
    asking_batch(Verb.PAUSE, "Pause what is at work of a batch until it is resumed."),
    asking_batch(Verb.RESUME, "Go on with what is paused of a batch."),
    asking_batch(Verb.RETRY, "Try again what failed of a batch; it goes on from what it has."),
):
    batches.add_command(_command)
