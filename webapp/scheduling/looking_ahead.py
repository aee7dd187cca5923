"""What is due: a clock looks at schedules whose time has come, and writes a row for each run.

A look that two clocks make at once finds the same, and is written once. What was due while no clock ran is caught up
once an exchange, with the last run; those before are recorded as missed.
"""

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.collecting.validation import ValidRequest
from webapp.context import Context
from webapp.database.transactions import reading, writing
from webapp.errors import MoissonError
from webapp.scheduling import queries_runs, queries_schedules
from webapp.scheduling.definitions import moment_at, request_of, validate_schedule_request
from webapp.scheduling.markets import Exchanges
from webapp.scheduling.queries_runs import NewRun
from webapp.scheduling.queries_schedules import Look, ScheduleRow
from webapp.scheduling.rules_run_states import RunState
from webapp.scheduling.rules_runs import DueRun, Market, Timetable, runs_between

log = logging.getLogger(__name__)

LATE_AFTER = dt.timedelta(minutes=2)
"""A run that is written so long after it was due says that it is late."""
LOOK_EVERY = dt.timedelta(minutes=10)
"""So often a clock looks at least: calendars are corrected, lists are changed, sources tell where things trade."""
FAILURES = (MoissonError, ValueError, LookupError, ArithmeticError, OSError)
"""What may be wrong with one schedule: what was asked, a calendar, a file, or a defect of ours. The database is not."""
MOST_MISSED = 50
"""Runs of a schedule that are recorded as missed at one look, the last ones."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look at a schedule found."""

    look: Look
    runs: tuple[NewRun, ...]


def look_at_schedules(context: Context) -> None:
    """Write down the runs that are due by now."""
    now = context.now()
    with reading() as connection:
        schedules = queries_schedules.to_look_at(connection, now)
    if not schedules:
        return
    requests = {row.id: _validate(context, row) for row in schedules}
    with reading() as connection:
        exchanges = Exchanges(connection, now.timestamp())
        exchanges.read_ahead(filter(None, requests.values()))
        findings = [_look_at(row, requests[row.id], exchanges, now) for row in schedules]
    with writing() as connection:
        unchanged = queries_schedules.lock_unchanged(connection, schedules)
        current = [finding for finding in findings if finding.look.schedule_id in unchanged]
        queries_runs.insert_runs(connection, [run for finding in current for run in finding.runs], now)
        queries_schedules.note_looks(connection, [finding.look for finding in current])


def _validate(context: Context, row: ScheduleRow) -> ValidRequest | None:
    """Return the request of a schedule, None when it cannot be made just now: its next run says why."""
    try:
        return validate_schedule_request(context, request_of(row.definition))
    except FAILURES:
        return None


def markets_of(row: ScheduleRow, request: ValidRequest | None, exchanges: Exchanges) -> tuple[Market, ...]:
    """Return the exchanges of a schedule; those of the last look while its instruments cannot be had."""
    definition = row.definition
    if request is None:
        return exchanges.bare_markets(definition.source, definition.interval, row.exchanges)
    return exchanges.markets(request.source, request.interval, request.symbols)


def _look_at(row: ScheduleRow, request: ValidRequest | None, exchanges: Exchanges, now: dt.datetime) -> Finding:
    markets = markets_of(row, request, exchanges)
    codes = tuple(market.code for market in markets)
    timetable = Timetable(row.definition.timing, row.definition.interval, markets)
    after, until = int(row.checked_until.timestamp()), int(now.timestamp())
    later = now + LOOK_EVERY
    try:
        due = runs_between(timetable, after, until)
        coming = runs_between(timetable, until, int(later.timestamp()))
    except FAILURES:  # above all a calendar that cannot be made; one schedule stops neither others nor the clock
        log.exception("schedule %d cannot be looked at", row.id)
        return Finding(Look(row.id, row.checked_until, later, codes), ())
    look_at = moment_at(coming[0].due) if coming else later
    return Finding(Look(row.id, now, look_at, codes), tuple(_new_runs(row, due, now)))


def _new_runs(row: ScheduleRow, due: Sequence[DueRun], now: dt.datetime) -> list[NewRun]:
    """Return the rows of runs: the last of each exchange is to be submitted, those before were missed."""
    by_exchange: dict[str, list[DueRun]] = defaultdict(list)
    for run in due:
        by_exchange[run.exchange].append(run)
    new: list[NewRun] = []
    for exchange, runs in by_exchange.items():
        missed = runs[-MOST_MISSED - 1 : -1]
        new += [NewRun(row.id, moment_at(run.due), exchange, RunState.MISSED) for run in missed]
        last = moment_at(runs[-1].due)
        new.append(NewRun(row.id, last, exchange, is_late=now - last > LATE_AFTER))
    return new
