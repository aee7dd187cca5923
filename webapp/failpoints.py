"""Labelled lines at which a test lets a process die, fail, dawdle or freeze.

Without ``MOISSON_FAILPOINTS`` nothing happens. The variable names a file with a point and an action, as
``fetched:kill``. Whoever hits the point first takes the file away and acts; with ``fetched:kill:always`` the file
stays, and so everybody does.
"""

import os
import signal
import time
from enum import StrEnum
from pathlib import Path

VARIABLE = "MOISSON_FAILPOINTS"


class Failpoint(StrEnum):
    """The lines of the collect loop between which a process may end."""

    CLAIMED = "claimed"
    PLANNED = "planned"
    FETCHED = "fetched"
    FENCED = "fenced"
    WRITTEN = "written"
    COVERED = "covered"
    COMMITTED = "committed"
    FINISHING = "finishing"
    LEFT = "left"


class FailpointError(Exception):
    """A test let this line fail."""


def hit(point: Failpoint) -> None:
    """Do what a test wants to happen here, if any does."""
    path = os.environ.get(VARIABLE)
    if path:
        _act(Path(path), point)


def _act(path: Path, point: Failpoint) -> None:
    try:
        target, action, *arguments = path.read_text(encoding="ascii").split(":")
        if target != point:
            return
        if "always" not in arguments:
            path.rename(path.with_suffix(".struck"))
    except FileNotFoundError:
        return  # another process was first
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif action == "sleep":
        time.sleep(float(arguments[0]))
    else:
        raise FailpointError(point.value)
