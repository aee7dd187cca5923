"""One child process: started with its own log, started again when it dies, ended with everything it started."""

import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from webapp.stack.console import say
from webapp.stack.guardian import Guardian
from webapp.stack.processes import kill_group, meaning, spawn

_FIRST_DELAY, _LONGEST_DELAY, _STEADY = 0.5, 30.0, 60.0
_MOST_LOG_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """What is to run.

    :param stop_seconds: how long it may take to end by itself.
    :param is_foundation: whether others need it to take their leave, so that it ends after them.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    stop_seconds: float = 6.0
    is_foundation: bool = False


@dataclass(slots=True)
class Child:
    """A part that runs, or is about to be started again."""

    part: Part
    log: Path
    guardian: Guardian
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    delay: float = _FIRST_DELAY
    start_at: float = 0.0
    early_ends: int = 0
    """How often it has ended, one time after another, without having been up for a minute."""
    end_by: float | None = None

    @property
    def is_alive(self) -> bool:
        """Tell whether its process runs."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it; what it writes goes to its log."""
        with self.log.open("ab") as output:
            self.process = spawn(self.part.command, self.part.environment, output)
        self.guardian.add(self.process.pid, is_foundation=self.part.is_foundation)
        self.started = time.monotonic()

    def watch(self) -> None:
        """Start it again when it has died: soon at first, then after twice as long each time, half a minute at most."""
        self._keep_log_small()
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.start()
        elif (status := self.process.poll()) is not None:
            self.kill()  # what it had started may still hold its port
            if now - self.started > _STEADY:
                self.delay, self.early_ends = _FIRST_DELAY, 0
            say(f"{self.part.name} ended ({meaning(status)}); it starts again in {self.delay:g} s. Log: {self.log}")
            self.early_ends += 1
            self.start_at = now + self.delay
            self.delay = min(self.delay * 2, _LONGEST_DELAY)

    def _keep_log_small(self) -> None:
        """Put a long log aside while it is being written: what follows begins at the top of the emptied file."""
        if self.log.exists() and self.log.stat().st_size > _MOST_LOG_BYTES:
            shutil.copyfile(self.log, self.log.with_suffix(".1.log"))
            with self.log.open("r+b") as file:
                file.truncate()

    def ask_to_end(self) -> None:
        """Ask it to end within its time."""
        self.end_by = time.monotonic() + self.part.stop_seconds
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def is_overdue(self) -> bool:
        """Tell whether it was asked to end and has not done so in its time."""
        return self.is_alive and self.end_by is not None and time.monotonic() > self.end_by

    def kill(self) -> None:
        """End it, and whatever of it is left."""
        if self.process is not None:
            kill_group(self.process)
            self.guardian.remove(self.process.pid)
            self.process = None


def put_aside(log: Path, *, copies: int = 3) -> None:
    """Rotate a log before a new run writes it: ``web.log`` becomes ``web.1.log``, and so on."""
    older = [log, *(log.with_suffix(f".{number}.log") for number in range(1, copies + 1))]
    for newer, target in reversed(list(pairwise(older))):
        if newer.exists():
            newer.replace(target)
