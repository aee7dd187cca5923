"""``batches``: jobs that were submitted together, as one."""

import click
from flask.cli import AppGroup
from flask_babel import gettext

from webapp.cli.completion import batch_number
from webapp.cli.job_actions import asking_batch
from webapp.cli.job_texts import table_text
from webapp.cli.speaking import SpokenCommand, answer, table
from webapp.cli.waiting import state_word
from webapp.collecting.groups import find_batch
from webapp.collecting.verbs import Verb
from webapp.context import context
from webapp.database.transactions import reading
from webapp.jobs import queries_batches
from webapp.jobs.queries_batches import BatchSums
from webapp.jobs.records import record, sums_of, sums_record
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
    answer([sums_record(row) for row in rows], lambda: _text(rows))


@batches.command("show", cls=SpokenCommand, with_appcontext=False)
@click.argument("batch_id", type=batch_number())
def show(batch_id: int) -> None:
    """Show one batch with all jobs that serve it, whoever submitted them."""
    state = find_batch(batch_id)
    sums = sums_of(state.batch, state.jobs)
    jobs = [record(context(), job) for job in state.jobs]
    answer(sums_record(sums) | {"jobs": jobs}, lambda: f"{_text([sums])}\n\n{table_text(state.jobs)}")


def _text(rows: list[BatchSums]) -> str:
    if not rows:
        return str(gettext("No batches yet."))
    heads = (gettext("batch"), gettext("made (UTC)"), gettext("from"), gettext("jobs"), gettext("state"))
    return table(heads, [_cells(row) for row in rows])


def _cells(sums: BatchSums) -> tuple[object, ...]:
    """Return a batch as a line: how many jobs are in which state."""
    batch, states = sums.batch, sums.states
    words = ", ".join(f"{states[each]} {state_word(each)}" for each in JobState if states.get(each))
    return batch.id, f"{batch.created_at:%Y-%m-%d %H:%M}", batch.origin, sum(states.values()), words


for _command in (
    asking_batch(Verb.CANCEL, "Cancel what is not over of a batch; what was collected stays."),
    asking_batch(Verb.PAUSE, "Pause what is at work of a batch until it is resumed."),
    asking_batch(Verb.RESUME, "Go on with what is paused of a batch."),
    asking_batch(Verb.RETRY, "Try again what failed of a batch; it goes on from what it has."),
):
    batches.add_command(_command)
