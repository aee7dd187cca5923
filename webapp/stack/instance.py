"""One installation is run by one supervisor: two would start two queue servers on the same files."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from webapp.errors import SettingsError, sentence

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


@contextmanager
def sole(folder: Path) -> Iterator[None]:
    """Hold a folder for as long as this process lives, however it ends.

    :raises SettingsError: when another process holds it.
    """
    with (folder / "supervisor.lock").open("a+") as file:
        try:
            _lock(file)
        except OSError as err:
            message = sentence(
                "Moisson already runs from %(folder)s. Use that one, or end it first (Ctrl-C in its terminal).",
                folder=str(folder),
            )
            raise SettingsError(message) from err
        yield


def _lock(file: IO[str]) -> None:
    if sys.platform == "win32":
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.set_inheritable(file.fileno(), False)  # noqa: FBT003 -- a child that outlives us must not hold it
