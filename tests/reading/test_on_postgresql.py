"""The same questions, put to a real PostgreSQL."""

import datetime as dt
import io
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import text

from tests.stored import Store, label, opened, write_export
from webapp.catalogue import deletion
from webapp.catalogue.deletion import SeriesBusyError
from webapp.database import schema
from webapp.database.engine import database_url
from webapp.database.transactions import writing
from webapp.jobs import queries_claims
from webapp.jobs.claims import ChunkRecord
from webapp.kernel.bars import Action, Bar
from webapp.kernel.intervals import Interval
from webapp.kernel.spans import Span
from webapp.reading.charts import candles
from webapp.series import queries_series
from webapp.upkeep.doctor import examine
from webapp.upkeep.statistics import statistics_of
from webapp.upkeep.status import readiness, system_status


@pytest.fixture
def postgres(tmp_path: Path, postgres_url: str) -> Iterator[Store]:
    with opened(tmp_path, database_url(postgres_url)) as store:
        schema.upgrade()
        with writing() as connection:
            connection.execute(text("TRUNCATE instrument, job, batch, bar, bar_origin CASCADE"))
        yield store


def test_charts_and_exports_are_the_same(postgres: Store, store: Store) -> None:
    start = label("2024-03-04T00:00:00")
    bars: list[Bar] = [(start + 60 * n, 10.0 + n % 7, 20.0, 5.0, 11.0, float(n), None, None) for n in range(3000)]
    shown, written = [], []
    for stored in (postgres, store):
        with stored.app.app_context():
            series_id = stored.series(interval=Interval.M1)
            stored.put(series_id, bars)
            stored.act(series_id, Action("dividend", label("2024-03-05"), 1.0))
            shown.append([candles(series_id, adjust="all", max_points=max_points) for max_points in (5000, 500, 60, 2)])
            stream = io.BytesIO()
            write_export(series_id, "csv", "all", stream)
            written.append(stream.getvalue())
    assert shown[0] == shown[1]
    assert [stored.step for stored in shown[0]] == ["1m", "15m", "1h", "1wk"]
    assert written[0] == written[1]


def test_the_system_can_be_looked_at(postgres: Store) -> None:
    postgres.job(postgres.series())
    assert all(readiness(postgres.context).values())
    assert system_status(postgres.context).pending == 1
    assert statistics_of(postgres.context).all.by_source == {"yahoo": 1}
    assert examine(postgres.context, {})[0].is_good


def test_deleting_a_series_and_committing_a_chunk_wait_for_each_other_and_never_both(postgres: Store) -> None:
    series_id = postgres.series()
    postgres.put(series_id, [(0, 1.0, 1.0, 1.0, 1.0, 1.0, None, None)])
    with writing() as connection:
        claim = queries_claims.claim(
            connection, postgres.job(series_id), "worker", postgres.now, dt.timedelta(minutes=1)
        )
    assert claim
    has_counted, deleting = Event(), Event()
    outcome: list[object] = []

    def commit() -> None:
        with postgres.app.app_context(), writing() as connection:
            queries_claims.commit_chunk(
                connection, claim, ChunkRecord(Span(0, 86_400), 1, 0, 0, 86_400, 1.0), postgres.now
            )
            has_counted.set()
            assert deleting.wait(30)
            wait_for_a_lock(postgres)
            queries_series.lock_for_write(connection, series_id)
            outcome.append("committed")

    worker = Thread(target=commit)
    worker.start()
    assert has_counted.wait(30)
    deleting.set()
    with pytest.raises(SeriesBusyError):
        deletion.delete(postgres.context, series_id)
    worker.join()
    assert outcome == ["committed"]


def wait_for_a_lock(postgres: Store) -> None:
    """Wait until somebody waits for a lock."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    for _ in range(3000):
        with writing() as connection:
            if connection.execute(query).scalar_one():
                return
        time.sleep(0.01)
    pytest.fail("nobody waits for a lock")
