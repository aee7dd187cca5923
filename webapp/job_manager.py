"""The façade for notebooks and scripts: collect, look, and get bars as a DataFrame.

It works in a plain Python session with the same ``.env`` as the site, without a word about application contexts::

    from webapp.job_manager import JobManager

    batch = JobManager.submit(["AAPL", "MSFT"], interval="1d", period="5y")
    JobManager.wait(batch.id)
    frame = JobManager.bars("AAPL", source="yahoo", interval="1d", adjust="all")

Jobs are plain dicts, in the form of ``GET /api/v1/jobs/<id>``. This is the one module that loads pandas.
"""

import dataclasses
import datetime as dt
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Unpack

import numpy as np
import pandas as pd

from webapp.app import in_app
from webapp.domain.instruments import split_symbols
from webapp.domain.jobs import ACTIVE
from webapp.domain.request_fields import interval_of, moment_of, priority_of
from webapp.domain.requests import CollectRequest
from webapp.domain.spans import Span
from webapp.services.job_groups import ask_batch, ask_each
from webapp.services.job_records import JobRecord, record
from webapp.services.job_verbs import Asked, Verb
from webapp.services.jobs import clone, submit
from webapp.services.series_lookup import find_series
from webapp.services.sources import SourceOptions, option_texts
from webapp.services.statistics import statistics_of
from webapp.services.stored_bars import EVER, StoredBars, open_bars
from webapp.store import bar_pages, jobs
from webapp.store.jobs import JobFilter
from webapp.store.transactions import reading

Moment = str | dt.date | dt.datetime
_NAMES = ("open", "high", "low", "close", "volume")
_Table = np.ndarray[tuple[int, int], np.dtype[np.float64]]
_PAGE = 50_000
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

        Dates are inclusive trading days, as text (``2024-03-01``) or as dates; date-times are UTC unless they say
        otherwise. ``options`` are the source's: ``prepost=True``; for IBKR ``sec_type="CASH"``, ``exchange``,
        ``currency``, ``expiry``, ``strike``, ``right``, ``what="MIDPOINT"``, ``rth=False``, ``gateway``.

        :raises InvalidRequestError: with a sentence for each field that is wrong; nothing is queued then.
        """
        request = CollectRequest(
            source=source,
            symbols=tuple(split_symbols(symbols if isinstance(symbols, str) else " ".join(symbols))),
            interval=interval_of(interval),
            start=_moment("start", start),
            end=_moment("end", end),
            period=period,
            options=option_texts(source, options),
            priority=priority_of(priority),
            refresh=refresh,
        )
        with in_app() as context:
            made = submit(context, request, "python")
        return Batch(made.batch_id, made.job_ids, made.repeated)

    @staticmethod
    def clone(job_id: int) -> Batch:
        """Submit once more what a job collects.

        :raises NotFoundError: when there is none of this id.
        """
        with in_app() as context:
            made = clone(context, job_id, "python")
        return Batch(made.batch_id, made.job_ids, made.repeated)

    @staticmethod
    def cancel(jobs: Picked, reason: str = "") -> Outcome:
        """Cancel a job (by id), several, or what is not over of a ``Batch``; what was collected stays."""
        return _ask(jobs, Asked(Verb.CANCEL, "python", reason))

    @staticmethod
    def pause(jobs: Picked, reason: str = "") -> Outcome:
        """Pause a job (by id), several, or what is at work of a ``Batch``."""
        return _ask(jobs, Asked(Verb.PAUSE, "python", reason))

    @staticmethod
    def resume(jobs: Picked, reason: str = "") -> Outcome:
        """Go on with a paused job (by id), with several, or with what is paused of a ``Batch``."""
        return _ask(jobs, Asked(Verb.RESUME, "python", reason))

    @staticmethod
    def retry(jobs: Picked, reason: str = "") -> Outcome:
        """Try a failed or cancelled job (by id) again, several, or only what failed of a ``Batch``."""
        return _ask(jobs, Asked(Verb.RETRY, "python", reason))

    @staticmethod
    def prioritize(jobs: Picked, priority: str, reason: str = "") -> Outcome:
        """Give a job (by id), several, or what is not over of a ``Batch`` the priority high, normal or low."""
        return _ask(jobs, Asked(Verb.PRIORITY, "python", reason, priority_of(priority)))

    @staticmethod
    def wait(batch: int | Batch, timeout: float | None = None) -> list[JobRecord]:
        """Wait until no job of a batch (or of its id) is active, and return its jobs as they ended, by id.

        A job that is paused is waited for. With a batch, its repeated jobs are waited for as well.

        :raises TimeoutError: when that takes longer than ``timeout`` seconds; the jobs go on.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            records = _batch_jobs(batch)
            if not any(job["state"] in ACTIVE for job in records):
                return records
            if until is not None and time.monotonic() > until:
                message = f"Not all jobs were over within {timeout:g} s. They go on in the background."
                raise TimeoutError(message)
            time.sleep(0.25)

    @staticmethod
    def bars(
        symbol: str,
        *,
        source: str = "yahoo",
        interval: str = "1d",
        adjust: str = "splits",
        start: Moment | None = None,
        end: Moment | None = None,
        **options: Unpack[SourceOptions],
    ) -> pd.DataFrame:
        """Return the stored bars of a series, ascending; nothing is asked of the source.

        The index is a UTC ``DatetimeIndex`` named ``time``, of bars' starts (the exchange's date at 00:00 for daily
        and longer bars). The columns ``open high low close volume`` are float64, and so are ``wap count`` where the
        source gives them. ``adjust`` is ``none`` (as traded on the day), ``splits`` (on today's split basis) or
        ``all`` (dividends and capital gains taken out too). The other arguments are as in ``submit``.

        :raises NotFoundError: when nothing of the kind was ever collected.
        :raises InvalidRequestError: when an argument is not understood.
        """
        wanted = interval_of(interval)
        span = Span(_instant("start", start, EVER.start), _instant("end", end, EVER.end, is_end=True))
        with in_app():
            row = find_series(symbol, source, wanted, option_texts(source, options))
            return _frame(open_bars(row.id, adjust, span))


