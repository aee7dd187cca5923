"""One child process: started with its own log, started again when it dies, ended with everything it started."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from webapp.stack.console import say

_FIRST_DELAY, _LONGEST_DELAY, _STEADY = 0.5, 30.0, 60.0
_PR_SET_PDEATHSIG = 1
_KEPT_LOG_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """What is to run. ``stop_seconds`` is how long it may take to end by itself."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    stop_seconds: float = 5.0


def _end_with_parent() -> None:
    """On Linux: be told to end when the supervisor is gone, even when it was killed outright."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(slots=True)
class Child:
    """A part that runs, or is about to be started again."""

    part: Part
    logs: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    delay: float = _FIRST_DELAY
    start_at: float = 0.0
    restarts: int = field(default=0)

    def start(self) -> None:
        """Start it in a session of its own, so that a Ctrl-C at the terminal reaches the supervisor only."""
        log = self.logs / f"{self.part.name}.log"
        if log.exists() and log.stat().st_size > _KEPT_LOG_BYTES:
            log.replace(log.with_suffix(".old.log"))
        with log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603 -- our own commands
                self.part.command,
                env=dict(self.part.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 -- no threads here
            )
        self.started = time.monotonic()

    def watch(self) -> None:
        """Start it again when it has died: soon at first, then after twice as long each time, half a minute at most."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.restarts += 1
                self.start()
            return
        status = self.process.poll()
        if status is None:
            return
        self.delay = _FIRST_DELAY if now - self.started > _STEADY else min(self.delay * 2, _LONGEST_DELAY)
        self.start_at = now + self.delay
        self.process = None
        say(f"{self.part.name} ended ({_meaning(status)}); starting it again in {self.delay:g} s")

    def ask_to_end(self) -> None:
        """Ask it to end, and not to come back."""
        self.start_at = float("inf")
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end(self) -> None:
        """Wait for its end as long as it may take, then end it and all it has started."""
        if self.process is None:
            return
        try:
            self.process.wait(self.part.stop_seconds)
        except subprocess.TimeoutExpired:
            say(f"{self.part.name} did not end in {self.part.stop_seconds:g} s and is killed")
        _kill_group(self.process)
        self.process.wait()


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if os.name != "posix":
        process.kill()
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _meaning(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"status {status}"
