"""How long bars take over HTTP: ``moisson_client`` beside ``JobManager``, from one database and a live gunicorn.

``make bench`` runs it: with ``client`` on the path, it makes a database of a million bars in a folder of its own, and
measures for a minute.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from moisson_client import Client

from tests.bench.beside import ROUNDS, Work, beside, in_turns, is_quick, tell
from tests.bench.stock import minutes, stock
from tests.servers import find_free_port, start, untraced, wait_until
from tests.stored import Store
from webapp.access import tokens
from webapp.access.queries_tokens import Scope
from webapp.job_manager import JobManager

MOST = 1.3
"""How many times as long it may take as on the server itself."""


@contextmanager
def served(store: Store, folder: Path) -> Iterator[Client]:
    """Serve a database as in production, and yield a client of it that has asked once."""
    port = find_free_port()
    settings = {
        "MOISSON_FOLDER": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'bench.db'}",
        "REDIS_URL": f"redis://127.0.0.1:{find_free_port()}/0",
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
    running = start(command, {**untraced(), **settings}, folder / "web.log")
    try:
        wait_until(lambda: "Booting worker" in running.text or not running.is_alive, "the web server is up")
        assert running.is_alive, running.text
        token = tokens.create(store.context, "bench", [Scope.READ]).text
        with Client(f"http://127.0.0.1:{port}", token) as client:
            yield client
    finally:
        running.end()


def seconds(client: Client, symbol: str, rounds: int) -> dict[str, list[float]]:
    """Return how long a frame of all bars takes through each, in each round."""
    works: dict[str, Work] = {
        "client": lambda: client.bars(symbol, interval="1m"),
        "JobManager": lambda: JobManager.bars(symbol, interval="1m"),
    }
    for work in works.values():
        for _ in range(4):  # so that each process of the server has loaded what it needs
            work()
    return in_turns(works, rounds, time.perf_counter)


def main() -> int:
    """Make the database, measure, and tell."""
    with tempfile.TemporaryDirectory(prefix="moisson-bench-") as name, stock(Path(name)) as store:
        series = minutes(store, 400_000 if is_quick() else 1_000_000)
        with served(store, Path(name)) as client:
            taken = seconds(client, series.symbol, ROUNDS)
    return tell([beside(f"{series.name} → DataFrame over HTTP", taken, "JobManager", MOST)])


if __name__ == "__main__":
    sys.exit(main())