def _ask(picked: Picked, asked: Asked) -> Outcome:
    with in_app() as context:
        if isinstance(picked, Batch):
            came = ask_batch(context, picked.id, asked)
        else:
            came = ask_each(context, [picked] if isinstance(picked, int) else picked, asked)
        changed = [record(context, row) for row in came.changed]
    return Outcome(changed, {refused.job_id: str(refused.why) for refused in came.refused})


def _jobs(wanted: JobFilter, limit: int) -> list[JobRecord]:
    with in_app() as context:
        with reading() as connection:
            rows = jobs.page(connection, wanted, limit=limit)
        return [record(context, row) for row in rows]


def _batch_jobs(batch: int | Batch) -> list[JobRecord]:
    if not isinstance(batch, Batch):
        return _jobs(JobFilter(batch_id=batch), _MOST)[::-1]
    with in_app() as context:
        with reading() as connection:
            rows = [jobs.get(connection, job_id) for job_id in batch.job_ids]
        return [record(context, row) for row in rows if row is not None]


def _moment(field: str, value: Moment | None) -> dt.date | None:
    return moment_of(field, value) if isinstance(value, str) else value


def _instant(field: str, value: Moment | None, otherwise: int, *, is_end: bool = False) -> int:
    """Return epoch seconds; as an end, a date is the day's end."""
    moment = _moment(field, value)
    if moment is None:
        return otherwise
    if not isinstance(moment, dt.datetime):
        midnight = dt.datetime(moment.year, moment.month, moment.day, tzinfo=dt.UTC)
        moment = midnight + dt.timedelta(days=int(is_end))
    aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return int(aware.timestamp())


def _frame(stored: StoredBars) -> pd.DataFrame:
    names = [*_NAMES, *(["wap", "count"] if stored.has_wap else [])]
    pages = _wide_pages(stored) if stored.has_wap else _narrow_pages(stored)
    values = np.concatenate([np.empty((0, len(names) + 1)), *pages])
    times = values[:, 0].astype(np.int64)
    if stored.factors.edges:
        _adjust(values, times, stored)
    index = pd.DatetimeIndex(times.astype("datetime64[s]"), name="time").tz_localize("UTC")
    return pd.DataFrame(values[:, 1:], columns=names, index=index)


def _narrow_pages(stored: StoredBars) -> Iterator[_Table]:
    """Yield tables of time, prices and volume, each read in one transaction, without a list of rows in between."""
    width, span, size = len(_NAMES) + 1, stored.span, _PAGE
    while size == _PAGE:
        with stored.reading() as connection:
            rows = bar_pages.short_rows(connection, stored.series.id, span, _PAGE)
            table = np.fromiter(chain.from_iterable(rows), np.float64).reshape(-1, width)
        yield table
        size = len(table)
        span = Span(int(table[-1, 0]) + 1, span.end) if size else span


def _wide_pages(stored: StoredBars) -> Iterator[_Table]:
    """Yield tables with average and count too; what the source left out is NaN."""
    for page in stored.pages(_PAGE):
        yield np.array([np.array(column, np.float64) for column in zip(*page, strict=True)]).T


def _adjust(values: _Table, times: "np.ndarray[tuple[int], np.dtype[np.int64]]", stored: StoredBars) -> None:
    """Multiply prices and volumes by their factors; a whole volume stays whole."""
    place = np.searchsorted(np.array(stored.factors.edges, np.int64), times, side="right")
    prices, volumes = (np.array(factors)[place] for factors in (stored.factors.prices, stored.factors.volumes))
    for column in (1, 2, 3, 4, *([6] if stored.has_wap else [])):
        values[:, column] *= prices
    traded = values[:, 5]
    values[:, 5] = np.where((traded % 1 == 0) & (volumes != 1.0), np.rint(traded * volumes), traded * volumes)
