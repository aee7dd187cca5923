"""``JobManager``'s verbs for jobs: how many there are, which, and what is asked of those that are there."""

import dataclasses
from typing import TypedDict, cast

from webapp.collecting.groups import execute_batch, execute_each
from webapp.collecting.verbs import JobCommand, Verb
from webapp.database.transactions import reading
from webapp.framing.arguments import PriorityName
from webapp.jobs import queries_jobs as jobs
from webapp.jobs.queries_jobs import JobFilter
from webapp.jobs.records import JobRecord, record
from webapp.kernel.collect_fields import priority_of
from webapp.kernel.job_states import ACTIVE
from webapp.kernel.request_fields import parse_whole
from webapp.notebook.batch import Batch, Outcome, Picked
from webapp.notebook.database_errors import opened
from webapp.notebook.values import command_of, parse_ids, plain
from webapp.upkeep.statistics import statistics_of

_MOST = 1_000_000


class WindowRecord(TypedDict):
    """Jobs submitted within a time, and what has become of them.

    ``success_rate`` is the part that succeeded of those that succeeded or failed, 0 to 1; durations are seconds. None
    where there is none to count.
    """

    jobs: int
    by_state: dict[str, int]
    by_source: dict[str, int]
    success_rate: float | None
    median_seconds: float | None
    mean_seconds: float | None
    bars_written: int


class StatisticsRecord(TypedDict):
    """Jobs of the last day, of the last week and of all on record; and how many series and bars are stored."""

    day: WindowRecord
    week: WindowRecord
    all: WindowRecord
    series: int
    bars: int


"""Jobs of the last day, of the last week and of all on record, and how much is stored."""


class JobVerbs:
    """Jobs that are there."""

    @staticmethod
    def get_statistics() -> StatisticsRecord:
        """Return jobs, successes, durations (seconds) and bars of the last ``day``, ``week`` and ``all``.

        Beside them stand ``series`` and ``bars``: how much is stored.
        """
        with opened() as context:
            return cast("StatisticsRecord", dataclasses.asdict(statistics_of(context)))

    @staticmethod
    def get_active_jobs() -> list[JobRecord]:
        """Return the jobs that are not over, newest first."""
        return _jobs(JobFilter(states=tuple(ACTIVE)), _MOST)

    @staticmethod
    def get_recent_jobs(limit: int = 20) -> list[JobRecord]:
        """Return the newest jobs, newest first."""
        return _jobs(JobFilter(), limit)

    @staticmethod
    def cancel(jobs: Picked, reason: str = "") -> Outcome:
        """Cancel a job (by id), several, or what is not over of a ``Batch``; what was collected stays."""
        return _execute(jobs, command_of(Verb.CANCEL, reason))

    @staticmethod
    def pause(jobs: Picked, reason: str = "") -> Outcome:
        """Pause a job (by id), several, or what is at work of a ``Batch``."""
        return _execute(jobs, command_of(Verb.PAUSE, reason))

    @staticmethod
    def resume(jobs: Picked, reason: str = "") -> Outcome:
        """Go on with a paused job (by id), with several, or with what is paused of a ``Batch``."""
        return _execute(jobs, command_of(Verb.RESUME, reason))

    @staticmethod
    def retry(jobs: Picked, reason: str = "") -> Outcome:
        """Try a failed or cancelled job (by id) again, several, or only what failed of a ``Batch``."""
        return _execute(jobs, command_of(Verb.RETRY, reason))

    @staticmethod
    def prioritize(jobs: Picked, priority: PriorityName, reason: str = "") -> Outcome:
        """Give a job (by id), several, or what is not over of a ``Batch`` the priority high, normal or low."""
        return _execute(jobs, command_of(Verb.PRIORITY, reason, priority_of(plain(priority))))


def _execute(picked: Picked, command: JobCommand) -> Outcome:
    with opened() as context:
        if isinstance(picked, Batch):
            outcome = execute_batch(context, picked.id, command)
        else:
            outcome = execute_each(context, parse_ids("jobs", plain(picked)), command)
        changed = [record(context, row) for row in outcome.changed]
    return Outcome(changed, {refused.job_id: str(refused.why) for refused in outcome.refused})


def _jobs(job_filter: JobFilter, limit: object) -> list[JobRecord]:
    most = parse_whole("limit", plain(limit), 1, _MOST)
    with opened() as context:
        with reading() as connection:
            rows = jobs.page(connection, job_filter, limit=most)
        return [record(context, row) for row in rows]
