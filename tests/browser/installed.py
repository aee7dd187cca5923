"""A stack whose processes know a source by the entry point of its package alone; other sources lead nowhere."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.plant import Plant
from tests.servers import ROOT, Market, RedisServer, start


@dataclass
class Stack:
    """What runs, and where its site is."""

    plant: Plant
    url: str

    def type(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        return subprocess.run(
            command, cwd=ROOT, env=self.plant.environment, capture_output=True, text=True, timeout=120, check=False
        )


@contextmanager
def running_stack(folder: Path, redis: RedisServer, packages: Path, **settings: str) -> Iterator[Stack]:
    """Run web, clock and worker with a folder of packages on their path; ``settings`` are their environment."""
    nothing = start(["true"], {}, folder / "nothing.log")
    nothing.ended(10)
    nobody = Market("http://127.0.0.1:9", "", "http://127.0.0.1:9", "127.0.0.1:9", nothing)
    with redis.client() as client:
        client.flushall()
    plant = Plant(folder, redis, nobody, PYTHONPATH=str(packages), **settings)
    try:
        _, url = plant.web()
        plant.clock()
        plant.worker()
        yield Stack(plant, url)
    finally:
        plant.end()
