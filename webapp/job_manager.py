"""The façade for notebooks and scripts: collect, look, and get bars as a DataFrame.

It works in a plain Python session with the same ``.env`` as the site, without a word about application contexts::

    from webapp.job_manager import JobManager

    batch = JobManager.submit(["AAPL", "MSFT"], interval="1d", period="5y")
    JobManager.wait(batch.id)
    frame = JobManager.bars("AAPL", source="yahoo", interval="1d", adjust="all")

Jobs are plain dicts, in the form of ``GET /api/v1/jobs/<id>``. Here and in the
modules of frames beside this one pandas is loaded.
"""

import dataclasses
import datetime as dt
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Unpack

import pandas as pd

from webapp.app import in_app
from webapp.collecting.groups import execute_batch, execute_each, find_batch
from webapp.collecting.submit import clone, submit
from webapp.collecting.validation import validate_request
from webapp.collecting.verbs import JobCommand, Verb
from webapp.coverage.gaps import all_gaps, report
from webapp.database.transactions import reading
from webapp.jobs import queries_jobs as jobs
from webapp.jobs.queries_jobs import JobFilter
from webapp.jobs.records import JobRecord, record
from webapp.kernel.job_states import ACTIVE
from webapp.kernel.request_fields import interval_of, moment_of, priority_of
from webapp.kernel.requests import CollectRequest
from webapp.notebook.catalogue_frames import actions_frame, coverage_frame, gaps_frame, series_frame
from webapp.notebook.frames import frame_of
from webapp.reading.bars import bars_span, open_bars
from webapp.reading.lookup import find_bars, find_series, known_actions, known_spans, stored_series
from webapp.reading.steadiness import SeriesChangedError
from webapp.scheduling.schedule_records import schedule_records
from webapp.sources.choices import SourceOptions, option_texts, split_symbols
from webapp.upkeep.statistics import statistics_of

Moment = str | dt.date | dt.datetime
_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Batch:
    """Jobs that were submitted together, one a symbol in the order asked.

    ``repeated`` are those that were at work already and belong to an earlier batch.
    """

    id: int
    job_ids: tuple[int, ...]
    repeated: frozenset[int]


