"""Making the file of an export, by a worker: written under a draft's name, and handed over when it is whole.

A worker that dies leaves a draft behind and the row running; the clock puts it back into the queue
(``export_rescue``), and the next attempt begins anew under a name of its own. What the first one still does when it
wakes up is refused by the attempt that it carries.
"""

import datetime as dt
import logging
import os
import time
from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from webapp.context import Context
from webapp.database.transactions import writing
from webapp.errors import MoissonError, Sentence, sentence
from webapp.exporting import queries_exports, queries_moves
from webapp.exporting.archive import open_file
from webapp.exporting.files import Export, Tally
from webapp.exporting.folder import draft_name, final_name, folder_of, remove, why_not_written
from webapp.exporting.queries_exports import ExportRow
from webapp.exporting.queries_moves import ExportClaim, MadeFile
from webapp.reading.steadiness import SeriesChangedError

log = logging.getLogger(__name__)

KEPT = dt.timedelta(days=7)
"""For how long a file is kept."""
_BEAT_SECONDS = 2.0


class _End(Enum):
    """How the writing of a file ended."""

    WHOLE = auto()
    LOST = auto()
    """The export is no longer this worker's: cancelled, deleted, or taken over."""
    DRAINED = auto()
    """The worker has been asked to stop."""


def run(context: Context, export_id: int, is_draining: Callable[[], bool]) -> None:
    """Make the file of a pending export; whatever happens is written into its row, except a lost database.

    :param is_draining: tells whether the worker has been asked to stop: the export is then given back.
    """
    with writing() as connection:
        held = queries_moves.claim(connection, export_id, context.now())
        row = queries_exports.get(connection, export_id)
    if held is None or row is None:
        log.info("export %s: nothing to do", export_id)
        return
    try:
        _make(context, held, row, is_draining)
    except SeriesChangedError:
        log.warning("export %s: a series was changed while it was read; it is made anew", export_id)
        _let_go(held)
    except MoissonError as error:
        _fail(context, held, error.message)
    except OSError as error:
        log.warning("export %s could not be written: %s", export_id, error)
        _fail(context, held, why_not_written(context, error))
    except SQLAlchemyError:
        log.exception("export %s: the database failed; the clock delivers it again", export_id)
    except Exception as error:
        log.exception("export %s: a defect of ours", export_id)
        _fail(context, held, sentence("An unexpected error (%(error)s).", error=type(error).__name__))


def _make(context: Context, held: ExportClaim, row: ExportRow, is_draining: Callable[[], bool]) -> None:
    folder = folder_of(context)
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / draft_name(held)
    opened = open_file(row.asked, row.created_at)
    try:
        end = _write(draft, opened, _ExportHeartbeat(context, held, opened.tally), is_draining)
        if end is _End.WHOLE:
            _hand_over(context, held, draft, row.filename, opened.tally)
        elif end is _End.DRAINED:
            _let_go(held)
    finally:
        remove(context, draft.name)


def _write(draft: Path, opened: Export, heartbeat: "_ExportHeartbeat", is_draining: Callable[[], bool]) -> _End:
    with draft.open("wb") as file:
        for chunk in opened.chunks:
            file.write(chunk)
            if not heartbeat.is_ours():
                return _End.LOST
            if is_draining():
                return _End.DRAINED
        file.flush()
        os.fsync(file.fileno())  # a disk that is full may say so only now
    return _End.WHOLE


def _hand_over(context: Context, held: ExportClaim, draft: Path, filename: str, tally: Tally) -> None:
    """Give the whole file its name, then write it down; a file that is nobody's by then is deleted."""
    name = final_name(held, filename)
    draft.replace(draft.with_name(name))
    size = draft.with_name(name).stat().st_size
    made = MadeFile(name, size, tally.rows, context.now() + KEPT)
    with writing() as connection:
        is_ours = queries_moves.finish(connection, held, made, context.now())
    if not is_ours:
        remove(context, name)


def _let_go(held: ExportClaim) -> None:
    """Give an export back: the clock delivers it to the next worker."""
    with writing() as connection:
        queries_moves.let_go(connection, held)


def _fail(context: Context, held: ExportClaim, message: Sentence) -> None:
    with writing() as connection:
        queries_moves.fail(connection, held, message, context.now())


class _ExportHeartbeat:
    """Gives signs of life with the progress while a file is written, and learns whether it is still wanted."""

    def __init__(self, context: Context, held: ExportClaim, tally: Tally) -> None:
        self._context = context
        self._held = held
        self._tally = tally
        self._last = time.monotonic()

    def is_ours(self) -> bool:
        """Tell whether to go on; the database is asked every two seconds.

        When it cannot be written for as long as a lease, another worker may have taken the export: then it is not.
        """
        silent = time.monotonic() - self._last
        lease = self._context.rules.lease
        if silent < min(_BEAT_SECONDS, lease / 4):
            return True
        try:
            with writing() as connection:
                is_ours = queries_moves.beat(connection, self._held, self._tally.rows, self._context.now())
        except SQLAlchemyError:
            log.warning("the heartbeat of export %s could not be written", self._held.export_id, exc_info=True)
            return silent < lease
        self._last = time.monotonic()
        return is_ours
