"""One installation is run by one supervisor: two would start two queue servers on the same files."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from webapp.errors import SettingsError, sentence
from webapp.stack.console import say

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_PATIENCE = 15.0


@contextmanager
def sole(folder: Path) -> Iterator[int]:
    """Hold a folder for as long as this process lives, however it ends.

    Yields the number of an open file for those who end what we leave behind, should we be killed: the next run waits
    until they have closed it.

    :raises SettingsError: when another supervisor holds the folder.
    """
    with (folder / "supervisor.lock").open("a") as lock, (folder / "guardian.lock").open("a") as shared:
        if not _locked(lock):
            raise _taken(folder)
        until = time.monotonic() + _PATIENCE
        is_told = False
        while not _locked(shared):
            if time.monotonic() > until:
                raise _taken(folder)
            if not is_told:
                say("What an earlier run has left is still ending …")
                is_told = True
            time.sleep(0.2)
        yield shared.fileno()


def _taken(folder: Path) -> SettingsError:
    message = sentence(
        "Moisson already runs from %(folder)s. Use that one, or end it first (Ctrl-C in its terminal).",
        folder=str(folder),
    )
    return SettingsError(message)


def _locked(file: IO[str]) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
