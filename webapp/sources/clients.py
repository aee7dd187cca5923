"""The sources' clients of a process: each opened on first use, by the process that uses it (a fork opens its own)."""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from webapp.sources.base import Client, ClientTools
from webapp.sources.registry import open_client


@dataclass
class Clients:
    """All clients of a process; threads share them.

    ``tools`` makes what a source's client is handed.
    """

    tools: Callable[[str], ClientTools]
    _opened: dict[tuple[int, str], Client] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self, source: str) -> Client:
        """Return a source's client."""
        key = (os.getpid(), source)
        with self._lock:
            if key not in self._opened:
                self._opened[key] = open_client(source, self.tools(source))
            return self._opened[key]

    def close(self) -> None:
        """Close this process's clients, so that what they hold elsewhere is free at once."""
        for (pid, _), client in list(self._opened.items()):
            if pid == os.getpid():
                client.close()
