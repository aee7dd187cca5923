"""A database made by the migrations, in a folder of the test's own."""

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
from flask import Flask

from tests.applications import application
from tests.tables import make_tables
from webapp.config import load_settings
from webapp.context import EXTENSION, Context
from webapp.database.transactions import writing
from webapp.exporting.files import open_export
from webapp.jobs import queries_batches
from webapp.jobs.queries_batches import NewJob
from webapp.kernel.bars import Action, Bar
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.job_states import Priority
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span
from webapp.queue import Queue
from webapp.series import queries_actions as actions
from webapp.series import queries_bars as bars
from webapp.series import queries_coverage as coverage
from webapp.series import queries_series as series

NOON = dt.datetime(2024, 3, 6, 12, 0, tzinfo=dt.UTC)


def write_export(  # the fields of an export
    series_id: int, fmt: str, adjust: str, stream: BinaryIO, step: Interval | None = None, *, zone: str = "UTC"
) -> None:
    stream.writelines(open_export(series_id, fmt, adjust, step=step, zone=zone).chunks)


@dataclass
class HandQueue:
    """A Redis that is there or not, as the test says, and counts how often it is asked."""

    alive: list[str] | None = field(default_factory=list)
    asked: int = 0

    def workers(self) -> list[str] | None:
        self.asked += 1
        return self.alive

    def is_up(self) -> bool:
        return self.alive is not None

    __hash__ = object.__hash__


@dataclass
class Store:
    """An application with a database, and quick ways to put things into it."""

    app: Flask
    context: Context
    queue: HandQueue
    now: dt.datetime = NOON

    def series(
        self, symbol: str = "AAPL", interval: Interval = Interval.D1, *, source: str = "yahoo", variant: str = ""
    ) -> int:
        with writing() as connection:
            return series.ensure(connection, source, symbol, interval, variant)

    def facts(self, series_id: int, **told: Any) -> None:  # noqa: ANN401 -- any fact
        with writing() as connection:
            row = series.get(connection, series_id)
            assert row
            series.update_facts(connection, row.instrument_id, InstrumentFacts(**told), self.now)

    def put(self, series_id: int, several: list[Bar]) -> None:
        with writing() as connection:
            added = bars.upsert(connection, series_id, several)
            series.extend_range(connection, series_id, added, several[0][0], several[-1][0], self.now)

    def silence(self, series_id: int) -> int:
        """Let a source answer that nothing was traded in a day, and return the series."""
        with writing() as connection:
            coverage.record(connection, series_id, Covered(Span(0, DAY), Verdict.EMPTY, int(self.now.timestamp())))
        return series_id

    def act(self, series_id: int, *several: Action) -> None:
        with writing() as connection:
            row = series.get(connection, series_id)
            assert row
            actions.upsert(connection, row.instrument_id, several, 1, self.now)

    def job(self, series_id: int, start: int = 0, chunks: int = 4) -> int:
        with writing() as connection:
            batch = queries_batches.new_batch(connection, "test", self.now)
            new = NewJob(series_id, Span(start, 1000), {}, refresh=False, priority=Priority.NORMAL, chunks_total=chunks)
            return queries_batches.insert_job(connection, batch, new, self.now)[0]


def label(text: str) -> int:
    """Epoch seconds of a date or a date-time, UTC."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())


@contextmanager
def opened(folder: Path, url: str) -> Iterator[Store]:
    """An application on a database that may be empty, with its context pushed."""
    settings = dataclasses.replace(
        load_settings(folder, read_dotenv=False), database_url=url, redis_url="redis://127.0.0.1:1/0"
    )
    with application(settings) as app:
        queue = HandQueue()
        made = Store(app, app.extensions[EXTENSION], queue)
        context = dataclasses.replace(made.context, queue=cast("Queue", queue), now=lambda: made.now)
        app.extensions[EXTENSION] = made.context = context
        with app.app_context():
            yield made


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Store]:
    """A database without tables."""
    with opened(tmp_path, f"sqlite:///{tmp_path / 'test.db'}") as made:
        yield made


@pytest.fixture
def store(bare: Store) -> Store:
    """A database with its tables and nothing in them."""
    make_tables()
    return bare


@pytest.fixture
def recordings(shared_data: Path) -> Path:
    """Where Yahoo's recorded answers lie."""
    return shared_data / "yahoo"


@dataclass(frozen=True)
class Recorded:
    """A recorded daily chart: bars as delivered, actions, and Yahoo's own adjusted closes."""

    bars: list[Bar]
    actions: list[Action]
    adjusted: list[float]


def recorded(folder: Path, name: str) -> Recorded:
    """Read a recorded answer (New York dates)."""
    answer = json.loads((folder / name).read_text())["response"]["bodyJson"]["chart"]["result"][0]
    quote = answer["indicators"]["quote"][0]
    times = [day(time) for time in answer["timestamp"]]
    columns = (quote[name] for name in ("open", "high", "low", "close", "volume"))
    several = [
        (time, *map(float, values), None, None)
        for time, *values in zip(times, *columns, strict=True)
        if None not in values
    ]
    events = answer.get("events", {})
    found = [Action("dividend", day(one["date"]), one["amount"]) for one in events.get("dividends", {}).values()]
    found += [
        Action("split", day(one["date"]), one["numerator"] / one["denominator"])
        for one in events.get("splits", {}).values()
    ]
    return Recorded(several, found, answer["indicators"]["adjclose"][0]["adjclose"])


def day(time: int) -> int:
    """The label of the day that a session's opening lies on (New York and London: the same day in UTC)."""
    return time - time % 86_400
