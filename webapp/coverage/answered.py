"""Whether a source has told anything of a series: what was never answered is not found, and no empty series."""

from collections.abc import Mapping

from sqlalchemy import Connection

from webapp.database.transactions import reading
from webapp.errors import NotFoundError, Sentence, sentence
from webapp.jobs import queries_jobs
from webapp.jobs.queries_jobs import JobFilter, JobRow
from webapp.kernel.job_states import JobState
from webapp.kernel.plans import Verdict
from webapp.series import queries_actions, queries_coverage, queries_series
from webapp.series.existing import require_series_in
from webapp.series.queries_series import SeriesRow


def is_answered(connection: Connection, row: SeriesRow) -> bool:
    """Tell whether anything is known of a series: bars, or a source's word that there are none."""
    return row.rows > 0 or queries_coverage.has_answer(connection, row.id)


def require_answered(series_id: int) -> SeriesRow:
    """Return a series of which something is known, read in a transaction of its own.

    :raises NotFoundError: when there is none of this id, or nothing was ever told of it; it says what its last job met.
    """
    with reading() as connection:
        return require_answered_in(connection, series_id)


def require_answered_in(connection: Connection, series_id: int) -> SeriesRow:
    """Do the same in the caller's transaction.

    :raises NotFoundError: see ``require_answered``.
    """
    row = require_series_in(connection, series_id)
    if not is_answered(connection, row):
        raise NotFoundError(_describe_unanswered(connection, row))
    return row


def require_known_instrument(series_id: int) -> SeriesRow:
    """Return a series of whose instrument something is known: by another series of it, or by an action.

    :raises NotFoundError: when there is none of this id, or nothing was ever told of the instrument.
    """
    with reading() as connection:
        row = require_series_in(connection, series_id)
        siblings = queries_series.of_instrument(connection, row.source, row.symbol)
        is_known = any(is_answered(connection, sibling) for sibling in siblings)
        if not is_known and not queries_actions.read(connection, row.instrument_id):
            raise NotFoundError(_describe_unanswered(connection, row))
    return row


def describe_no_bars(connection: Connection, row: SeriesRow) -> Sentence | None:
    """Say why a series has no bars: nothing was told of it, or that there are none; None for one that has some."""
    is_missing = not is_answered(connection, row)
    return _describe_unanswered(connection, row) if is_missing else describe_empty(connection, row)


def _describe_unanswered(connection: Connection, row: SeriesRow) -> Sentence:
    params = {"interval": row.interval.value, "symbol": row.symbol, "source": row.source}
    return describe_missing(params, describe_last_job(connection, row))


def describe_missing(params: Mapping[str, str], reason: Sentence | None) -> Sentence:
    """Say that there are no bars of a series: ``interval``, ``symbol``, ``source``; and why, where that is known."""
    if reason is None:
        return sentence("There are no %(interval)s bars of %(symbol)s from %(source)s. Collect them first.", **params)
    return sentence("There are no %(interval)s bars of %(symbol)s from %(source)s. %(reason)s", **params, reason=reason)


def describe_last_job(connection: Connection, row: SeriesRow) -> Sentence | None:
    """Say what came of the last job of a series; None when there is none on record."""
    jobs = queries_jobs.page(connection, JobFilter(series_id=row.id), limit=1)
    return _describe(jobs[0]) if jobs else None


def _describe(job: JobRow) -> Sentence:
    if job.is_active:
        bare = sentence("Job %(job)d asks for them and is not over yet.", job=job.id)
        why = sentence("Job %(job)d asks for them and is not over yet: %(why)s", job=job.id, why=job.message or "")
    elif job.state is JobState.FAILED:
        bare = sentence("Job %(job)d asked for them and failed.", job=job.id)
        why = sentence("Job %(job)d asked for them and failed: %(why)s", job=job.id, why=job.message or "")
    elif job.state is JobState.CANCELLED:
        return sentence("Job %(job)d asked for them and was cancelled.", job=job.id)
    else:
        bare = sentence("Job %(job)d asked for them and brought nothing.", job=job.id)
        why = sentence("Job %(job)d asked for them and brought nothing: %(why)s", job=job.id, why=job.note or "")
    return why if job.message or job.note else bare


def describe_empty(connection: Connection, row: SeriesRow) -> Sentence | None:
    """Say that a series has no bars although its source answered; None for one that has some."""
    if row.rows:
        return None
    if all(part.verdict is Verdict.EMPTY for part in queries_coverage.read(connection, row.id)):
        return sentence("There are no bars: the source answered that nothing was traded in what it was asked for.")
    return sentence("There are no bars: what the source answered is not believed yet, or was taken out.")
