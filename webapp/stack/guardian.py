"""A process that outlives the supervisor, to end the others when it was killed outright and could not do so itself.

It reads from a pipe which groups of processes there are; the pipe closes when the supervisor is gone, whatever ended
it. (Linux can signal children whose parent died, but all at once: a worker whose Redis ends with it hangs.)
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

_PATIENCE, _FOUNDATION_PATIENCE = 8.0, 1.0


@dataclass(slots=True)
class Guardian:
    """The supervisor's end of the pipe; on Windows there is none.

    :param held: open files that the guardian keeps open: a lock on them lasts until all has ended.
    """

    held: tuple[int, ...] = ()
    _groups: dict[int, bool] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None

    def watch(self) -> None:
        """Start the process, at first and when it has died."""
        if sys.platform == "win32" or (self._process is not None and self._process.poll() is None):
            return
        self._process = subprocess.Popen(  # noqa: S603 -- our own command
            [sys.executable, "-S", "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=self.held,
            cwd=Path(__file__).parents[2],
        )
        for group, is_foundation in self._groups.items():
            self._tell(f"{'last' if is_foundation else 'first'} {group}")

    def add(self, group: int, *, is_foundation: bool) -> None:
        """Let it know of a group; foundations are ended after the others."""
        self._groups[group] = is_foundation
        self._tell(f"{'last' if is_foundation else 'first'} {group}")

    def remove(self, group: int) -> None:
        """Let it know that a group has ended, before its number can mean another."""
        if self._groups.pop(group, None) is not None:
            self._tell(f"gone {group}")

    def _tell(self, line: str) -> None:
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # it has died; the next watch starts it and tells it all
                self._process.stdin.write(f"{line}\n".encode())
                self._process.stdin.flush()

    def end(self) -> None:
        """Let it end what is left, if anything."""
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
            self._process.wait()


def guard(lines: Iterable[str]) -> None:
    """Keep a list of groups while there are lines, then end those that are left."""
    groups: dict[int, str] = {}
    for line in lines:
        what, _, number = line.strip().partition(" ")
        if what == "gone":
            groups.pop(int(number), None)
        else:
            groups[int(number)] = what
    for turn, patience in (("first", _PATIENCE), ("last", _FOUNDATION_PATIENCE)):
        _end([group for group, when in groups.items() if when == turn], patience)


def _end(groups: list[int], patience: float) -> None:
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(group, signal.SIGTERM)
    until = time.monotonic() + patience
    while any(_exists(group) for group in groups) and time.monotonic() < until:
        time.sleep(0.1)
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def _exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    guard(sys.stdin)
