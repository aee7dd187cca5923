"""Starts parts in order, keeps them running, and ends them: first those that lean on others."""

import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType

from webapp.stack.children import Child, Part, put_aside
from webapp.stack.console import say
from webapp.stack.guardian import Guardian
from webapp.stack.processes import interrupt, kill_group, spawn

_GLANCE = 0.2
_HOPELESS = 4
_COMMAND_STOP_SECONDS = 2.0


class NotReadyError(Exception):
    """Something did not come up, or we were told to stop before it had."""


class Supervisor:
    """Keeps parts running until it is told to stop. Everything happens in the main thread."""

    def __init__(self, logs: Path, guardian: Guardian) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._logs = logs
        self._guardian = guardian
        self._guardian.watch()
        self.children: list[Child] = []
        self._hurries = False
        self.stopping = threading.Event()

    def obey_signals(self) -> None:
        """Stop on Ctrl-C, SIGTERM and a closed terminal; on a second one, at once."""
        names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
        for number in (getattr(signal, name) for name in names if hasattr(signal, name)):
            signal.signal(number, self._told_to_stop)

    def _told_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._hurries = self.stopping.is_set()
        self.stopping.set()

    def start(self, part: Part) -> None:
        """Start a part and keep it running from now on."""
        log = self._logs / f"{part.name}.log"
        put_aside(log)
        child = Child(part, log, self._guardian)
        self.children.append(child)
        child.start()

    def wait_for(self, is_ready: Callable[[], bool], what: str, seconds: float) -> None:
        """Watch until something is ready.

        :raises NotReadyError: when it takes too long, a part keeps ending, or we are told to stop.
        """
        until = time.monotonic() + seconds
        while not is_ready():
            if self.stopping.is_set():
                raise NotReadyError("Stopped before everything was ready.")
            hopeless = next((child for child in self.children if child.early_ends >= _HOPELESS), None)
            if hopeless:
                raise NotReadyError(f"{hopeless.part.name} does not stay up; its log says why: {hopeless.log}")
            if time.monotonic() > until:
                raise NotReadyError(f"{what} is not ready after {seconds:g} s; see the logs in {self._logs}")
            self.glance()

    def run(
        self, command: Sequence[str], environment: Mapping[str, str], meanwhile: Callable[[], object] = bool
    ) -> int:
        """Run a command in this terminal while watching over the parts, and return its status.

        :param meanwhile: called several times a second.
        """
        process = spawn(command, environment, output=None)
        self._guardian.add(process.pid, is_foundation=False)
        while process.poll() is None and not self.stopping.is_set():
            self.glance()
            meanwhile()
        interrupt(process)
        until = time.monotonic() + _COMMAND_STOP_SECONDS
        while process.poll() is None and time.monotonic() < until:
            time.sleep(_GLANCE / 4)
        kill_group(process)
        self._guardian.remove(process.pid)
        return process.returncode

    def glance(self) -> None:
        """Look once at every child, then wait a moment."""
        self._guardian.watch()
        for child in self.children:
            child.watch()
        self.stopping.wait(_GLANCE)

    def watch(self) -> None:
        """Keep everything running until told to stop."""
        while not self.stopping.is_set():
            self.glance()

    def stop(self) -> None:
        """End everything, each asked before it is made to; foundations last, so that others can take their leave."""
        self.stopping.set()
        for are_foundations in (False, True):
            self._end([child for child in self.children if child.part.is_foundation is are_foundations])
        self._guardian.end()

    def _end(self, children: Sequence[Child]) -> None:
        for child in children:
            child.ask_to_end()
        while any(child.is_alive for child in children) and not self._hurries:
            for child in children:
                if child.is_overdue():
                    say(f"{child.part.name} did not end in {child.part.stop_seconds:g} s and is killed.")
                    child.kill()
            time.sleep(_GLANCE / 4)
        for child in children:
            child.kill()