Picked = int | Iterable[int] | Batch


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of asking several jobs: those that changed, as they stand now, and a sentence for each that did not."""

    changed: list[JobRecord]
    refused: dict[int, str]


class JobManager:
    """Everything a script may want of Moisson."""

    @staticmethod
    def get_statistics() -> dict[str, object]:
        """Return jobs, successes, durations (seconds) and bars of the last ``day``, ``week`` and ``all``.

        Beside them stand ``series`` and ``bars``: how much is stored.
        """
        with in_app() as context:
            return dataclasses.asdict(statistics_of(context))

    @staticmethod
    def get_active_jobs() -> list[JobRecord]:
        """Return the jobs that are not over, newest first."""
        return _jobs(JobFilter(states=tuple(ACTIVE)), _MOST)

    @staticmethod
    def get_recent_jobs(limit: int = 20) -> list[JobRecord]:
        """Return the newest jobs, newest first."""
        return _jobs(JobFilter(), limit)

    @staticmethod
    def submit(  # noqa: PLR0913 -- the fields of the form
        symbols: str | Iterable[str],
        *,
        source: str = "yahoo",
        interval: str = "1d",
        start: Moment | None = None,
        end: Moment | None = None,
        period: str | None = None,
        priority: str = "normal",
        refresh: bool = False,
        **options: Unpack[SourceOptions],
    ) -> Batch:
        """Submit a collection of what is missing: give ``period``, or ``start`` with an optional ``end``.

        A date, as text (``2024-03-01``) or as a ``date``, is a whole day of the exchange, the last one included; a
        date-time is an instant, UTC unless it says otherwise, and as an end exclusive; for bars of a day or longer only
        its date counts. ``options`` are the source's, by the names that its manifest says; ``SourceOptions`` lists
        those that type checkers know; any other is taken, too.

        :raises InvalidRequestError: with a sentence for each field that is wrong; nothing is queued then.
        """
        request = CollectRequest(
            source=source,
            symbols=split_symbols(source, symbols),
            interval=interval_of(interval),
            start=_moment("start", start),
            end=_moment("end", end),
            period=period,
            options=option_texts(source, options),
            priority=priority_of(priority),
            refresh=refresh,
        )
        with in_app() as context:
            submission = submit(context, validate_request(request, context.now()), "python")
        return Batch(submission.batch_id, submission.job_ids, submission.repeated)

    @staticmethod
    def clone(job_id: int) -> Batch:
        """Submit once more what a job collects.

        :raises NotFoundError: when there is none of this id.
        """
        with in_app() as context:
            submission = clone(context, job_id, "python")
        return Batch(submission.batch_id, submission.job_ids, submission.repeated)

    @staticmethod
    def cancel(jobs: Picked, reason: str = "") -> Outcome:
        """Cancel a job (by id), several, or what is not over of a ``Batch``; what was collected stays."""
        return _execute(jobs, JobCommand(Verb.CANCEL, "python", reason))

    @staticmethod
    def pause(jobs: Picked, reason: str = "") -> Outcome:
        """Pause a job (by id), several, or what is at work of a ``Batch``."""
        return _execute(jobs, JobCommand(Verb.PAUSE, "python", reason))

    @staticmethod
    def resume(jobs: Picked, reason: str = "") -> Outcome:
        """Go on with a paused job (by id), with several, or with what is paused of a ``Batch``."""
        return _execute(jobs, JobCommand(Verb.RESUME, "python", reason))

    @staticmethod
    def retry(jobs: Picked, reason: str = "") -> Outcome:
        """Try a failed or cancelled job (by id) again, several, or only what failed of a ``Batch``."""
        return _execute(jobs, JobCommand(Verb.RETRY, "python", reason))

    @staticmethod
    def prioritize(jobs: Picked, priority: str, reason: str = "") -> Outcome:
        """Give a job (by id), several, or what is not over of a ``Batch`` the priority high, normal or low."""
        return _execute(jobs, JobCommand(Verb.PRIORITY, "python", reason, priority_of(priority)))

    @staticmethod
    def wait(batch: int | Batch, timeout: float | None = None) -> list[JobRecord]:
        """Wait until no job that serves a batch (or the one of that id) is active; return them as they ended, by id.

        Jobs that were at work on the same for an earlier batch are waited for, too, and so is one that is paused.

        :raises NotFoundError: when there is no such batch, or its jobs were cleared away.
        :raises TimeoutError: when that takes longer than ``timeout`` seconds; the jobs go on.
        """
        until = None if timeout is None else time.monotonic() + timeout
        batch_id = batch.id if isinstance(batch, Batch) else batch
        while True:
            with in_app() as context:
                state = find_batch(batch_id)
                if state.is_over:
                    return [record(context, job) for job in state.jobs]
            if until is not None and time.monotonic() > until:
                message = f"Not all jobs were over within {timeout:g} s. They go on in the background."
                raise TimeoutError(message)
            time.sleep(0.25)

    @staticmethod
    def bars(  # noqa: PLR0913 -- the fields of an export
        symbol: str,
        *,
        source: str | None = None,
        interval: str = "1d",
        adjust: str = "splits",
        start: Moment | None = None,
        end: Moment | None = None,
        complete_only: bool = False,
        **options: Unpack[SourceOptions],
    ) -> pd.DataFrame:
        """Return the stored bars of a series, ascending; nothing is asked of the source.

        The index is a UTC ``DatetimeIndex`` named ``time``, of bars' starts (the exchange's date at 00:00 for daily
        and longer bars). The columns ``open high low close volume`` are float64, and so are ``wap count`` where the
        source gives them. ``adjust`` is ``none`` (as traded on the day), ``splits`` (on today's split basis) or
        ``all`` (dividends and capital gains taken out too). Without ``source`` the symbol is looked for wherever it is
        stored. The other arguments are as in ``submit``.

        Where no bars of the interval are stored, they are made of smaller ones; ``frame.attrs["made_of"]`` is the
        interval of the stored bars, another than the one asked for then. A last one whose time is not over is left out,
        and the column ``partial`` (bool) says which have a hole inside or are cut at the edge of what was collected;
        ``complete_only`` leaves these out, too.

        ``frame.attrs["notes"]``, where there is one, says what prices are not adjusted for (``adjust="all"``).

        :raises NotFoundError: when nothing of the kind was ever collected.
        :raises InvalidRequestError: when an argument is not understood.
        """
        parsed = interval_of(interval)
        first, last = _moment("start", start), _moment("end", end)
        with in_app():
            query = find_bars(symbol, source, parsed, option_texts(source, options))
            span = bars_span(query.series, first, last, query.step)
            opened = (query.series.id, adjust, span, query.step)
            try:
                frame = frame_of(open_bars(*opened, complete_only=complete_only))
            except SeriesChangedError:  # re-based this very moment: the second reading finds it on its new basis
                frame = frame_of(open_bars(*opened, complete_only=complete_only))
        frame.attrs["made_of"] = query.series.interval.value
        return frame

    @staticmethod
    def series(search: str = "") -> pd.DataFrame:
        """Return the series that hold bars, by symbol; ``search`` is part of a symbol or name.

        The index is the series' ``id``. Columns: ``source symbol interval variant name currency`` (text), ``rows``,
        and ``first_bar last_bar updated_at`` (UTC; bars by their starts).
        """
        with in_app():
            return series_frame(stored_series(search, _MOST))

    @staticmethod
    def coverage(
        symbol: str, *, source: str | None = None, interval: str = "1d", **options: Unpack[SourceOptions]
    ) -> pd.DataFrame:
        """Return what is known of a series: a row a span, its ``start`` (UTC) the index, with ``end`` and ``verdict``.

        ``have``: the source gave its bars; ``empty``: it said there are none; ``unknown``: it was never asked.
        """
        with in_app():
            row = find_series(symbol, source, interval_of(interval), option_texts(source, options))
            return coverage_frame(known_spans(row))

    @staticmethod
    def gaps(
        symbol: str, *, source: str | None = None, interval: str = "1d", **options: Unpack[SourceOptions]
    ) -> pd.DataFrame:
        """Return what a series misses by its exchange's calendar: ``start`` (UTC) is the index, ``end`` exclusive.

        ``sessions`` says how many sessions (weeks, months) are missing in between. Nights and holidays are no gaps.
        """
        with in_app() as context:
            row = find_series(symbol, source, interval_of(interval), option_texts(source, options))
            return gaps_frame([(gap.span, gap.sessions) for gap in all_gaps(report(context, row))])

    @staticmethod
    def actions(symbol: str, *, source: str = "yahoo", **options: Unpack[SourceOptions]) -> pd.DataFrame:
        """Return dividends, splits and capital gains; the index ``time`` is the ex-date (00:00 UTC).

        ``kind`` is ``dividend``, ``split`` or ``capital_gain``; ``value`` is money a share, for a split new shares per
        old one; ``currency`` is what a payout is in, empty where it is that of the prices.
        """
        with in_app():
            return actions_frame(known_actions(symbol, source, option_texts(source, options)))

    @staticmethod
    def schedules() -> list[JobRecord]:
        """Return all schedules by their names: what each asks for and when, its next runs and its last one."""
        with in_app() as context:
            return schedule_records(context)


def _execute(picked: Picked, command: JobCommand) -> Outcome:
    with in_app() as context:
        if isinstance(picked, Batch):
            outcome = execute_batch(context, picked.id, command)
        else:
            outcome = execute_each(context, [picked] if isinstance(picked, int) else picked, command)
        changed = [record(context, row) for row in outcome.changed]
    return Outcome(changed, {refused.job_id: str(refused.why) for refused in outcome.refused})


def _jobs(job_filter: JobFilter, limit: int) -> list[JobRecord]:
    with in_app() as context:
        with reading() as connection:
            rows = jobs.page(connection, job_filter, limit=limit)
        return [record(context, row) for row in rows]


def _moment(field: str, value: Moment | None) -> dt.date | None:
    return moment_of(field, value) if isinstance(value, str) else value
