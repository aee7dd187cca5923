"""Bringing in a file of one's own: it is kept for a day, checked as a whole, and then written by a job like any other.

Web and workers share the folder of uploads. Nothing of it is needed once a job is over.
"""

import filecmp
import logging
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from webapp.collecting.job_delivery import deliver_jobs
from webapp.context import Context
from webapp.coverage import queries_calendars
from webapp.coverage.rules_exchanges import ALWAYS, WEEKDAYS
from webapp.database.transactions import writing
from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.importing.preview import wish_of
from webapp.importing.reading import Ask, facts_of, target_problems, with_hours
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
from webapp.sources.own.rules_imported import BadLines
from webapp.sources.own.uploads import Report, Upload, Wish, upload_of

log = logging.getLogger(__name__)

ORIGIN = "import"
_TIME_LIMIT = 600
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Begun:
    """What became of an import: its job, or None with what is wrong with the file's lines."""

    job_id: int | None
    report: Report


def begin(context: Context, uploaded: Uploaded, ask: Ask) -> Begun:
    """Check a whole file, and submit the job that writes its bars; nothing is queued when a line is wrong and matters.

    :raises InvalidRequestError: with a sentence for each field that is wrong, ``file`` among them.
    """
    problems = target_problems(ask)
    try:
        wish = wish_of(context, ask)
    except InvalidRequestError as err:
        raise InvalidRequestError(err.fields | problems) from err
    if problems:
        raise InvalidRequestError(problems)
    token, staged = new_upload(context)
    try:
        staged.write("wish", wish)
        staged.write("facts", _facts(context, ask, wish))
        report = _checked(uploaded.upload, staged)
        stops = report.bad > 0 and ask.bad is BadLines.STOP
        job_id = None if stops else _submit(context, ask, token, report)
    except (InvalidRequestError, OSError, SQLAlchemyError):
        shutil.rmtree(staged.folder, ignore_errors=True)
        raise
    if job_id is None:
        shutil.rmtree(staged.folder, ignore_errors=True)
    else:
        deliver_jobs(context, [job_id])
    return Begun(job_id, report)


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


def _submit(context: Context, ask: Ask, token: str, report: Report) -> int:
    """Make the job, for the caller to announce: without a queue the clock does that later.

    :raises InvalidRequestError: when there is nothing to write.
    """
    if report.first is None or report.last is None or ask.interval is None:
        message = sentence("Not one line of this file makes a bar. Look at the columns, and at how dates are written.")
        raise InvalidRequestError({"file": message})
    now = context.now()
    offer = OwnOffer()
    options, span = {UPLOAD: token}, Span(report.first, bar_end(report.last, ask.interval))
    with writing() as connection:
        series_id = queries_series.ensure(connection, offer.name, ask.symbol, ask.interval, offer.variant(options))
        new = NewJob(series_id, span, options, refresh=True, priority=Priority.HIGH, chunks_total=1)
        batch_id = queries_batches.new_batch(connection, ORIGIN, now)
        job_id, is_new = queries_batches.insert_job(connection, batch_id, new, now)
        if not is_new and not _is_same(context, queries_jobs.get(connection, job_id), token):
            raise InvalidRequestError({"file": _not_over(job_id)})
        if is_new:
            queries_events.append_event(connection, job_id, "submitted", now, actor=ORIGIN)
        row = queries_series.get(connection, series_id)
        if row is not None and ask.calendar:
            queries_calendars.choose(connection, row.instrument_id, ask.calendar)
    return job_id


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
