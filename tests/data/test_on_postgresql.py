"""The same questions, put to a real PostgreSQL."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from webapp.domain.bars import Action, Bar
from webapp.domain.intervals import Interval
from webapp.services import schema
from webapp.services.charts import candles
from webapp.services.doctor import examine
from webapp.services.statistics import statistics_of
from webapp.services.status import readiness, system_status
from webapp.store.engine import database_url
from webapp.store.transactions import writing

from .conftest import Store, label, opened, write_export


@pytest.fixture
def postgres(tmp_path: Path, postgres_url: str) -> Iterator[Store]:
    with opened(tmp_path, database_url(postgres_url)) as made:
        schema.upgrade()
        with writing() as connection:
            connection.execute(text("TRUNCATE job_event, chunk, job, batch, action, coverage, bar, series, instrument"))
        yield made


def test_charts_and_exports_are_the_same(postgres: Store, store: Store) -> None:
    start = label("2024-03-04T00:00:00")
    bars: list[Bar] = [(start + 60 * n, 10.0 + n % 7, 20.0, 5.0, 11.0, float(n), None, None) for n in range(3000)]
    shown, written = [], []
    for one in (postgres, store):
        with one.app.app_context():
            series_id = one.series(interval=Interval.M1)
            one.put(series_id, bars)
            one.act(series_id, Action("dividend", label("2024-03-05"), 1.0))
            shown.append([candles(series_id, adjust="all", max_points=most) for most in (5000, 500, 60, 2)])
            stream = io.BytesIO()
            write_export(series_id, "csv", "all", stream)
            written.append(stream.getvalue())
    assert shown[0] == shown[1]
    assert [one.step for one in shown[0]] == ["1m", "15m", "1h", "1wk"]
    assert written[0] == written[1]


def test_the_system_can_be_looked_at(postgres: Store) -> None:
    postgres.job(postgres.series())
    assert all(readiness(postgres.context).values())
    assert system_status(postgres.context).pending == 1
    assert statistics_of(postgres.context).all.by_source == {"yahoo": 1}
    assert examine(postgres.context, {})[0].is_good
