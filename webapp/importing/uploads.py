"""The files that people upload: kept for a day in a folder that web and workers share."""

import datetime as dt
import errno
import logging
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from webapp.context import Context
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError, NotFoundError, sentence
from webapp.jobs import queries_jobs
from webapp.sources.own.offer import UPLOAD, OwnOffer
from webapp.sources.own.uploads import UPLOADS, About, Sent, Upload, upload_of

log = logging.getLogger(__name__)

LARGEST_FILE = 200_000_000
"""Bytes of a file that may be imported."""
KEPT = dt.timedelta(days=1)
_PIECE = 1 << 20
_LONGEST_NAME = 120
_GONE = sentence("This file is no longer here: it is kept for a day. Upload it once more.")


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file that was uploaded and looked at, and the token that it is found by."""

    token: str
    upload: Upload
    about: About


def folder_of(context: Context) -> Path:
    """Return the folder of uploads; it may not be there yet."""
    return context.folder / UPLOADS


def receive(context: Context, stream: IO[bytes], filename: str) -> str:
    """Keep an uploaded file, and return the token that it is found by; it is a worker that looks at it.

    :raises InvalidRequestError: with the field ``file`` when it cannot be kept.
    """
    token, upload = new_upload(context)
    try:
        with upload.sent.open("wb") as file:
            shutil.copyfileobj(stream, file, _PIECE)
        upload.write("sent", Sent(Path(filename).name[:_LONGEST_NAME]))
    except OSError as err:
        shutil.rmtree(upload.folder, ignore_errors=True)
        raise _not_kept(context, err) from err
    return token


def find_upload(context: Context, token: str) -> Upload:
    """Return the folder of an uploaded file, whether or not anybody has looked at it.

    :raises NotFoundError: when it has been cleared away, or never was.
    """
    upload = upload_of(folder_of(context), token)
    if upload is None or not upload.sent.exists():
        log.info("asked for an upload that is not there")
        raise NotFoundError(_GONE)
    return upload


def find(context: Context, token: str) -> Uploaded:
    """Return an uploaded file that was looked at.

    :raises NotFoundError: when it has been cleared away, never was, or nobody has looked at it yet.
    """
    upload = find_upload(context, token)
    try:
        return Uploaded(token, upload, upload.about())
    except FileNotFoundError as err:
        raise NotFoundError(_GONE) from err


def clear(context: Context) -> None:
    """Delete the files that nobody has used for a day; a job that waits for its worker may need its own for longer."""
    oldest = (context.now() - KEPT).timestamp()
    root = folder_of(context)
    with reading() as connection:
        needed = {options.get(UPLOAD) for options in queries_jobs.options_in_use(connection, OwnOffer.name)}
    for folder in root.iterdir() if root.is_dir() else ():
        try:
            if folder.stat().st_mtime < oldest and folder.name not in needed:
                shutil.rmtree(folder)
        except OSError as error:
            log.warning("the upload %s could not be deleted: %s", folder, error)


def new_upload(context: Context) -> tuple[str, Upload]:
    """Make a folder, and return it with the token that it is found by.

    :raises InvalidRequestError: with the field ``file`` when it cannot be made.
    """
    token = secrets.token_hex(16)
    folder = folder_of(context) / token
    try:
        folder.mkdir(parents=True)
    except OSError as err:
        raise _not_kept(context, err) from err
    return token, Upload(folder)


def _not_kept(context: Context, error: OSError) -> InvalidRequestError:
    folder = str(folder_of(context))
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        message = sentence(
            "The disk with the folder %(folder)s is full. Make room there, then try again.", folder=folder
        )
    else:
        message = sentence(
            "The file could not be kept in the folder %(folder)s (%(reason)s). Let the web server write there.",
            folder=folder,
            reason=error.strerror or type(error).__name__,
        )
    return InvalidRequestError({"file": message})
