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
from webapp.sources.own.checked import SAMPLE
from webapp.sources.own.files import Line, first_lines, layout_of
from webapp.sources.own.offer import UPLOAD, OwnOffer
from webapp.sources.own.rules_imported import Layout, UnreadableFileError
from webapp.sources.own.uploads import UPLOADS, About, Upload, upload_of

log = logging.getLogger(__name__)

LARGEST_FILE = 200_000_000
"""Bytes of a file that may be imported."""
KEPT = dt.timedelta(days=1)
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file that was uploaded, and the token that it is found by."""

    token: str
    upload: Upload
    about: About


def folder_of(context: Context) -> Path:
    """Return the folder of uploads; it may not be there yet."""
    return context.folder / UPLOADS


def receive(context: Context, stream: IO[bytes], filename: str) -> str:
    """Keep an uploaded file, and return the token that it is found by.

    :raises InvalidRequestError: with the field ``file`` when it is no table, or cannot be kept.
    """
    token, upload = new_upload(context)
    try:
        _keep(upload, stream, filename)
    except UnreadableFileError as err:
        raise InvalidRequestError({"file": err.message}) from err
    except OSError as err:
        raise _not_kept(context, err) from err
    finally:
        if not upload.is_known:
            shutil.rmtree(upload.folder, ignore_errors=True)
    return token


def _keep(upload: Upload, stream: IO[bytes], filename: str) -> None:
    """Write a file to its folder, and beside it what it is.

    :raises UnreadableFileError: when it is no table.
    :raises OSError: when it cannot be kept.
    """
    with upload.original.open("wb") as file:
        shutil.copyfileobj(stream, file, _PIECE)
    layout: Layout = layout_of(upload.original)
    upload.write("about", About(Path(filename).name[:120], upload.original.stat().st_size, layout))


def find(context: Context, token: str) -> Uploaded:
    """Return an uploaded file.

    :raises NotFoundError: when it has been cleared away, or never was.
    """
    upload = upload_of(folder_of(context), token)
    try:
        if upload is not None:
            return Uploaded(token, upload, upload.about())
    except FileNotFoundError:
        log.info("asked for the upload %s, which is no longer there", token)
    raise NotFoundError(sentence("This file is no longer here: it is kept for a day. Upload it once more."))


def head_of(uploaded: Uploaded) -> list[Line]:
    """Return the first lines of a file as they stand in it: a number and the columns each.

    :raises UnreadableFileError: when they cannot be read.
    """
    return first_lines(uploaded.upload.original, uploaded.about.layout, SAMPLE + 1)


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
