"""What becomes of runs: each that is due is submitted once, as a batch that names its schedule, if anything is missing.

A run that cannot be submitted keeps the reason, and stops no other. A clock that dies leaves a row that another takes
up: whoever claims the row makes its batch, in one transaction.
"""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from webapp.collecting.job_delivery import deliver_jobs
from webapp.collecting.submit import BatchOrigin, PlannedJob, insert_batch
from webapp.collecting.validation import ValidRequest
from webapp.context import Context
from webapp.database.transactions import reading, writing
from webapp.errors import MoissonError, Sentence, sentence
from webapp.scheduling import queries_runs, queries_schedules
from webapp.scheduling.bulk_plans import plan_missing
from webapp.scheduling.definitions import narrowed, request_of, validate_schedule_request
from webapp.scheduling.expected_sessions import ExpectedSessions
from webapp.scheduling.looking_ahead import FAILURES
from webapp.scheduling.markets import Exchanges
from webapp.scheduling.queries_runs import RunRow
from webapp.scheduling.queries_schedules import ScheduleRow
from webapp.scheduling.rules_overlap import decide, in_slices
from webapp.scheduling.rules_run_states import RunState, ended_as

log = logging.getLogger(__name__)

ORIGIN = "schedule:"
"""What the origin of a schedule's batch begins with; its id follows."""
_AT_ONCE = 500
_JOBS_A_TRANSACTION = 200
_SECONDS = 10.0
"""So long one tick of the clock goes on submitting; what is left is for the next one."""

_SUPERSEDED = sentence("A later run has taken its place.")
_SKIPPED = sentence("The run before was still at work.")
_NOBODY_THERE = sentence("None of its instruments trades at this exchange any more.")
_DEFECT = sentence("It could not be planned; the log says why.")
_JOBS_GONE = sentence("Its jobs were deleted before they were over.")


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """A run with the jobs that it takes."""

    run: RunRow
    jobs: list[PlannedJob]
    lists: tuple[str, ...] = ()
    """The watchlists that its symbols stood in."""


def settle_runs(context: Context) -> None:
    """Write down how runs ended whose jobs are over."""
    with reading() as connection:
        counts = queries_runs.over(connection)
    if not counts:
        return
    with writing() as connection:
        for count in counts:
            is_gone = not count.succeeded + count.others
            state = RunState.FAILED if is_gone else ended_as(count.succeeded, count.others)
            reason = _JOBS_GONE if is_gone else None
            queries_runs.end_running(connection, count.run_id, state, count.ended_at or context.now(), reason)


def submit_runs(context: Context, only: int | None = None) -> None:
    """Submit the runs whose time has come, of all schedules or of ``only`` one."""
    until = time.monotonic() + _SECONDS
    with reading() as connection:
        runs = [run for run in queries_runs.open_runs(connection) if only in (None, run.schedule_id)]
        if not runs:
            return
        schedules = queries_schedules.of_ids(connection, {run.schedule_id for run in runs})
        at_work = queries_runs.at_work(connection)
    policies = {schedule_id: row.definition.overlap for schedule_id, row in schedules.items()}
    decisions = decide(runs, policies, at_work)
    now = context.now()
    with writing() as connection:
        queries_runs.end_open(connection, decisions.superseded, RunState.SKIPPED, now, _SUPERSEDED)
        queries_runs.end_open(connection, decisions.skipped, RunState.SKIPPED, now, _SKIPPED)
        queries_runs.hold_back(connection, decisions.waiting)
    for some in in_slices(decisions.ready, _AT_ONCE):
        _submit(context, some, schedules)
        if time.monotonic() > until:
            return


def _submit(context: Context, runs: Sequence[RunRow], schedules: Mapping[int, ScheduleRow]) -> None:
    requests, reasons = _requests_of(context, runs, schedules)
    planned, defects = _plan(requests)
    now = context.now()
    with writing() as connection:
        for run_id, reason in (reasons | defects).items():
            queries_runs.end_open(connection, [run_id], RunState.REFUSED, now, reason)
        idle = [each.run.id for each in planned if not each.jobs]
        queries_runs.end_open(connection, idle, RunState.UP_TO_DATE, now)
    for part in _parted([each for each in planned if each.jobs]):
        _write(context, part)


