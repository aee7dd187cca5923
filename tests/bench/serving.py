"""How fast small requests are answered over HTTP: by gunicorn as in production, to one client on one connection.

``python -m tests.bench.serving`` starts the server over a database of its own, and takes half a minute; ``make bench``
runs it.
"""

import contextlib
import http.client
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.beside import Row, is_quick, tell
from tests.bench.stock import stock
from tests.servers import find_free_port, start, untraced, wait_until
from tests.web.factories import Asked, make_series, one_of_each
from webapp.access import tokens
from webapp.access.queries_tokens import Scope
from webapp.kernel.intervals import Interval

_REQUESTS = 1000
_ROUNDS = 3 if is_quick() else 7
_LIMIT = 3.0
"""Seconds for so many requests."""
_MADE = "a month of days made of hours"
"""What is reckoned before it is answered, by the exchange's calendar; it has no limit."""
_EMPTY = "/healthz"
"""What takes as long as server and framework alone."""


def make_data(folder: Path) -> tuple[str, dict[str, str]]:
    """Fill a database, and return a token and what is asked, by what it is called."""
    with stock(folder) as store:
        one_of_each()
        days = make_series(Asked("AAPL", Interval.D1, 3650))
        hours = make_series(Asked("AAPL", Interval.H1, 200))
        token = tokens.create(store.context, "bench", [Scope.READ]).text
        first = Asked().created.date().isoformat()
    since = f"{first[:8]}01"
    return token, {
        "a job": "/api/v1/jobs/1",
        "a batch": "/api/v1/batches/1",
        "a series": f"/api/v1/series/{days}",
        "ten series": "/api/v1/series?limit=10",
        "a month of days, JSON": f"/api/v1/series/{days}/bars?start={since}",
        "a month of days, CSV": f"/api/v1/series/{days}/bars.csv?start={since}",
        _MADE: f"/api/v1/series/{hours}/bars.json?start={since}&interval=1d",
    }


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[http.client.HTTPConnection]:
    """Run the server with its two workers, and yield a connection to it."""
    port = find_free_port()
    environment = untraced() | {
        "MOISSON_FOLDER": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'bench.db'}",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "PORT": str(port),
        "LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
    server = start(command, {**os.environ, **environment}, folder / "gunicorn.log")
    connection = http.client.HTTPConnection("127.0.0.1", port)
    try:
        wait_until(lambda: answers(connection) or not server.is_alive, "the server answers")
        assert server.is_alive, server.text
        yield connection
    finally:
        connection.close()
        server.end()


def answers(connection: http.client.HTTPConnection) -> bool:
    try:
        connection.request("GET", _EMPTY)
        return connection.getresponse().read() is not None
    except OSError:
        connection.close()
        return False


def ask(connection: http.client.HTTPConnection, path: str, token: str) -> float:
    """Ask a thousand times, and return the seconds."""
    began = time.perf_counter()
    for _ in range(_REQUESTS):
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == http.HTTPStatus.OK, body
    return time.perf_counter() - began


def measure(folder: Path) -> list[Row]:
    """Ask for everything in turns, round by round."""
    token, paths = make_data(folder)
    taken: dict[str, list[float]] = {name: [] for name in ("", *paths)}
    with serving(folder) as connection:
        for _ in range(_ROUNDS):
            for name, path in {"": _EMPTY, **paths}.items():
                taken[name].append(ask(connection, path, token))
    empty = statistics.median(taken.pop(""))
    return [
        Row(
            f"{_REQUESTS} × {name}",
            seconds,
            "s",
            f"{_REQUESTS} × {_EMPTY}",
            empty,
            seconds,
            None if name == _MADE else _LIMIT,
        )
        for name, rounds in taken.items()
        for seconds in [statistics.median(rounds)]
    ]


def main() -> int:
    """Measure in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return tell(measure(Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
