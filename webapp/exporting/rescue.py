"""What the clock does for exports: delivers, rescues, and clears away what is kept no longer.

Any number of clocks may do so at once: every move is guarded, and a file is deleted after no row names it any more.
"""

import datetime as dt
import logging

from webapp.context import Context
from webapp.database.transactions import reading, writing
from webapp.errors import sentence
from webapp.exporting import queries_exports, queries_moves
from webapp.exporting.background import deliver
from webapp.exporting.folder import draft_name, export_of, folder_of, remove
from webapp.exporting.queries_moves import LostExport

log = logging.getLogger(__name__)

_MOST = 100
_TRUSTED_TICKS = 2
_LONG_TRUSTED = dt.timedelta(minutes=15)
_REMEMBERED = dt.timedelta(days=30)
"""For how long the row of an export without a file is kept."""


def deliver_due_exports(context: Context) -> int:
    """Send a message for each pending export that none announces; return how many.

    A message counts as lost as for jobs (``recover.deliver_due``): when the queue is empty for two ticks, or after a
    quarter of an hour.
    """
    now = context.now()
    soon = dt.timedelta(seconds=max(2.0, _TRUSTED_TICKS * context.rules.tick))
    with reading() as connection:
        due = queries_exports.due(connection, now - soon, _MOST)
    waiting = context.queue.length() if due else None
    if waiting is None:
        return 0
    if waiting:
        with reading() as connection:
            due = queries_exports.due(connection, now - _LONG_TRUSTED, _MOST)
    return sum(deliver(context, export_id) for export_id in due)


def rescue_lost_exports(context: Context) -> int:
    """Put exports whose worker is silent for longer than a lease back into the queue, or give up; return how many."""
    silent_since = context.now() - dt.timedelta(seconds=context.rules.lease)
    with reading() as connection:
        lost = queries_moves.lost(connection, silent_since, _MOST)
    return sum(_rescue(context, one, silent_since) for one in lost)


def _rescue(context: Context, one: LostExport, silent_since: dt.datetime) -> bool:
    with writing() as connection:
        if one.crashes + 1 < context.rules.max_attempts:
            won = queries_moves.rescue(connection, one, silent_since)
        else:
            message = sentence(
                "The worker stopped %(times)d times while it made this file, so it was set aside. Its log may say why "
                "(memory, disk?). Ask for fewer series or a shorter span, or make it again.",
                times=one.crashes + 1,
            )
            won = queries_moves.give_up(connection, one, silent_since, message, context.now())
    if won:
        log.warning("export %s: its worker did not report back", one.claim.export_id)
        remove(context, draft_name(one.claim))  # large, and nobody's any more
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
