"""``schedules``: collections that the clock submits again and again; ``late``: series that they promise fresher."""

from collections.abc import Iterable, Iterator, Sequence

import click
from flask.cli import AppGroup
from flask_babel import gettext

from webapp.cli.completion import Symbol
from webapp.cli.options import interval_option, option_of, request_options, source_option
from webapp.cli.speaking import SpokenCommand, answer, confirm, said, table
from webapp.cli.statuses import FAILED
from webapp.collecting.request_values import parse_request
from webapp.context import context
from webapp.jobs.records import instant
from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.scheduling import schedules as service
from webapp.scheduling.definitions import check_draft, draft_from
from webapp.scheduling.promises import LateSeries, list_late
from webapp.scheduling.queries_runs import RunRow
from webapp.scheduling.rules_run_states import RunState
from webapp.scheduling.rules_runs import DueRun
from webapp.scheduling.run_words import describe_run
from webapp.scheduling.schedule_fields import TIMING_FIELDS
from webapp.scheduling.schedule_records import due_record, late_record, run_record, schedule_record
from webapp.scheduling.schedules import ScheduleState
from webapp.scheduling.timing_words import describe_timing

_NUMBER = click.IntRange(1, 2**31 - 1)


@click.group("schedules", cls=AppGroup)
def schedules() -> None:
    """See, make, pause, resume, run and delete schedules."""


@schedules.command("list", cls=SpokenCommand, with_appcontext=False)
def list_() -> None:
    """List the schedules by their names."""
    states = service.list_schedules(context(), runs=1)
    answer([schedule_record(state) for state in states], lambda: _list_text(states))


def _list_text(states: Sequence[ScheduleState]) -> str:
    if not states:
        return str(gettext("There are no schedules."))
    heads = (gettext("id"), gettext("name"), gettext("when"), gettext("next run"), gettext("last run"))
    return table(heads, map(_line, states))


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
def show(schedule_id: int) -> None:
    """Show one schedule: what it asks for, when it runs next, and its last runs."""
    state = service.show_schedule(context(), schedule_id)
    answer(schedule_record(state) | {"runs": [run_record(run) for run in state.runs]}, lambda: _show_text(state))


def _show_text(state: ScheduleState) -> str:
    definition = state.schedule.definition
    lines = [
        f"{definition.name}: {describe_timing(definition.timing, said)}",
        f"{', '.join(definition.symbols)} · {definition.interval.value} · {definition.source}",
        *_coming_lines(state.coming or ()),
        *map(_run_text, state.runs),
    ]
    return "\n".join(lines)


def _coming_lines(runs: Iterable[DueRun]) -> Iterator[str]:
    for run in runs:
        due = f"{instant(run.due)} {run.exchange}".strip()
        yield str(gettext("Next run: %(due)s", due=due))


def _run_text(run: RunRow) -> str:
    due = f"{instant(int(run.due_at.timestamp()))} {run.exchange}".strip()
    reason = f": {said(run.reason)}" if run.reason else ""
    return f"{due}  {describe_run(run, said)}{reason}"


@schedules.command("create", cls=SpokenCommand)
@click.argument("symbols", nargs=-1, required=True, type=Symbol(may_be_missing=False))
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
    start: str | None,
    period: str | None,
    priority: str,
    options: dict[str, str],
    preview: bool,
    **texts: str | None,
) -> None:
    """Let the clock collect SYMBOLS again and again, what is missing of them."""
    values: dict[str, object] = {"source": source, "symbols": symbols, "interval": interval, "start": start}
    values |= {"period": period, "options": options, "priority": priority}
    request = parse_request(values, context().now())
    draft = draft_from(request, {name: text or "" for name, text in texts.items()})
    checked = check_draft(context(), draft)
    lines = [describe_timing(checked.definition.timing, said), *_coming_lines(checked.next_runs)]
    if preview:
        coming = [due_record(run) for run in checked.next_runs]
        answer({"words": lines[0], "next_runs": coming}, "\n".join(lines))
        return
    schedule_id = service.create_schedule(context(), draft)
    lines.append(gettext("Schedule %(id)d: %(name)s", id=schedule_id, name=checked.definition.name))
    confirm(schedule_record(service.show_schedule(context(), schedule_id, runs=1)), "\n".join(lines))


@schedules.command("pause", cls=SpokenCommand, with_appcontext=False)
@click.argument("schedule_id", type=_NUMBER)
def pause(schedule_id: int) -> None:
    """Let a schedule rest until it is resumed."""
    service.set_paused(context(), schedule_id, is_paused=True)
    confirm({"id": schedule_id, "paused": True}, gettext("Schedule %(id)d is paused.", id=schedule_id))


@schedules.command("resume", cls=SpokenCommand, with_appcontext=False)
@click.argument("schedule_id", type=_NUMBER)
def resume(schedule_id: int) -> None:
    """Let a paused schedule go on; what was due meanwhile is not made up for."""
    service.set_paused(context(), schedule_id, is_paused=False)
    confirm({"id": schedule_id, "paused": False}, gettext("Schedule %(id)d goes on.", id=schedule_id))


@schedules.command("run", cls=SpokenCommand, with_appcontext=False)
@click.argument("schedule_id", type=_NUMBER)
def run(schedule_id: int) -> None:
    """Run a schedule now, for all its instruments."""
    ran = service.run_now(context(), schedule_id)
    batch = [] if ran.batch_id is None else [gettext("Batch %(id)d", id=ran.batch_id)]
    confirm(run_record(ran), "\n".join([_run_text(ran), *batch]))
    if ran.state is RunState.REFUSED:
        click.get_current_context().exit(FAILED)


@schedules.command("delete", cls=SpokenCommand, with_appcontext=False)
@click.argument("schedule_id", type=_NUMBER)
def delete(schedule_id: int) -> None:
    """Delete a schedule with its history; what it collected stays."""
    service.delete_schedule(schedule_id)
    words = gettext("Schedule %(id)d is deleted; what it collected stays.", id=schedule_id)
    confirm({"id": schedule_id, "deleted": True}, words)


@click.command("late", cls=SpokenCommand)
def late() -> None:
    """List the series that are late: of which a schedule promises more than is there."""
    series = list_late(context())
    answer([late_record(each) for each in series], lambda: _late_text(series))


def _late_text(series: Sequence[LateSeries]) -> str:
    if not series:
        return str(gettext("No series is late."))
    heads = (gettext("symbol"), gettext("interval"), gettext("source"), gettext("late since"), gettext("schedule"))
    rows = [
        (each.symbol, each.interval.value, each.source, instant(int(each.since.timestamp())), each.schedule_id)
        for each in series
    ]
    return table(heads, rows)
