"""Where output goes: files that are exchanged whole, standard output, and a sentence where nothing can be written."""

import errno
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from webapp.errors import Sentence, sentence

STANDARD = Path("-")
"""What a person writes for standard output."""
_FULL = (errno.ENOSPC, errno.EDQUOT)


def write_file(chunks: Iterable[bytes], output: Path) -> None:
    """Write beside the file and exchange the two at the end, so that a failed export leaves the old one whole.

    What is no file (a pipe, a device) is written to as it is.

    :raises OSError: with the path as its file name.
    """
    is_special = output.exists() and not output.is_file()
    target = output.resolve()  # a link stays a link
    beside = output if is_special else target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with beside.open("wb") as stream:
            stream.writelines(chunks)
        if not is_special:
            beside.replace(target)
    except BrokenPipeError:
        raise
    except OSError as err:
        raise OSError(err.errno, err.strerror, str(output)) from err
    finally:
        if not is_special:
            beside.unlink(missing_ok=True)


def write_standard_output(chunks: Iterable[bytes]) -> None:
    """Write bytes to standard output as they come."""
    for chunk in chunks:
        sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()


def explain_write_failure(error: OSError) -> Sentence:
    """Return a sentence for a file, or for standard output, that could not be written."""
    place, words = str(error.filename or ""), error.strerror or type(error).__name__
    if error.errno in _FULL:
        if place:
            return sentence("%(place)s could not be written: the disk is full (%(words)s).", place=place, words=words)
        return sentence("The output could not be written: the disk is full (%(words)s).", words=words)
    if not place:
        return sentence("The output could not be written (%(words)s).", words=words)
    folder = Path(place).absolute().parent
    if error.errno == errno.ENOENT and not folder.exists():
        return sentence("There is no folder %(folder)s. Make it first, or name another file.", folder=str(folder))
    return sentence("%(place)s could not be opened or written (%(words)s).", place=place, words=words)


def release_standard_output() -> None:
    """Let go of a standard output that takes nothing more, or Python fails once more when it flushes at its end."""
    try:
        descriptor = sys.stdout.fileno()
    except (OSError, ValueError):  # it is no file: a test's, or a notebook's
        return
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, descriptor)
    os.close(nothing)
