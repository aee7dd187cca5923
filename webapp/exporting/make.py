"""Making the file of an export, by a worker: written under a draft's name, and handed over when it is whole.

A worker that dies leaves a draft behind and the row running; the clock puts it back into the queue
(``rescue``), and the next attempt begins anew under a name of its own. What the first one still does when it
wakes up is refused by the attempt that it carries.
"""

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

from webapp.context import Context
from webapp.database.transactions import DATABASE_FAILURES, writing
from webapp.errors import LeaseLostError, MoissonError, Sentence, sentence
from webapp.exporting import queries_exports, queries_moves
from webapp.exporting.archive import open_file
from webapp.exporting.files import Export, Tally
from webapp.exporting.folder import draft_name, final_name, folder_of, remove, why_not_written
from webapp.exporting.queries_exports import ExportRow
from webapp.exporting.queries_moves import ExportClaim, MadeFile
from webapp.exporting.rules_exports import FILE_KEPT_FOR
from webapp.reading.steadiness import SeriesChangedError

log = logging.getLogger(__name__)

_BEAT_SECONDS = 2.0


def run(context: Context, export_id: int, is_draining: Callable[[], bool]) -> None:
    """Make the file of a pending export; whatever happens is written into its row, except a lost database.

    :param is_draining: tells whether the worker has been asked to stop: the export is then given back.
    """
    with writing() as connection:
        claim = queries_moves.claim(connection, export_id, context.now())
        row = queries_exports.get(connection, export_id)
    if claim is None or row is None:
        log.info("export %s: nothing to do", export_id)
        return
    try:
        _make_or_explain(context, claim, row, is_draining)
    except LeaseLostError as error:
        log.info("export %s: given up: %s", export_id, error)
    except DATABASE_FAILURES:
        log.exception("export %s: the database failed; the clock delivers it again", export_id)


def _make_or_explain(context: Context, claim: ExportClaim, row: ExportRow, is_draining: Callable[[], bool]) -> None:
    """Make the file, or write into the row why there is none.

    :raises LeaseLostError: when the export is no longer ours: cancelled, deleted, or taken over.
    """
    try:
        _make(context, claim, row, is_draining)
    except (LeaseLostError, *DATABASE_FAILURES):
        raise
    except SeriesChangedError:
        log.warning("export %s: a series was changed while it was read; it is made anew", row.id)
        _release(claim)
    except MoissonError as error:
        _fail(context, claim, error.message)
    except OSError as error:
        log.warning("export %s could not be written: %s", row.id, error)
        _fail(context, claim, why_not_written(context, error))
    except Exception as error:
        log.exception("export %s: a defect of ours", row.id)
        _fail(context, claim, sentence("An unexpected error (%(error)s).", error=type(error).__name__))


def _make(context: Context, claim: ExportClaim, row: ExportRow, is_draining: Callable[[], bool]) -> None:
    folder = folder_of(context)
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / draft_name(claim)
    opened = open_file(row.asked, row.created_at)
    try:
        if _write(draft, opened, _ExportHeartbeat(context, claim, opened.tally), is_draining):
            _hand_over(context, claim, draft, row.filename, opened.tally)
        else:
            _release(claim)
    finally:
        remove(context, draft.name)


def _write(draft: Path, opened: Export, heartbeat: "_ExportHeartbeat", is_draining: Callable[[], bool]) -> bool:
    """Write the file and tell whether it is whole; it is not when the worker has been asked to stop.

    :raises LeaseLostError: when the export is no longer ours.
    """
    with draft.open("wb") as file:
        for chunk in opened.chunks:
            file.write(chunk)
            heartbeat.renew()
            if is_draining():
                return False
        file.flush()
        os.fsync(file.fileno())  # a disk that is full may say so only now
    return True


def _hand_over(context: Context, claim: ExportClaim, draft: Path, filename: str, tally: Tally) -> None:
    """Give the whole file its name, then write it down; a file that is nobody's by then is deleted."""
    name = final_name(claim, filename)
    draft.replace(draft.with_name(name))
    size = draft.with_name(name).stat().st_size
    file = MadeFile(name, size, tally.rows, context.now() + FILE_KEPT_FOR)
    try:
        with writing() as connection:
            queries_moves.finish(connection, claim, file, context.now())
    except DATABASE_FAILURES:
        raise  # it may have been written all the same
    except Exception:
        remove(context, name)
        raise


def _release(claim: ExportClaim) -> None:
    """Give an export back: the clock delivers it to the next worker."""
    with writing() as connection:
        queries_moves.release(connection, claim)


def _fail(context: Context, claim: ExportClaim, message: Sentence) -> None:
    with writing() as connection:
        queries_moves.fail(connection, claim, message, context.now())


class _ExportHeartbeat:
    """Renews the lease with the progress while a file is written, and learns whether it is still wanted."""

    def __init__(self, context: Context, claim: ExportClaim, tally: Tally) -> None:
        self._context = context
        self._claim = claim
        self._tally = tally
        self._renewed_at = time.monotonic()

    def renew(self) -> None:
        """Renew the lease when the last time was two seconds ago.

        :raises LeaseLostError: when the export is no longer ours, and when the database cannot be written for as long
            as a lease: another worker may have taken the export then.
        """
        silent = time.monotonic() - self._renewed_at
        lease = self._context.rules.lease
        if silent < min(_BEAT_SECONDS, lease / 4):
            return
        try:
            with writing() as connection:
                queries_moves.renew_lease(connection, self._claim, self._tally.rows, self._context.now())
        except DATABASE_FAILURES as error:
            log.warning("the heartbeat of export %s could not be written", self._claim.export_id, exc_info=True)
            if silent >= lease:
                raise queries_moves.lease_lost(self._claim) from error
        else:
            self._renewed_at = time.monotonic()
