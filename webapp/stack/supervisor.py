"""Starts parts in order, keeps them running, and ends them in the opposite order."""

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from webapp.stack.children import Child, Part

_GLANCE = 0.2


class NotReadyError(Exception):
    """Something did not come up in time."""


class Supervisor:
    """Keeps parts running until it is told to stop."""

    def __init__(self, logs: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._logs = logs
        self._children: list[Child] = []
        self.stopping = threading.Event()

    def obey_signals(self) -> None:
        """Stop on Ctrl-C and SIGTERM."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.stopping.set())

    def start(self, part: Part) -> None:
        """Start a part and keep it running from now on."""
        child = Child(part, self._logs)
        child.start()
        self._children.append(child)

    def wait_for(self, is_ready: Callable[[], bool], what: str, seconds: float) -> None:
        """Watch until something is ready.

        :raises NotReadyError: when it takes too long, or we are told to stop.
        """
        until = time.monotonic() + seconds
        while not is_ready():
            if self.stopping.is_set() or time.monotonic() > until:
                raise NotReadyError(f"{what} is not ready after {seconds:g} s; see the logs in {self._logs}")
            self.glance()

    def glance(self) -> None:
        """Look once at every child, then wait a moment."""
        for child in self._children:
            child.watch()
        self.stopping.wait(_GLANCE)

    def watch(self) -> None:
        """Keep everything running until told to stop."""
        while not self.stopping.is_set():
            self.glance()

    def stop(self) -> None:
        """End everything: the last started first, each asked before it is made to."""
        self.stopping.set()
        for child in reversed(self._children[1:]):
            child.ask_to_end()
        for child in reversed(self._children[1:]):
            child.end()
        for child in self._children[:1]:  # the queue goes last, so that workers can take their leave
            child.ask_to_end()
            child.end()
