"""The whole product with real processes: web, worker, clock, Redis-compatible server and offline market, for tests."""

import contextlib
import dataclasses
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import flask_migrate

from tests.servers import Market, RedisServer, Running, find_free_port, start, untraced, wait_until
from webapp import failpoints
from webapp.app import create_app
from webapp.collecting import submit as job_services
from webapp.collecting.validation import validate_request
from webapp.config import load_settings
from webapp.context import context
from webapp.database.engine import database_url
from webapp.database.transactions import reading
from webapp.extensions import db
from webapp.jobs import queries_events
from webapp.jobs import queries_jobs as jobs
from webapp.jobs.queries_events import EventRow
from webapp.jobs.queries_jobs import JobFilter, JobRow
from webapp.kernel.bars import Bar
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import JobState
from webapp.kernel.requests import CollectRequest
from webapp.sandbox.control import SandboxClient
from webapp.series import queries_bars as bars
from webapp.series import queries_coverage

POOL = os.environ.get("FAULTS_POOL", "prefork")
"""The pool of workers of which a test does not say it: ``make faults POOL=threads`` runs the same tests on another."""
FAST: dict[str, str] = {
    "YAHOO_REQUESTS_PER_SECOND": "20",
    "YAHOO_COOLDOWN_SECONDS": "0.02",
    "JOB_LEASE_SECONDS": "4",
    "CLOCK_TICK_SECONDS": "0.5",
}