def _requests_of(
    context: Context, runs: Sequence[RunRow], schedules: Mapping[int, ScheduleRow]
) -> tuple[list[tuple[RunRow, ValidRequest]], dict[int, Sentence]]:
    """Return what runs ask for, and why those that cannot ask cannot."""
    valid: dict[int, ValidRequest | Sentence] = {}
    for schedule_id in dict.fromkeys(run.schedule_id for run in runs if run.schedule_id in schedules):
        try:
            valid[schedule_id] = validate_schedule_request(context, request_of(schedules[schedule_id].definition))
        except MoissonError as err:
            valid[schedule_id] = err.message
        except FAILURES:
            log.exception("schedule %d could not be checked", schedule_id)
            valid[schedule_id] = _DEFECT
    requests: list[tuple[RunRow, ValidRequest]] = []
    reasons: dict[int, Sentence] = {}
    with reading() as connection:
        exchanges = Exchanges(connection, context.now().timestamp())
        exchanges.read_ahead(request for request in valid.values() if isinstance(request, ValidRequest))
        for run in runs:
            request = valid.get(run.schedule_id)
            if isinstance(request, ValidRequest):
                symbols = _symbols_at(run.exchange, request, exchanges)
                requests.append((run, narrowed(request, symbols)))
                if not symbols:
                    reasons[run.id] = _NOBODY_THERE
            elif request is not None:  # else it was deleted this moment, and its runs with it
                reasons[run.id] = request
    return [(run, request) for run, request in requests if run.id not in reasons], reasons


def _symbols_at(exchange: str, request: ValidRequest, exchanges: Exchanges) -> tuple[str, ...]:
    if not exchange:
        return request.symbols
    venues = exchanges.look_up(request.source, request.symbols)
    return tuple(symbol for symbol in request.symbols if venues[symbol].code == exchange)


def _plan(requests: Sequence[tuple[RunRow, ValidRequest]]) -> tuple[list[PlannedRun], dict[int, Sentence]]:
    """Return runs with their jobs, all planned at once; when that fails, each alone, so that one stops no other."""
    try:
        jobs = plan_missing([request for _, request in requests], ExpectedSessions(request for _, request in requests))
    except FAILURES:
        log.exception("runs could not be planned together; each is planned alone")
        return _plan_each(requests)
    return [
        PlannedRun(run, its_jobs, request.lists) for (run, request), its_jobs in zip(requests, jobs, strict=True)
    ], {}


def _plan_each(requests: Sequence[tuple[RunRow, ValidRequest]]) -> tuple[list[PlannedRun], dict[int, Sentence]]:
    planned: list[PlannedRun] = []
    reasons: dict[int, Sentence] = {}
    for run, request in requests:
        try:
            planned.append(PlannedRun(run, plan_missing([request], ExpectedSessions([request]))[0], request.lists))
        except MoissonError as err:
            reasons[run.id] = err.message
        except FAILURES:
            log.exception("run %d of schedule %d could not be planned", run.id, run.schedule_id)
            reasons[run.id] = _DEFECT
    return planned, reasons


def _parted(planned: Iterable[PlannedRun]) -> list[list[PlannedRun]]:
    """Return runs in parts that each take a short transaction."""
    parts: list[list[PlannedRun]] = []
    size = _JOBS_A_TRANSACTION
    for each in planned:
        if size >= _JOBS_A_TRANSACTION:
            parts.append([])
            size = 0
        parts[-1].append(each)
        size += len(each.jobs)
    return parts


def _write(context: Context, planned: Iterable[PlannedRun]) -> None:
    """Make the batches of runs, commit, and send their jobs."""
    now = context.now()
    new_ids: list[int] = []
    with writing() as connection:
        for each in planned:
            if not queries_runs.claim_submission(connection, each.run.id):
                continue
            batch = insert_batch(connection, each.jobs, BatchOrigin(f"{ORIGIN}{each.run.schedule_id}", each.lists), now)
            queries_runs.note_batch(connection, each.run.id, batch.id, len(batch.job_ids))
            new_ids += batch.new_ids
    deliver_jobs(context, new_ids)
