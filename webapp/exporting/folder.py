"""The folder that holds the files of exports: web and workers share it."""

import errno
import logging
from pathlib import Path

from webapp.context import Context
from webapp.errors import Sentence, sentence
from webapp.exporting.queries_moves import ExportClaim

log = logging.getLogger(__name__)

_FULL = (errno.ENOSPC, errno.EDQUOT)


def folder_of(context: Context) -> Path:
    """Return the folder; it may not be there yet."""
    return context.folder / "exports"


def draft_name(claim: ExportClaim) -> str:
    """Return the name of a file while it is written; each attempt has its own, so that none disturbs another."""
    return f"{claim.export_id}-{claim.attempt}.part"


def final_name(claim: ExportClaim, filename: str) -> str:
    """Return the name of a whole file; it is never that of another attempt."""
    return f"{claim.export_id}-{claim.attempt}{Path(filename).suffix}"


def export_of(name: str) -> int | None:
    """Return the id of the export that a file of this name belongs to; None for a file that is none of ours."""
    number = name.partition("-")[0]
    return int(number) if number.isascii() and number.isdigit() else None


def remove(context: Context, name: str) -> None:
    """Delete a file; one that cannot be deleted now is swept away later, since no export names it any more."""
    try:
        (folder_of(context) / name).unlink(missing_ok=True)
    except OSError as error:
        log.warning("the export file %s could not be deleted: %s", name, error)


def why_not_written(context: Context, error: OSError) -> Sentence:
    """Return what a person should do about a file that could not be written."""
    folder = str(folder_of(context))
    if error.errno in _FULL:
        return sentence(
            "The disk with the folder %(folder)s is full. Make room there, or delete old exports; then make it again.",
            folder=folder,
        )
    return sentence(
        "The worker cannot write into the folder %(folder)s (%(reason)s). Let it write there, or set MOISSON_FOLDER to "
        "another folder for web, worker and clock; then make it again.",
        folder=folder,
        reason=error.strerror or type(error).__name__,
    )
