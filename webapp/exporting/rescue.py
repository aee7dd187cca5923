"""What the clock does for exports: delivers, rescues, and clears away what is kept no longer.

Any number of clocks may do so at once: every move is guarded, and a file is deleted after no row names it any more.
"""

import datetime as dt
import logging

from webapp.context import Context
from webapp.database.transactions import reading, writing
from webapp.delivery import deliver_due_rows
from webapp.errors import sentence
from webapp.exporting import queries_exports, queries_moves
from webapp.exporting.background import EXPORTS
from webapp.exporting.folder import draft_name, export_of, folder_of, remove
from webapp.exporting.queries_moves import LostExport

log = logging.getLogger(__name__)

_LIMIT = 100
_REMEMBERED = dt.timedelta(days=30)
"""For how long the row of an export without a file is kept."""


def deliver_due_exports(context: Context) -> int:
    """Send a message for each pending export that none announces; return how many."""
    return deliver_due_rows(context, EXPORTS)


def rescue_lost_exports(context: Context) -> int:
    """Put exports whose worker is silent for longer than a lease back into the queue, or give up; return how many."""
    silent_since = context.now() - dt.timedelta(seconds=context.rules.lease)
    with reading() as connection:
        lost = queries_moves.lost(connection, silent_since, _LIMIT)
    return sum(_rescue(context, export, silent_since) for export in lost)


def _rescue(context: Context, lost: LostExport, silent_since: dt.datetime) -> bool:
    with writing() as connection:
        if lost.crashes + 1 < context.rules.max_attempts:
            won = queries_moves.rescue(connection, lost, silent_since)
        else:
            message = sentence(
                "The worker stopped %(times)d times while it made this file, so it was set aside. Its log may say why "
                "(memory, disk?). Ask for fewer series or a shorter span, or make it again.",
                times=lost.crashes + 1,
            )
            won = queries_moves.give_up(connection, lost, silent_since, message, context.now())
    if won:
        log.warning("export %s: its worker did not report back", lost.claim.export_id)
        remove(context, draft_name(lost.claim))  # large, and nobody's any more
    return won


def clear_exports(context: Context) -> None:
    """Let files go whose time is over, sweep away what no export names, and forget old rows."""
    now = context.now()
    with writing() as connection:
        expired = queries_moves.expire(connection, now)
        queries_exports.forget_before(connection, now - _REMEMBERED)
    for name in expired:
        remove(context, name)
    _sweep(context)


def _sweep(context: Context) -> None:
    """Delete drafts of dead workers and files that were never handed over.

    The folder is listed first: a file that was whole then is named by a row now, or its export is still being made.
    """
    folder = folder_of(context)
    try:
        there = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    except OSError as error:  # the clock has more to do than this
        log.warning("the folder %s cannot be read: %s", folder, error)
        return
    with reading() as connection:  # in this order: what is handed over in between is named then
        running = queries_exports.running(connection)
        named = queries_exports.files(connection)
    for name in there:
        export_id = export_of(name)
        if export_id is not None and name not in named and export_id not in running:
            remove(context, name)
