"""Parts that are a few lines of Python, and the whole stack as a person starts it."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers import Running, start
from webapp.stack.children import Part
from webapp.stack.guardian import Guardian
from webapp.stack.supervisor import Supervisor


def script(name: str, text: str, *, stop_seconds: float = 20.0, is_foundation: bool = False) -> Part:
    return Part(name, (sys.executable, "-S", "-c", text), os.environ, stop_seconds, is_foundation)


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    made = Supervisor(tmp_path / "logs", Guardian())
    yield made
    made.stop()


StartStack = Callable[..., Running]


@pytest.fixture
def start_stack(tmp_path: Path) -> Iterator[StartStack]:
    """Start ``python -m webapp.stack`` on a folder of the test's own; settings are given by their names."""
    running: list[Running] = []

    def begin(*words: str, **settings: str) -> Running:
        command = [sys.executable, "-m", "webapp.stack", *words, "--folder", str(tmp_path / "installation")]
        running.append(start(command, {**os.environ, **settings}, tmp_path / f"terminal-{len(running)}.txt"))
        return running[-1]

    yield begin
    for one in running:
        one.end(timeout=30)
