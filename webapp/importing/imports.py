"""Bringing in a file of one's own: it is kept for a day, checked as a whole, and then written by a job like any other.

Web and workers share the folder of uploads. Nothing of it is needed once a job is over.
"""

import filecmp
import logging
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection

from webapp.collecting.job_delivery import deliver_jobs
from webapp.context import Context
from webapp.coverage import queries_calendars
from webapp.coverage.rules_exchanges import ALWAYS, WEEKDAYS
from webapp.database.transactions import writing
from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.importing.preview import wish_of
from webapp.importing.reading import Ask, facts_of, target_problems, with_hours
from webapp.importing.series import choices_of, symbols_by_ticker
from webapp.importing.uploads import Uploaded, folder_of, new_upload
from webapp.jobs import queries_batches, queries_events, queries_jobs
from webapp.jobs.queries_batches import NewJob
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import bar_end
from webapp.kernel.job_states import Priority
from webapp.kernel.spans import Span
from webapp.series import queries_series
from webapp.sources.own.offer import UPLOAD, OwnOffer
from webapp.sources.own.rules_imported import TICKER, BadLines
from webapp.sources.own.uploads import Report, SeriesReport, Upload, Wish, upload_of

log = logging.getLogger(__name__)

ORIGIN = "import"
_TIME_LIMIT = 600
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Begun:
    """What became of an import: its jobs in one batch, or none with what is wrong with the file's lines."""

    job_ids: tuple[int, ...]
    batch_id: int | None
    report: Report

    @property
    def job_id(self) -> int | None:
        """The only job, or the first of several."""
        return next(iter(self.job_ids), None)


def begin(context: Context, uploaded: Uploaded, ask: Ask) -> Begun:
    """Check a whole file, and submit the jobs that write its bars; nothing is queued when a line is wrong and matters.

    :raises InvalidRequestError: with a sentence for each field that is wrong, ``file`` among them.
    """
    problems = target_problems(ask)
    try:
        symbols = _symbols(uploaded, ask)
        wish = wish_of(context, ask, {})
    except InvalidRequestError as err:
        raise InvalidRequestError(err.fields | problems) from err
    if problems:
        raise InvalidRequestError(problems)
    folders = {symbol: new_upload(context) for symbol in sorted(set(symbols.values()))}
    _, staged = new_upload(context)
    unused = [staged.folder, *(series.folder for _, series in folders.values())]
    try:
        tokens = {symbol: token for symbol, (token, _) in folders.items()}
        staged.write("wish", replace(wish, series={ticker: tokens[symbol] for ticker, symbol in symbols.items()}))
        for _, series in folders.values():
            series.write("facts", _facts(context, ask, wish))
        report = _checked(uploaded.upload, staged)
        stops = report.bad > 0 and ask.bad is BadLines.STOP
        if stops:
            return Begun((), None, report)
        batch_id, job_ids, in_use = _submit(context, ask, {token: symbol for symbol, token in tokens.items()}, report)
        unused = [folder for folder in unused if folder.name not in in_use]
    finally:
        for folder in unused:
            shutil.rmtree(folder, ignore_errors=True)
    deliver_jobs(context, list(job_ids))
    return Begun(job_ids, batch_id, report)


def _symbols(uploaded: Uploaded, ask: Ask) -> Mapping[str, str]:
    """Return the symbols of the series, by what the file calls them: nothing, where no column names them.

    :raises InvalidRequestError: with the field ``ticker`` when none is chosen, or no worker has counted them.
    """
    if TICKER not in ask.columns:
        return {"": ask.symbol}
    tickers = uploaded.upload.tickers(ask.columns[TICKER])
    if tickers is None:
        message = sentence("No worker has read the symbols of this column yet. Wait until they are shown below.")
        raise InvalidRequestError({TICKER: message})
    return symbols_by_ticker(choices_of(tickers, ask))


def _facts(context: Context, ask: Ask, wish: Wish) -> InstrumentFacts:
    facts = facts_of(ask, wish.reading.zone)
    has_hours = ask.calendar not in ("", ALWAYS, WEEKDAYS) and not wish.reading.interval.is_dated
    return with_hours(facts, ask.calendar, int(context.now().timestamp())) if has_hours else facts


