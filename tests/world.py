"""An application on a database of its own, with a clock, a queue and a source that the test holds in its hands."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.tables import make_tables
from webapp.app import create_app
from webapp.collecting import submit as job_services
from webapp.collecting.submit import Submission
from webapp.collecting.validation import validate_request
from webapp.collecting.work import run
from webapp.config import Settings, load_settings
from webapp.context import EXTENSION, Context, JobRules
from webapp.errors import QueueAwayError, sentence
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.bars import Bar
from webapp.kernel.gateways import Gateway
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, Interval, bar_end, next_start, period_start
from webapp.kernel.job_states import Priority
from webapp.kernel.requests import CollectRequest
from webapp.kernel.spans import EVER, Span
from webapp.queue import TaskName
from webapp.sources.base import Answer, ChunkRequest, SearchHit
from webapp.sources.rules_answers import find_horizon

NOON = dt.datetime(2024, 3, 6, 12, 0, tzinfo=dt.UTC)
FACTS = InstrumentFacts(
    name="Test",
    kind="EQUITY",
    currency="USD",
    exchange="NYSE",
    timezone="America/New_York",
    session_open=34_200,
    session_close=57_600,
    first_trade=0,
    last_trade=int(NOON.timestamp()),
)


@dataclass
class Clock:
    """A clock that moves only when told."""

    at: dt.datetime = NOON

    def __call__(self) -> dt.datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += dt.timedelta(seconds=seconds)


@dataclass
class HandQueue:
    """A queue that remembers what was sent, and can be away."""

    sent: list[int] = field(default_factory=list)
    is_away: bool = False

    def enqueue(self, task: TaskName, ident: int, priority: Priority = Priority.NORMAL) -> None:
        if self.is_away:
            raise QueueAwayError(sentence("away"))
        self.sent.append(ident)

    def length(self) -> int | None:
        return None if self.is_away else 0


Reply = Answer | Exception | Callable[[ChunkRequest], Answer]


@dataclass
class HandSource:
    """A source that answers daily bars for any span, as far as it is over, unless a reply is put before."""

    now: Callable[[], dt.datetime] = lambda: NOON
    replies: list[Reply] = field(default_factory=list)
    asked: list[ChunkRequest] = field(default_factory=list)

    def fetch(self, request: ChunkRequest) -> Answer:
        self.asked.append(request)
        if self.replies:
            reply = self.replies.pop(0)
            if isinstance(reply, Exception):
                raise reply
            return reply if isinstance(reply, Answer) else reply(request)
        return good(request, self.now())

    def close(self) -> None:
        return

    def search(self, text: str, gateway: Gateway | None = None) -> list[SearchHit]:
        return []


def bar(time: int, close: float | None = None) -> Bar:
    """A bar whose prices follow from its time, and never leap as after a split."""
    close = close if close is not None else 1000 + time % 97
    return (time, close - 1, close + 2, close - 2, close, 1000 + time % 7, None, None)


def good(request: ChunkRequest, now: dt.datetime | None = None) -> Answer:
    """A full answer: a bar for each step of the span (a day, a week), as far as it is over at ``now``."""
    span, interval = request.span, request.interval
    horizon = find_horizon(interval, FACTS, now.timestamp()) if now else EVER.end
    time = period_start(span.start - 1, interval) if interval.is_dated else (span.start - 1) // interval.seconds
    time = next_start(time, interval) if interval.is_dated else (time + 1) * interval.seconds
    bars: list[Bar] = []
    while time < span.end and bar_end(time, interval) <= horizon:
        bars.append(bar(time))
        time = bar_end(time, interval)
    return Answer(bars, [], FACTS, min(span.end, max(horizon, span.start)))


@dataclass
class World:
    """Everything that a test of the services holds."""

    app: Flask
    context: Context
    clock: Clock
    queue: HandQueue
    source: HandSource

    def submit(self, *symbols: str, interval: Interval = Interval.D1, **kwargs: Any) -> list[int]:  # noqa: ANN401 -- a request's fields
        return list(self._submit(symbols, interval, kwargs).job_ids)

    def submit_batch(self, *symbols: str, interval: Interval = Interval.D1, **kwargs: Any) -> int:  # noqa: ANN401 -- a request's fields
        return self._submit(symbols, interval, kwargs).batch_id

    def _submit(self, symbols: tuple[str, ...], interval: Interval, fields: dict[str, Any]) -> Submission:
        request = CollectRequest("yahoo", symbols or ("AAPL",), interval, **fields)
        return job_services.submit(self.context, validate_request(request, self.context.now()), "test")

    def work(self, job_id: int, owner: str = "worker", *, is_draining: bool = False) -> JobRow:
        run(self.context, job_id, owner, lambda: is_draining)
        return job_services.find(job_id)


def settings(folder: Path, **changes: Any) -> Settings:  # noqa: ANN401 -- any setting
    """Settings on a folder of their own, whatever the environment says."""
    plain = load_settings(folder, read_dotenv=False)
    return dataclasses.replace(plain, database_url=f"sqlite:///{folder / 'test.db'}", **changes)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    app = create_app(settings(tmp_path))
    clock, queue = Clock(), HandQueue()
    source = HandSource(now=clock)
    context = dataclasses.replace(
        app.extensions[EXTENSION],
        now=clock,
        queue=queue,
        open_client=lambda _name: source,
        rules=JobRules(lease=60.0, tick=5.0, max_attempts=3),
    )
    app.extensions[EXTENSION] = context
    with app.app_context():
        make_tables()
        yield World(app, context, clock, queue, source)


def days(first: dt.date, last: dt.date) -> Span:
    """The span of the days from first to last, both inside."""
    start = int(dt.datetime(first.year, first.month, first.day, tzinfo=dt.UTC).timestamp())
    end = int(dt.datetime(last.year, last.month, last.day, tzinfo=dt.UTC).timestamp()) + DAY
    return Span(start, end)
