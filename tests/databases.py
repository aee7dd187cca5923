"""The stores on SQLite and on a real PostgreSQL: each test runs on both."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import text

from webapp.app import create_app
from webapp.config import load_settings
from webapp.database.engine import database_url
from webapp.database.transactions import writing
from webapp.extensions import db

_TABLES = (
    "rollup",
    "rollup_stale",
    "rollup_state",
    "series_figures",
    "series_deletion",
    "bar_origin",
    "bar_flag",
    "bar_difference",
    "restatement",
    "job_event",
    "chunk",
    "job",
    "batch",
    "action",
    "coverage",
    "bar",
    "series",
    "instrument",
    "process",
)


def empty_tables() -> None:
    """Delete what earlier tests left: they all share one PostgreSQL."""
    with writing() as connection:
        for table in _TABLES:
            connection.execute(text(f"DELETE FROM {table}"))


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    url = f"sqlite:///{tmp_path / 'test.db'}"
    if request.param == "postgresql":
        url = database_url(request.getfixturevalue("postgres_url"))
    settings = dataclasses.replace(load_settings(tmp_path, read_dotenv=False), database_url=url)
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade()
        empty_tables()
        yield app
        db.engine.dispose()