def _checked(upload: Upload, staged: Upload) -> Report:
    """Let a process of its own read the whole file.

    :raises InvalidRequestError: when nothing can be had of it, with the field ``file`` or what is still to be said.
    """
    command = [sys.executable, "-m", "webapp.sources.own.checking", str(upload.folder), str(staged.folder)]
    try:
        subprocess.run(command, check=True, timeout=_TIME_LIMIT, cwd=_ROOT)  # noqa: S603 (our own program, no shell)
        report = staged.report()
    except (OSError, subprocess.SubprocessError) as err:
        log.exception("an uploaded file could not be checked")
        message = sentence("The file could not be checked; the web server's log says why. Is there room on the disk?")
        raise InvalidRequestError({"file": message}) from err
    if report.broken:
        raise InvalidRequestError({report.broken_field: report.broken})
    return report


def _submit(
    context: Context, ask: Ask, symbols: Mapping[str, str], report: Report
) -> tuple[int, tuple[int, ...], frozenset[str]]:
    """Make the jobs, for the caller to announce: without a queue the clock does that later.

    Return their batch, their ids, and the tokens of the folders that they read.

    :param symbols: by the token of each series' folder.
    :raises InvalidRequestError: when there is nothing to write.
    """
    if not report.rows:
        message = sentence("Not one line of this file makes a bar. Look at the columns, and at how dates are written.")
        raise InvalidRequestError({"file": message})
    job_ids: list[int] = []
    in_use: set[str] = set()
    with writing() as connection:
        batch_id = queries_batches.new_batch(connection, ORIGIN, context.now())
        for series in report.series:
            if series.rows:
                job_id, is_new = _insert_job(context, connection, batch_id, ask, symbols[series.token], series)
                job_ids.append(job_id)
                in_use |= {series.token} if is_new else set()
    return batch_id, tuple(job_ids), frozenset(in_use)


def _insert_job(
    context: Context, connection: Connection, batch_id: int, ask: Ask, symbol: str, series: SeriesReport
) -> tuple[int, bool]:
    """Make the job of one series; return its id, and whether it is new.

    :raises InvalidRequestError: when a job that is not over writes the same days from another file.
    """
    if series.first is None or series.last is None or ask.interval is None:
        raise InvalidRequestError({"file": sentence("The file is empty.")})
    now, offer, options = context.now(), OwnOffer(), {UPLOAD: series.token}
    span = Span(series.first, bar_end(series.last, ask.interval))
    series_id = queries_series.ensure(connection, offer.name, symbol, ask.interval, offer.variant(options))
    new = NewJob(series_id, span, options, refresh=True, priority=Priority.HIGH, chunks_total=1)
    job_id, is_new = queries_batches.insert_job(connection, batch_id, new, now)
    if not is_new and not _is_same(context, queries_jobs.get(connection, job_id), series.token):
        raise InvalidRequestError({"file": _not_over(job_id)})
    if is_new:
        queries_events.append_event(connection, job_id, "submitted", now, actor=ORIGIN)
    row = queries_series.get(connection, series_id)
    if row is not None and ask.calendar:
        queries_calendars.choose(connection, row.instrument_id, ask.calendar)
    return job_id, is_new


def _is_same(context: Context, job: JobRow | None, token: str) -> bool:
    """Tell whether a job writes the very bars of an upload: a button that was pressed twice."""
    theirs = upload_of(folder_of(context), job.options.get(UPLOAD, "")) if job else None
    ours = upload_of(folder_of(context), token)
    if theirs is None or ours is None or not theirs.bars.exists():
        return False
    return filecmp.cmp(theirs.bars, ours.bars, shallow=False)


def _not_over(job_id: int) -> Sentence:
    return sentence(
        "Job %(job)d, which writes the same days of this series from another file, is not over yet. Wait for it or "
        "cancel it, then import again.",
        job=job_id,
    )
