"""An application on a folder of its own, with a queue whose worker the test plays, and a terminal to type into."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
from click.testing import Result
from flask import Flask

from tests.applications import application
from tests.tables import make_tables
from webapp.config import load_settings
from webapp.context import EXTENSION, Context
from webapp.database.transactions import writing
from webapp.errors import QueueAwayError, sentence
from webapp.jobs import queries_claims, queries_jobs
from webapp.jobs.claims import ChunkRecord, Release
from webapp.kernel.bars import Bar
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.job_states import JobState, Priority
from webapp.kernel.spans import Span
from webapp.queue import Queue, TaskName
from webapp.series import queries_bars, queries_series
from webapp.sources.manifest import SourceSettings


@dataclass
class HandQueue:
    """A queue that works on each job at once as the test says, or is away."""

    work: Callable[[int], None] = lambda _job_id: None
    is_away: bool = False
    alive: list[str] = field(default_factory=lambda: ["celery@test"])

    __hash__ = object.__hash__

    def enqueue(self, task: TaskName, ident: int, priority: Priority = Priority.NORMAL) -> None:
        if self.is_away:
            raise QueueAwayError(sentence("away"))
        self.work(ident)

    def workers(self) -> list[str] | None:
        return None if self.is_away else self.alive

    def is_up(self) -> bool:
        return not self.is_away


@dataclass
class Terminal:
    """Types commands and holds what came back."""

    app: Flask
    context: Context
    queue: HandQueue

    def type(self, *words: str, env: dict[str, str] | None = None) -> Result:
        plain = {"LC_ALL": None, "LC_MESSAGES": None, "LANG": None} | (env or {})
        return self.app.test_cli_runner().invoke(args=list(words), env=plain)


def finish(job_id: int, state: JobState = JobState.SUCCEEDED) -> None:
    """Work on a job as a worker does: five daily bars, then over."""
    now = dt.datetime.now(dt.UTC)
    bars: list[Bar] = [(n * DAY, 10.0, 12.0, 9.0, 11.0, 100.0, None, None) for n in range(5)]
    with writing() as connection:
        claim = queries_claims.claim(connection, job_id, "worker", now, dt.timedelta(minutes=1))
        assert claim
        job = queries_jobs.get(connection, job_id)
        assert job
        if state is JobState.SUCCEEDED:
            added = queries_bars.upsert(connection, job.series_id, bars)
            queries_series.extend_range(connection, job.series_id, added, 0, 4 * DAY, now)
            done = ChunkRecord(Span(0, 5 * DAY), rows=5, blanks=0, chunks_left=0, reached=5 * DAY, seconds=0.1)
            queries_claims.commit_chunk(connection, claim, done, now)
        message = sentence("There is no %(symbol)s.", symbol=job.symbol)
        leaving = Release(state, message=message if state is JobState.FAILED else None)
        queries_claims.release(connection, claim, leaving, now)


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Terminal]:
    """A terminal before ``init-db``."""
    settings = dataclasses.replace(
        load_settings(tmp_path, read_dotenv=False),
        database_url=f"sqlite:///{tmp_path / 'test.db'}",
        redis_url="redis://:secret-word@127.0.0.1:1/0",
    )
    proxied: SourceSettings = {"proxy": "http://me:secret-word@proxy.example:8080", "requests_per_second": 0.5}
    settings = dataclasses.replace(settings, sources={**settings.sources, "yahoo": proxied})
    with application(settings) as app:
        queue = HandQueue()
        context = dataclasses.replace(app.extensions[EXTENSION], queue=cast("Queue", queue))
        app.extensions[EXTENSION] = context
        yield Terminal(app, context, queue)


@pytest.fixture
def terminal(bare: Terminal) -> Terminal:
    """A terminal with a database that is ready."""
    with bare.app.app_context():
        make_tables()
    return bare


def stored_series(
    terminal: Terminal, symbol: str = "AAPL", interval: Interval = Interval.D1, source: str = "yahoo", bars: int = 5
) -> int:
    """A series with so many daily bars."""
    with terminal.app.app_context(), writing() as connection:
        series_id = queries_series.ensure(connection, source, symbol, interval, "")
        rows: list[Bar] = [(n * DAY, 10.0, 12.0, 9.0, 11.0, 100.0, None, None) for n in range(bars)]
        queries_bars.upsert(connection, series_id, rows)
        if bars:
            queries_series.extend_range(connection, series_id, bars, 0, (bars - 1) * DAY, dt.datetime.now(dt.UTC))
        return series_id
