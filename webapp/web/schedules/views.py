"""Schedules as pages show them: in words, with a dot a run whose shape and text say what its colour says."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext

from webapp.context import context
from webapp.coverage.rules_exchanges import CALENDARS
from webapp.kernel.job_states import Priority
from webapp.scheduling.definitions import moment_at
from webapp.scheduling.promises import LateSeries
from webapp.scheduling.queries_runs import RunRow
from webapp.scheduling.queries_schedules import ScheduleRow
from webapp.scheduling.rules_run_states import OPEN, RunState
from webapp.scheduling.rules_runs import DueRun
from webapp.scheduling.run_words import describe_run
from webapp.scheduling.schedules import ScheduleState
from webapp.scheduling.timing_words import describe_timing, length_of
from webapp.sources import choices
from webapp.web.formats import moment, say
from webapp.web.versions import version_of
from webapp.web.wording import PRIORITIES

_LOOKS: dict[RunState, tuple[str, str]] = {
    RunState.DUE: ("busy", "clock"),
    RunState.WAITING: ("calm", "hourglass"),
    RunState.RUNNING: ("busy", "play"),
    RunState.SUCCEEDED: ("good", "check"),
    RunState.PARTLY: ("warn", "alert"),
    RunState.FAILED: ("bad", "cross"),
    RunState.UP_TO_DATE: ("calm", "dot"),
    RunState.REFUSED: ("bad", "stop"),
    RunState.MISSED: ("warn", "moon"),
    RunState.SKIPPED: ("calm", "skip"),
}
"""Colour and shape of each state; no two have one shape."""
_MOVING_POLL = 3
_QUIET_POLL = 30
_SOON = dt.timedelta(minutes=10)
_NAMED = 6


@dataclass(frozen=True, slots=True)
class RunView:
    """A run: ``look`` is its colour, ``icon`` its shape, ``text`` what both say, ``url`` leads to what it collected."""

    run: RunRow
    look: str
    icon: str
    text: str
    exchange: str
    label: str
    url: str | None


@dataclass(frozen=True, slots=True)
class ComingRun:
    """A run that is to come."""

    at: dt.datetime
    exchange: str


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """A schedule in words; its runs are told oldest first, so that the row of dots ends with the last one."""

    schedule: ScheduleRow
    timing: str
    symbols: str
    rest: int
    source: str
    overlap: str
    fresh: str
    priority: str
    coming: list[ComingRun]
    is_unknown: bool
    """Nobody can tell when it runs next: an exchange's calendar cannot be had."""
    dots: list[RunView]
    late: list[LateSeries]


@dataclass(frozen=True, slots=True)
class ScheduleListing:
    """All schedules. ``poll`` is None when nothing is left to watch; ``url`` is where the fragment looks again."""

    schedules: list[ScheduleView]
    poll: int | None
    url: str


def show_listing(states: Sequence[ScheduleState], late: Sequence[LateSeries], url: str) -> ScheduleListing:
    """Return the list of all schedules."""
    views = [show_schedule(state, late) for state in states]
    return ScheduleListing(views, poll_seconds(states), url)


def show_schedule(state: ScheduleState, late: Sequence[LateSeries]) -> ScheduleView:
    """Return a schedule in words."""
    definition = state.schedule.definition
    skips = definition.overlap.value == "skip"
    return ScheduleView(
        schedule=state.schedule,
        timing=describe_timing(definition.timing, say),
        symbols=", ".join(definition.symbols[:_NAMED]),
        rest=max(0, len(definition.symbols) - _NAMED),
        source=choices.label(definition.source),
        overlap=gettext("is skipped") if skips else gettext("waits"),
        fresh="" if definition.fresh_minutes is None else length_of(definition.fresh_minutes),
        priority=say(PRIORITIES[Priority(definition.priority)]),
        coming=show_coming(state.coming or ()),
        is_unknown=state.coming is None,
        dots=[show_run(run) for run in reversed(state.runs)],
        late=[each for each in late if each.schedule_id == state.schedule.id],
    )


def show_coming(runs: Sequence[DueRun]) -> list[ComingRun]:
    """Return runs that are to come."""
    return [ComingRun(moment_at(run.due), exchange_name(run.exchange)) for run in runs]


def exchange_name(code: str) -> str:
    """Return the name of a calendar's exchange; empty for a run of all instruments."""
    return CALENDARS.get(code, code)


def show_run(run: RunRow) -> RunView:
    """Return a run with its dot."""
    look, icon = _LOOKS[run.state]
    text = describe_run(run, say)
    exchange = exchange_name(run.exchange)
    label = " · ".join(filter(None, (moment(run.due_at), exchange, text)))
    url = None if run.batch_id is None else url_for("jobs.index", batch=run.batch_id)
    return RunView(run, look, icon, text, exchange, label, url)


def version(states: Sequence[ScheduleState], late: Sequence[LateSeries]) -> str:
    """Return the version of what is shown of schedules."""
    runs = [(run.id, run.state.value) for state in states for run in state.runs]
    schedules = [(state.schedule.id, state.schedule.revision, state.coming) for state in states]
    return version_of(runs=runs, schedules=schedules, late=[(each.symbol, each.since) for each in late])


def poll_seconds(states: Sequence[ScheduleState]) -> int | None:
    """Return the seconds between two looks: while a run is under way, or one comes soon; else None."""
    watched = {*OPEN, RunState.RUNNING}
    if any(run.state in watched for state in states for run in state.runs):
        return _MOVING_POLL
    soon = int((context().now() + _SOON).timestamp())
    return _QUIET_POLL if any(state.coming and state.coming[0].due <= soon for state in states) else None
