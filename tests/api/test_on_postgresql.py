"""Tokens and keys on a real PostgreSQL; it decides races differently from SQLite."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask

from tests.api.conftest import BODY, make_app, program
from webapp.access.queries_tokens import Scope
from webapp.database import schema
from webapp.database.engine import database_url
from webapp.database.transactions import reading
from webapp.extensions import Base, db
from webapp.jobs import queries_jobs
from webapp.kernel.job_states import JobState


@pytest.fixture(scope="module")
def on_postgresql(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[Flask]:
    app = make_app(Path(tmp_path_factory.mktemp("postgresql")), database_url(postgres_url))
    with app.app_context():
        with db.engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        schema.upgrade()
        yield app
        db.engine.dispose()


def test_two_requests_at_the_same_time_make_one_batch(on_postgresql: Flask) -> None:
    token = program(on_postgresql, Scope.READ, Scope.WRITE).token
    headers = {"Idempotency-Key": "9f1c", "Authorization": f"Bearer {token}"}
    barrier = threading.Barrier(8)

    def send(_: int) -> tuple[int, bytes]:
        client = on_postgresql.test_client()
        barrier.wait()
        answer = client.post("/api/v1/jobs", json=BODY, headers=headers)
        return answer.status_code, answer.data

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(send, range(8)))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 202
    with reading() as connection:
        assert queries_jobs.counts_by_state(connection)[JobState.PENDING] == 2
        assert connection.exec_driver_sql("SELECT count(*) FROM batch").scalar() == 1


def test_no_number_is_too_large_to_look_for(on_postgresql: Flask) -> None:
    client = program(on_postgresql, Scope.READ)
    for number in (2**31 - 1, 2**31, 2**63):
        assert client.get(f"/api/v1/jobs/{number}").status_code == 404
        assert client.get(f"/api/v1/series/{number}/bars").status_code == 404
        assert client.get(f"/api/v1/jobs?cursor={number}").status_code == (200 if number < 2**31 else 422)
        assert client.get(f"/api/v1/series?cursor={number}").status_code == (200 if number < 2**31 else 422)


def test_the_migrations_make_what_the_tables_say(on_postgresql: Flask) -> None:
    with reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
