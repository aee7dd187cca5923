"""``schedules``: collections that the clock submits again and again."""

import datetime as dt
import json
from collections.abc import Iterable

import click
from flask.cli import AppGroup
from flask_babel import gettext

from webapp.cli.options import interval_option, json_option, option_of, request_options, source_option
from webapp.cli.speaking import SpokenCommand, complain, said, table
from webapp.context import context
from webapp.jobs.records import instant
from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import Priority
from webapp.kernel.requests import CollectRequest
from webapp.scheduling import schedules as service
from webapp.scheduling.definitions import check_draft, draft_from
from webapp.scheduling.queries_runs import RunRow
from webapp.scheduling.rules_run_states import RunState
from webapp.scheduling.rules_runs import DueRun
from webapp.scheduling.run_words import describe_run
from webapp.scheduling.schedule_fields import TIMING_FIELDS
from webapp.scheduling.schedule_records import run_record, schedule_record
from webapp.scheduling.schedules import ScheduleState
from webapp.scheduling.timing_words import describe_timing
from webapp.sources.choices import split_symbols

_NUMBER = click.IntRange(1, 2**31 - 1)


@click.group("schedules", cls=AppGroup)
def schedules() -> None:
    """See, make, pause, resume, run and delete schedules."""


@schedules.command("list", cls=SpokenCommand, with_appcontext=False)
@json_option
def list_(*, as_json: bool) -> None:
    """List the schedules by their names."""
    states = service.list_schedules(context(), runs=1)
    if as_json:
        click.echo(json.dumps([schedule_record(state) for state in states], indent=2, ensure_ascii=False))
    elif states:
        heads = (gettext("id"), gettext("name"), gettext("when"), gettext("next run"), gettext("last run"))
        click.echo(table(heads, map(_line, states)))
    else:
        click.echo(gettext("There are no schedules."))


def _line(state: ScheduleState) -> tuple[object, ...]:
    schedule = state.schedule
    last = describe_run(state.runs[0], said) if state.runs else "–"
    return (
        schedule.id,
        schedule.definition.name,
        describe_timing(schedule.definition.timing, said),
        _next(state),
        last,
    )


def _next(state: ScheduleState) -> str:
    if state.schedule.is_paused:
        return str(gettext("paused"))
    return instant(state.coming[0].due) if state.coming else "–"


@schedules.command("show", cls=SpokenCommand, with_appcontext=False)
@click.argument("schedule_id", type=_NUMBER)
@json_option
def show(schedule_id: int, *, as_json: bool) -> None:
    """Show one schedule: what it asks for, when it runs next, and its last runs."""
    state = service.show_schedule(context(), schedule_id)
    if as_json:
        runs = [run_record(run) for run in state.runs]
        click.echo(json.dumps(schedule_record(state) | {"runs": runs}, indent=2, ensure_ascii=False))
        return
    definition = state.schedule.definition
    click.echo(f"{definition.name}: {describe_timing(definition.timing, said)}")
    click.echo(f"{', '.join(definition.symbols)} · {definition.interval.value} · {definition.source}")
    _show_coming(() if state.coming is None else state.coming)
    for run in state.runs:
        click.echo(_run_text(run))


def _show_coming(runs: Iterable[DueRun]) -> None:
    for run in runs:
        due = f"{instant(run.due)} {run.exchange}".strip()
        click.echo(gettext("Next run: %(due)s", due=due))


def _run_text(run: RunRow) -> str:
    due = f"{instant(int(run.due_at.timestamp()))} {run.exchange}".strip()
    reason = f": {said(run.reason)}" if run.reason else ""
    return f"{due}  {describe_run(run, said)}{reason}"


@schedules.command("create", cls=SpokenCommand)
@click.argument("symbols", nargs=-1, required=True)
@source_option
@interval_option
@option_of(COLLECT_FIELDS["start"])
@option_of(COLLECT_FIELDS["period"])
@request_options
@option_of(COLLECT_FIELDS["priority"])
@option_of(TIMING_FIELDS["name"])
@option_of(TIMING_FIELDS["when"])
@option_of(TIMING_FIELDS["minutes"])
@option_of(TIMING_FIELDS["cron"])
@option_of(TIMING_FIELDS["zone"])
@option_of(TIMING_FIELDS["overlap"])
@option_of(TIMING_FIELDS["fresh"])
@click.option("--preview", is_flag=True, help="Say when it would run, and make nothing.")
def create(  # noqa: PLR0913 -- click hands over each option by its name
    *,
    symbols: tuple[str, ...],
    source: str,
    interval: str,
    start: dt.date | None,
    period: str | None,
    priority: str,
    options: dict[str, str],
    preview: bool,
    **texts: str | None,
) -> None:
    """Let the clock collect SYMBOLS again and again, what is missing of them."""
    request = CollectRequest(
        source=source,
        symbols=split_symbols(source, symbols),
        interval=Interval(interval),
        start=start,
        period=period,
        options=options,
        priority=Priority[priority.upper()],
    )
    draft = draft_from(request, {name: text or "" for name, text in texts.items()})
    checked = check_draft(context(), draft)
    click.echo(describe_timing(checked.definition.timing, said))
    _show_coming(checked.next_runs)
    if preview:
        return
    schedule_id = service.create_schedule(context(), draft)
    click.echo(gettext("Schedule %(id)d: %(name)s", id=schedule_id, name=checked.definition.name))


@schedules.command("pause", cls=SpokenCommand, with_appcontext=False)
@click.argument("schedule_id", type=_NUMBER)
def pause(schedule_id: int) -> None:
    """Let a schedule rest until it is resumed."""
    service.set_paused(context(), schedule_id, is_paused=True)
    click.echo(gettext("Schedule %(id)d is paused.", id=schedule_id))


@schedules.command("resume", cls=SpokenCommand, with_appcontext=False)
@click.argument("schedule_id", type=_NUMBER)
def resume(schedule_id: int) -> None:
    """Let a paused schedule go on; what was due meanwhile is not made up for."""
    service.set_paused(context(), schedule_id, is_paused=False)
    click.echo(gettext("Schedule %(id)d goes on.", id=schedule_id))


@schedules.command("run", cls=SpokenCommand, with_appcontext=False)
@click.argument("schedule_id", type=_NUMBER)
def run(schedule_id: int) -> None:
    """Run a schedule now, for all its instruments."""
    ran = service.run_now(context(), schedule_id)
    click.echo(_run_text(ran))
    if ran.batch_id is not None:
        click.echo(gettext("Batch %(id)d", id=ran.batch_id))
    if ran.state is RunState.REFUSED:
        click.get_current_context().exit(1)


@schedules.command("delete", cls=SpokenCommand, with_appcontext=False)
@click.argument("schedule_id", type=_NUMBER)
def delete(schedule_id: int) -> None:
    """Delete a schedule with its history; what it collected stays."""
    service.delete_schedule(schedule_id)
    complain(gettext("Schedule %(id)d is deleted; what it collected stays.", id=schedule_id))
