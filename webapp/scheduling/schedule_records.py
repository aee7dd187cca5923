"""Schedules, runs and late series as plain data, for scripts, ``--json`` and the JSON API (docs/http.md)."""

import datetime as dt
from collections.abc import Mapping

from webapp.context import Context
from webapp.jobs.records import instant
from webapp.scheduling.promises import LateSeries
from webapp.scheduling.queries_runs import RunRow
from webapp.scheduling.rules_runs import DueRun
from webapp.scheduling.schedules import ScheduleState, list_schedules

Record = dict[str, object]


def schedule_records(context: Context) -> list[Record]:
    """Return all schedules as they stand, by their names."""
    return [schedule_record(state) for state in list_schedules(context, runs=1)]


def schedule_record(state: ScheduleState) -> Record:
    """Return a schedule as JSON can hold it: instants in ISO 8601 UTC, lengths in minutes, sentences in English.

    ``next_runs`` is None when an exchange's calendar cannot be had.
    """
    schedule, definition = state.schedule, state.schedule.definition
    timing = definition.timing
    return {
        "id": schedule.id,
        "name": definition.name,
        "source": definition.source,
        "symbols": list(definition.symbols),
        "interval": definition.interval.value,
        "period": definition.period,
        "start": definition.start,
        "options": definition.options,
        "priority": definition.priority.name.lower(),
        "when": timing.kind.value,
        "minutes": timing.minutes,
        "cron": timing.cron or None,
        "zone": timing.zone or None,
        "overlap": definition.overlap.value,
        "fresh": definition.fresh_minutes,
        "paused": schedule.is_paused,
        "revision": schedule.revision,
        "created_at": _moment(schedule.created_at),
        "changed_at": _moment(schedule.changed_at),
        "exchanges": list(schedule.exchanges),
        "next_runs": None if state.coming is None else [due_record(run) for run in state.coming],
        "last_run": run_record(state.runs[0]) if state.runs else None,
    }


def due_record(run: DueRun) -> Mapping[str, str]:
    """Return a run that is to come; ``exchange`` is empty when it asks for all instruments."""
    return {"due_at": instant(run.due), "exchange": run.exchange}


def run_record(run: RunRow) -> Record:
    """Return a run as it stands; ``batch_id`` is None when it made none."""
    return {
        "id": run.id,
        "schedule_id": run.schedule_id,
        "due_at": _moment(run.due_at),
        "exchange": run.exchange,
        "state": run.state.value,
        "late": run.is_late,
        "by_hand": run.is_by_hand,
        "created_at": _moment(run.created_at),
        "ended_at": None if run.ended_at is None else _moment(run.ended_at),
        "batch_id": run.batch_id,
        "jobs": run.jobs,
        "reason": str(run.reason) if run.reason else None,
    }


def late_record(late: LateSeries) -> Record:
    """Return a series that is late; ``series_id`` is None of one that never had a bar."""
    return {
        "series_id": late.series_id,
        "source": late.source,
        "symbol": late.symbol,
        "interval": late.interval.value,
        "variant": late.variant,
        "since": _moment(late.since),
        "schedule_id": late.schedule_id,
    }


def _moment(at: dt.datetime) -> str:
    return instant(int(at.timestamp()))