class Plant:
    """An installation in a folder of its own, whose processes a test starts, freezes and kills."""

    def __init__(self, folder: Path, redis: RedisServer, market: Market, **settings: str) -> None:
        self.folder, self.redis = folder, redis
        self.market = SandboxClient(market.control)
        self.running: list[Running] = []
        self.kept: dict[str, Running] = {}
        mine = {
            **FAST,
            "MOISSON_FOLDER": str(folder),
            "REDIS_URL": redis.url,
            "YAHOO_PROXY": market.proxy,
            "YAHOO_CA_BUNDLE": market.ca_bundle,
            "IB_HOST": market.tws.rpartition(":")[0],
            "IB_PORT": market.tws.rpartition(":")[2],
            "IB_NIGHTLY_WINDOW": "",
            "MOISSON_SIMULATED": "true",
            "LOG_LEVEL": "INFO",
            failpoints.VARIABLE: str(folder / "failpoint"),
            **settings,
        }
        self.environment = {**untraced(), **mine, "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "default"}
        plain = load_settings(folder, read_dotenv=False)
        url = database_url(settings.get("DATABASE_URL", plain.database_url))
        self.app = create_app(dataclasses.replace(plain, redis_url=redis.url, database_url=url))
        with self.app.app_context():
            flask_migrate.upgrade()

    def strike(self, point: str, action: str) -> None:
        """Let whoever reaches a failpoint first do something (see ``webapp.failpoints``)."""
        waiting = self.folder / "failpoint.new"
        waiting.write_text(f"{point}:{action}", encoding="ascii")
        waiting.rename(self.folder / "failpoint")

    @property
    def has_struck(self) -> bool:
        return not (self.folder / "failpoint").exists()

    def begin(self, name: str, *command: str, **environment: str) -> Running:
        running = start(
            [sys.executable, "-m", *command], {**self.environment, **environment}, self.folder / f"{name}.log"
        )
        self.running.append(running)
        return running

    def worker(self, name: str = "one", pool: str = POOL, concurrency: int = 2) -> Running:
        words = ("celery", "-A", "worker", "worker", "--loglevel=info", "--without-gossip", "--without-mingle")
        more = ("-n", f"{name}@%h", "-P", pool, "-c", str(concurrency))
        calm = {"REMAP_SIGTERM": "SIGQUIT"} if pool == "prefork" else {}
        running = self.begin(f"worker-{name}", *words, *more, **calm)
        wait_until(lambda: "ready." in running.text or not running.is_alive, f"worker {name} is ready")
        assert running.is_alive, running.text
        return running

    def kept_worker(self, name: str = "one") -> Running:
        """Start a worker with one slot, and start it again whenever a wait finds that it has died, as `make run` does.

        With prefork only a child dies, and its parent replaces it.
        """
        self.kept[name] = self.worker(name, concurrency=1)
        return self.kept[name]

    def _replace_the_dead(self) -> None:
        for name, running in self.kept.items():
            if not running.is_alive:
                self.kept[name] = self.worker(name, concurrency=1)

    def clock(self) -> Running:
        return self.begin("clock", "flask", "--app", "wsgi", "clock")

    def web(self, port: int = 0) -> tuple[Running, str]:
        port = port or find_free_port()
        running = self.begin("web", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app", PORT=str(port))
        wait_until(lambda: "Booting worker" in running.text or not running.is_alive, "the web server is up")
        assert running.is_alive, running.text
        return running, f"http://127.0.0.1:{port}"

    def submit(
        self,
        *symbols: str,
        interval: Interval = Interval.D1,
        source: str = "yahoo",
        **request: Any,  # noqa: ANN401
    ) -> list[int]:
        with self.app.app_context():
            valid = validate_request(CollectRequest(source, symbols, interval, **request), context().now())
            return list(job_services.submit(context(), valid, "test").job_ids)

    def job(self, job_id: int) -> JobRow:
        with self.app.app_context():
            return job_services.find(job_id)

    def jobs(self) -> list[JobRow]:
        with self.app.app_context(), reading() as connection:
            return jobs.page(connection, JobFilter(), limit=1000)

    def wait(self, *job_ids: int, timeout: float = 120) -> list[JobRow]:
        """Wait until the jobs (all, without any) are over, and return them."""

        def over() -> bool:
            self._replace_the_dead()
            return not any(job.is_active for job in self.jobs() if not job_ids or job.id in job_ids)

        wait_until(over, f"jobs are over: {[(j.id, j.state, str(j.message)) for j in self.jobs()]}", timeout)
        return [job for job in reversed(self.jobs()) if not job_ids or job.id in job_ids]

    def bars(self, job_id: int) -> list[Bar]:
        with self.app.app_context(), reading() as connection:
            job = jobs.get(connection, job_id)
            assert job is not None
            return bars.read(connection, job.series_id)

    def log(self, job_id: int) -> list[EventRow]:
        """Return a job's events, oldest first."""
        with self.app.app_context(), reading() as connection:
            return list(reversed(queries_events.read(connection, job_id, limit=10_000)))

    def covered(self, job_id: int) -> list[tuple[int, int, str]]:
        with self.app.app_context(), reading() as connection:
            job = jobs.get(connection, job_id)
            assert job is not None
            known = queries_coverage.read(connection, job.series_id)
            return [(one.span.start, one.span.end, one.verdict.value) for one in known]

    def asked(self, symbol: str, status: int | None = None) -> list[dict[str, Any]]:
        """Return the data requests for a symbol that reached the market, by its own log."""
        log = self.market.log()
        return [e for e in log if e["symbol"] == symbol and (status is None or e["status"] == status)]

    def stranger(self) -> sqlite3.Connection:
        """A connection to the database that is none of ours."""
        return sqlite3.connect(self.folder / "moisson.db", isolation_level=None, timeout=30)

    def end(self) -> None:
        """Ask everything to end, so that it can also write down which lines it went through; then make it."""
        alive = [running for running in self.running if running.is_alive]
        for running in alive:
            running.send_group(signal.SIGCONT)
            running.process.terminate()
        until = time.monotonic() + 10
        for running in alive:
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.process.wait(max(0.1, until - time.monotonic()))
            running.kill()
        with self.app.app_context():
            db.engine.dispose()


@contextmanager
def plant(folder: Path, redis: RedisServer, market: Market, **settings: str) -> Iterator[Plant]:
    made = Plant(folder, redis, market, **settings)
    made.market.clear()
    with redis.client() as client:
        client.flushall()
    try:
        yield made
    finally:
        made.end()


def succeeded(found: list[JobRow]) -> bool:
    return all(job.state is JobState.SUCCEEDED for job in found)
