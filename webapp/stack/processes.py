"""What operating systems do differently: starting a process apart from our terminal, ending all that it started."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import IO


def spawn(command: Sequence[str], environment: Mapping[str, str], output: IO[bytes] | None) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, so that a Ctrl-C at the terminal reaches the supervisor only.

    :param output: where its standard output and errors go; None: to this terminal.
    """
    return subprocess.Popen(  # noqa: S603 -- our own commands
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=None if output is None else subprocess.STDOUT,
        start_new_session=True,
    )


def interrupt(process: subprocess.Popen[bytes]) -> None:
    """Do to a command what Ctrl-C would, so that it leaves the terminal as it found it."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGINT)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it has started, at once; whether the process itself still lives does not matter."""
    if sys.platform == "win32":
        command = ["taskkill", "/T", "/F", "/PID", str(process.pid)]
        subprocess.run(command, check=False, capture_output=True)  # noqa: S603 -- our own command
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: not permitted means all are zombies
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def meaning(status: int) -> str:
    """Return how a process ended, for a person."""
    if status >= 0:
        return f"status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"
